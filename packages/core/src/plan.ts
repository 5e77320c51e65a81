/** A flow laid out for the reducer: each step by its id, with the scope it stands in. */

import type { Flow, Node } from './ir.ts';
import { plannedId } from './compensation/undo-id.ts';

export interface Place {
  readonly node: Node;
  /** Last segment of the id: the name under which siblings read its output. */
  readonly name: string;
  /** The scope around it; null for the root. For a catch body: the scope around the step that it replaces. */
  readonly scope: Place | null;
  /** For a catch body: the step whose error it sees. */
  readonly catches: Place | null;
  /** For a compensation: the step that it undoes. */
  readonly undoes: Place | null;
  /** For a scope: its steps or states by name. */
  readonly steps: ReadonlyMap<string, Place>;
  /** The same in their order. */
  readonly children: readonly Place[];
}

export type Plan = ReadonlyMap<string, Place>;

const plans = new WeakMap<Flow, Plan>();

/** The same object for the same flow, so it is laid out once. */
export function planOf(flow: Flow): Plan {
  const known = plans.get(flow);
  if (known !== undefined) return known;
  const plan = new Map<string, Place>();
  lay(flow.root, null, {}, plan);
  plans.set(flow, plan);
  return plan;
}

/** The steps or states of a scope; none for other steps. */
export function childrenOf(node: Node): readonly Node[] {
  return node.do.k === 'and' ? node.do.steps : node.do.k === 'or' ? node.do.states : [];
}

/** What stands directly in a step: its steps or states, the bodies of its catch, and its compensation. */
export function partsOf(node: Node): readonly Node[] {
  const catches = node.catch.flatMap(({ do: body }) => body ?? []);
  return [...childrenOf(node), ...catches, ...(node.compensate === undefined ? [] : [node.compensate])];
}

/** The id of the step or state `name` of a scope. */
export function childId(scope: string, name: string): string {
  return scope === '' ? name : `${scope}/${name}`;
}

/** A compensation may be named by the id that it is planned or run under. */
export function placeOf(plan: Plan, id: string): Place {
  const place = plan.get(id) ?? plan.get(plannedId(id));
  if (place === undefined) throw new Error(`the flow has no step '${id}'`);
  return place;
}

function lay(node: Node, scope: Place | null, about: Partial<Pick<Place, 'catches' | 'undoes'>>, plan: Map<string, Place>): Place {
  const steps = new Map<string, Place>();
  const children: Place[] = [];
  const name = node.id.slice(node.id.lastIndexOf('/') + 1);
  const place: Place = { node, name, scope, catches: null, undoes: null, ...about, steps, children };
  plan.set(node.id, place);
  for (const child of childrenOf(node)) {
    const laid = lay(child, place, {}, plan);
    steps.set(laid.name, laid);
    children.push(laid);
  }
  for (const entry of node.catch) if (entry.do !== undefined) lay(entry.do, scope, { catches: place }, plan);
  if (node.compensate !== undefined) lay(node.compensate, scope, { undoes: place }, plan);
  return place;
}
