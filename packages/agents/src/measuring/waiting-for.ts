/**
 * What a piece of work can have waited for, by the definitions: steps that its own needs, or that a scope around it does,
 * and whatever those wait for in turn; the state before; and a place, of a list's workers or of a pool, that another had.
 *
 * Two pieces are compared where their ways part: up to there they are in the same runs, scopes and items.
 */

import { planOf } from '@scriptorium/core';
import type { Flow, Node, Plan } from '@scriptorium/core';

/** Where something was done. */
export interface Site {
  readonly run: string;
  /** The run's root, or a chunk of items: see `chunkId` of core. */
  readonly actor: string;
  readonly item: number;
  readonly node: string;
}

export interface Waiting {
  /** For what the second one can have waited for the first one to end: `again`, where the first may be an earlier visit. */
  readonly reasonFor: (first: Site, second: Piece) => Reason | null;
}

export type Reason = 'needs' | 'place' | 'again';

/** A piece of work. */
export interface Piece extends Site {
  /** Whether it goes on with what an earlier attempt of its step has begun. */
  readonly goesOn: boolean;
}

/** One scope or step on the way to a site, and the item of it where it has items. */
interface Mark {
  readonly flow: string;
  readonly node: string;
  readonly item: string | null;
}

/** `flows` has the definition of each run; `callers` the step that waits for each run that is not the outermost. */
export function createWaiting(flows: ReadonlyMap<string, Flow>, callers: ReadonlyMap<string, Site>): Waiting {
  const ways = new Map<string, readonly Mark[]>();
  const needed = new Map<Node, ReadonlySet<string>>();

  function wayTo(site: Site): readonly Mark[] {
    const { run, actor, item, node } = site;
    const id = JSON.stringify([run, actor, item, node]);
    const caller = callers.get(run);
    const known = ways.get(id) ?? [...(caller === undefined ? [] : wayTo(caller)), ...marksOf(site)];
    ways.set(id, known);
    return known;
  }

  function nodeOf({ run, node }: Pick<Site, 'run' | 'node'>): Node | undefined {
    const definition = flows.get(run);
    return definition === undefined ? undefined : planOf(definition).get(node)?.node;
  }

  function isState({ flow, node }: Mark): boolean {
    const definition = flows.get(flow);
    return definition !== undefined && planOf(definition).get(node)?.scope?.node.do.k === 'or';
  }

  /** Steps beside it that it needs, or that one of those does. */
  function needsOf(node: Node, plan: Plan): ReadonlySet<string> {
    const known = needed.get(node);
    if (known !== undefined) return known;
    const all = new Set<string>();
    needed.set(node, all);
    for (const id of siblings(node)) {
      all.add(id);
      const place = plan.get(id);
      if (place !== undefined) for (const further of needsOf(place.node, plan)) all.add(further);
    }
    return all;
  }

  function sharesPool(first: Site, second: Site): boolean {
    const [one, other] = [nodeOf(first)?.limit, nodeOf(second)?.limit];
    return one !== undefined && one === other;
  }

  function reasonAt(one: Mark, other: Mark): Reason | null {
    if (one.node === other.node) return 'place';
    const definition = flows.get(other.flow);
    const plan = definition === undefined ? null : planOf(definition);
    const [node, beside] = [plan?.get(other.node), plan?.get(one.node)];
    // Of what is undone or caught, and of a definition that is gone, only the order is known.
    if (plan === null || node === undefined || beside === undefined) return 'needs';
    return node.scope?.node.do.k !== 'and' || needsOf(node.node, plan).has(one.node) ? 'needs' : null;
  }

  return {
    reasonFor: (first, second) => {
      const [ones, others] = [wayTo(first), wayTo(second)];
      const parting = ones.findIndex((mark, index) => !isSame(mark, others[index]));
      const [one, other] = [ones[parting], others[parting]];
      if (one === undefined && ones.length === others.length) return second.goesOn ? 'needs' : 'again';
      // What was done for the same step; or two runs that one step waited for.
      if (one === undefined || other === undefined || one.flow !== other.flow) return 'needs';
      const reason = reasonAt(one, other);
      if (reason !== null) return reason;
      if (sharesPool(first, second)) return 'place';
      return ones.slice(0, parting).some(isState) ? 'again' : null;
    },
  };
}

/** The ids of the steps that a step needs: they stand beside it. */
function siblings({ id, needs }: Node): readonly string[] {
  const scope = id.includes('/') ? `${id.slice(0, id.lastIndexOf('/'))}/` : '';
  return needs.map((need) => (need.includes('/') ? need : `${scope}${need}`));
}

function isSame(one: Mark, other: Mark | undefined): boolean {
  return other !== undefined && one.flow === other.flow && one.node === other.node && one.item === other.item;
}

/** From the outermost scope of the run to the step. Steps of a chunk lie within the step that fanned out. */
function marksOf({ run, actor, item, node }: Site): readonly Mark[] {
  const lists = listsOf(actor, item);
  const parts = node.split('/');
  return parts.map((_, index) => {
    const path = parts.slice(0, index + 1).join('/');
    return { flow: run, node: path, item: lists.get(path.replaceAll('/', '.')) ?? null };
  });
}

const CHUNK = /^(.*)\/(\d+):([^/:@]*)(@[^/:]*)?:(\d+)$/;

/** Which item of each list around it. */
function listsOf(actor: string, item: number): ReadonlyMap<string, string> {
  const lists = new Map<string, string>();
  let inner = item;
  for (let match = CHUNK.exec(actor); match !== null; match = CHUNK.exec(match[1] ?? '')) {
    const [, , above = '0', list = '', visit = '', chunk = '0'] = match;
    lists.set(list, `${visit}:${chunk}:${inner}`);
    inner = Number(above);
  }
  return lists;
}
