/** The keys of items: what an item is called, and which one is called so. */

import type { ActorState, ItemRow, Plan, Values } from '@scriptorium/core';
import type { States } from './states.ts';

/** The keys of an actor's items, after those of the items around them, the outermost first. */
export interface Keys {
  /** Null outside of any `each`. */
  readonly keyOf: (item: number) => string | null;
  /** The item that has the key, if one does. */
  readonly itemsOf: (key: string) => readonly number[];
}

export function keysIn(states: Pick<States, 'get'>, { kind }: ActorState, values: Values): Keys {
  if (kind.type === 'root') return { keyOf: () => null, itemsOf: () => [] };
  let known: { readonly rows: readonly ItemRow[]; readonly before: string } | null = null;
  const read = (): NonNullable<typeof known> => {
    const around = states.get(kind.parent.actor);
    const outer = around === undefined ? null : keysIn(states, around, values).keyOf(kind.parent.item);
    known ??= { rows: values.read(kind.page) as readonly ItemRow[], before: outer === null ? '' : `${outer}/` };
    return known;
  };
  return {
    keyOf: (item) => {
      const { rows, before } = known ?? read();
      return `${before}${rows[item]?.key ?? item}`;
    },
    itemsOf: (key) => {
      const { rows, before } = known ?? read();
      const found = key.startsWith(before) ? numbersOf(rows).get(key.slice(before.length)) : undefined;
      return found === undefined ? [] : [found];
    },
  };
}

const numbered = new WeakMap<readonly ItemRow[], ReadonlyMap<string, number>>();

/** Which item of a page has which key. */
function numbersOf(rows: readonly ItemRow[]): ReadonlyMap<string, number> {
  const known = numbered.get(rows);
  if (known !== undefined) return known;
  const numbers = new Map(rows.map(({ key }, item) => [key, item]));
  numbered.set(rows, numbers);
  return numbers;
}

/** The id of the innermost `each` around the step, or of the step itself if it has one; null outside of any. */
export function eachAround(plan: Plan, step: string): string | null {
  for (let id = step; ; id = id.slice(0, Math.max(0, id.lastIndexOf('/')))) {
    if (plan.get(id)?.node.each !== undefined) return id;
    if (id === '') return null;
  }
}

/** By the step whose items they are and by key: the chunk that an item is in. */
interface Known {
  readonly byStep: Map<string, Map<string, string>>;
  readonly actors: Set<string>;
}

const indexes = new WeakMap<object, Known>();

/**
 * The chunk in which the item of an `each` is. One of thousands is found without a look at the others; what is not found
 * is looked for among the chunks that have come since.
 */
export function chunkOf(states: States, values: Values, each: string, key: string): ActorState | undefined {
  const { of = {} } = states;
  const known: Known = indexes.get(of) ?? { byStep: new Map(), actors: new Set() };
  indexes.set(of, known);
  const find = (): ActorState | undefined => {
    const actor = known.byStep.get(each)?.get(key);
    return actor === undefined ? undefined : states.get(actor);
  };
  const found = find();
  if (found !== undefined) return found;
  refresh(known, states, values);
  return find();
}

/** Chunks that are gone are forgotten when they are the most, so that the index does not grow with what has settled. */
function refresh(known: Known, states: States, values: Values): void {
  const all = [...states.all()];
  if (known.actors.size > 2 * all.length) {
    known.actors.clear();
    known.byStep.clear();
  }
  for (const state of all) {
    if (state.kind.type === 'root' || known.actors.has(state.id)) continue;
    known.actors.add(state.id);
    const chunks = known.byStep.get(state.kind.node) ?? new Map<string, string>();
    known.byStep.set(state.kind.node, chunks);
    const keys = keysIn(states, state, values);
    for (let item = 0; item < state.kind.size; item += 1) {
      const key = keys.keyOf(item);
      if (key !== null) chunks.set(key, state.id);
    }
  }
}
