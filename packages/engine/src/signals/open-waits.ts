/** Who waits for what, read from the states of a run's actors. */

import { iterationOf, planOf } from '@scriptorium/core';
import type { ActorState, Flow, ItemRow, Node, OpenWait, RunStatus, Values, WaitEvent, WaitingStep } from '@scriptorium/core';
import type { RunRow } from '../journal/journal-reads.ts';
import type { Parts } from '../parts.ts';
import { definitionOf, rowOf } from '../reports/run-views.ts';
import { statesOf } from '../runs/setting-apart.ts';

/** Open waits that are listed at most, unless somebody asks for more. */
export const MAX_WAITS = 1_000;

const unended: readonly RunStatus[] = ['running', 'paused', 'interrupted', 'parked'];

/** Of one run, or of all that have not ended, with the runs that they called; the longest waiting first. */
export function listWaits(parts: Parts, name: string | undefined, limit: number): readonly OpenWait[] {
  const rows = name === undefined ? parts.journal.runs({ status: unended }) : [rowOf(parts.journal, name)];
  const open = rows.flatMap((row) => withCalled(parts, row)).flatMap((row) => waitsOf(parts, row));
  return open.toSorted((a, b) => a.since - b.since).slice(0, limit);
}

function withCalled(parts: Parts, row: RunRow): readonly RunRow[] {
  if (row.endedAt !== null) return [];
  return [row, ...parts.journal.childRuns(row.run).flatMap((child) => withCalled(parts, child))];
}

function waitsOf(parts: Parts, row: RunRow): readonly OpenWait[] {
  const live = parts.kernel.run(row.run);
  const all = live === undefined ? statesOf(parts, row.run) : [...live.actors.states()];
  const states = new Map(all.map((state): [string, ActorState] => [state.id, state]));
  const reading: States = { get: (actor) => states.get(actor), all: () => states.values() };
  return [...openWaits(row.run, definitionOf(parts.journal, row), reading, parts.values)].map(({ wait }) => wait);
}

/** The states of a run's actors that have not settled, by id. */
export type States = { readonly get: (actor: string) => ActorState | undefined; readonly all: () => Iterable<ActorState> };

/** An open wait with its place in the state of its actor. */
export interface PlacedWait {
  readonly wait: OpenWait;
  readonly actor: string;
  readonly item: number;
  readonly node: string;
  readonly iteration: string;
}

/** All of them, or those at one step, or of one item: one item of one step is looked up, and the others are not looked at. */
export function* openWaits(
  run: string,
  flow: Flow,
  states: States,
  values: Values,
  only: { readonly step: string | null; readonly item: string | null } = { step: null, item: null },
): Generator<PlacedWait> {
  const plan = planOf(flow);
  for (const state of states.all()) {
    if (state.open.size === 0) continue;
    const keys = keysIn(states, state, values);
    const items = only.item === null ? state.open.keys() : keys.itemsOf(only.item);
    for (const item of items) {
      const steps = state.open.get(item)?.steps;
      for (const node of only.step === null ? (steps?.keys() ?? []) : [only.step]) {
        const step = steps?.get(node);
        if (step?.type !== 'waiting' || step.end !== null) continue;
        const iteration = iterationOf(steps, node);
        const place = plan.get(node)?.node;
        if (iteration === null || place?.do.k !== 'wait') continue;
        yield { wait: waitOf(run, place, place.do.event, step, keys.keyOf(item)), actor: state.id, item, node, iteration };
      }
    }
  }
}

function waitOf(run: string, { id, timeout }: Node, event: WaitEvent | undefined, step: WaitingStep, item: string | null): OpenWait {
  const { at, due, ask } = step;
  const limit = timeout === undefined ? null : at + timeout;
  return {
    run,
    step: id,
    item,
    event: event?.name ?? null,
    ask,
    to: event?.to ?? [],
    answer: event?.answer ?? false,
    since: at,
    due: due === null || limit === null ? (due ?? limit) : Math.min(due, limit),
  };
}

/** The keys of an actor's items, after those of the items around them, the outermost first. */
interface Keys {
  /** Null outside of any `each`. */
  readonly keyOf: (item: number) => string | null;
  /** The item that has the key, if one does. */
  readonly itemsOf: (key: string) => readonly number[];
}

function keysIn(states: Pick<States, 'get'>, { kind }: ActorState, values: Values): Keys {
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
