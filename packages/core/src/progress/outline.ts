/** The fans and stages of a flow, as a run begins with them; what they are is said in `board.ts`. */

import type { Flow, Node } from '../ir.ts';
import { childrenOf } from '../plan.ts';

export interface Outline {
  readonly node: string;
  readonly stages: readonly string[];
  readonly fallback: boolean;
  readonly states: boolean;
  /** Of an `each`, known once it opens. */
  readonly total: number;
}

const outlines = new WeakMap<Flow, readonly Outline[]>();

/** The same list for the same flow: each of its runs begins with it. */
export function outlinesOf(flow: Flow): readonly Outline[] {
  const known = outlines.get(flow);
  if (known !== undefined) return known;
  const eaches = outermostEaches(flow.root, false);
  const found = eaches.length > 0 ? eaches : [outlineOf(flow.root, false, 1)];
  outlines.set(flow, found);
  return found;
}

function outermostEaches(node: Node, fallback: boolean): readonly Outline[] {
  if (node.each !== undefined) return [outlineOf(node, fallback)];
  const children = childrenOf(node);
  const catches = node.catch.flatMap((clause) => (clause.do === undefined ? [] : [clause.do]));
  return [...children.flatMap((child) => outermostEaches(child, fallback)), ...catches.flatMap((body) => outermostEaches(body, true))];
}

function outlineOf(node: Node, fallback: boolean, total = 0): Outline {
  const children = childrenOf(node);
  const stages = children.length === 0 ? [node.id] : children.map((child) => child.id);
  return { node: node.id, stages, fallback, states: node.do.k === 'or', total };
}
