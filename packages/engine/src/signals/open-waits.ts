/** Who waits for what, read from the states of a run's actors. */

import { iterationOf, planOf, rolesOf } from '@scriptorium/core';
import type { ActorState, Flow, Node, OpenWait, Plan, RunStatus, Values, WaitEvent, WaitingStep } from '@scriptorium/core';
import { chunkOf, eachAround, keysIn } from './item-keys.ts';
import { liveStates, storedStates } from './states.ts';
import type { States } from './states.ts';
import { flowOf } from './doors.ts';
import type { RunRow } from '../journal/journal-reads.ts';
import type { Parts } from '../parts.ts';
import { AWAIT_POST } from '../post/await-post.ts';
import type { Awaited } from '../post/await-post.ts';
import { rowOf } from '../reports/run-views.ts';

/** Open waits that are listed at most, unless somebody asks for more. */
export const MAX_WAITS = 1_000;

const unended: readonly RunStatus[] = ['running', 'paused', 'interrupted', 'parked'];

/** Of one run, or of all that have not ended, with the runs that they called; the longest waiting first. */
export function listWaits(parts: Parts, name: string | undefined, limit: number): readonly OpenWait[] {
  const rows = name === undefined ? parts.journal.runs({ status: unended }) : [rowOf(parts.journal, name)];
  // Runs that others called are among all that have not ended, too.
  const all = new Map(rows.flatMap((one) => withCalled(parts, one)).map((row) => [row.run, row]));
  let longest: OpenWait[] = [];
  for (const row of all.values())
    for (const wait of waitsOf(parts, row)) {
      longest.push(wait);
      if (longest.length >= 2 * limit + MAX_WAITS) longest = longestOf(longest, limit);
    }
  return longestOf(longest, limit);
}

function longestOf(waits: readonly OpenWait[], limit: number): OpenWait[] {
  return waits.toSorted((a, b) => a.since - b.since).slice(0, limit);
}

function withCalled(parts: Parts, row: RunRow): readonly RunRow[] {
  if (row.endedAt !== null) return [];
  return [row, ...parts.journal.childRuns(row.run).flatMap((child) => withCalled(parts, child))];
}

function* waitsOf(parts: Parts, row: RunRow): Generator<OpenWait> {
  const live = parts.kernel.run(row.run);
  const states = live === undefined ? storedStates(parts, row.run) : liveStates(live.actors);
  const waits = openWaits(row.run, flowOf(parts, row), states, parts.values).map(({ wait }) => wait);
  if (row.flow.name !== AWAIT_POST) return yield* waits;
  const { taker, mailbox, id } = row.input as unknown as Awaited;
  for (const wait of waits) if (wait.event !== null) yield { ...wait, post: { step: taker.step, mailbox, id: id === '' ? null : id } };
}

/** An open wait with its place in the state of its actor. */
export interface PlacedWait {
  readonly wait: OpenWait;
  readonly actor: string;
  readonly item: number;
  readonly node: string;
  readonly iteration: string;
}

export function nameOf({ step, item }: Pick<OpenWait, 'step' | 'item'>): string {
  return item === null ? step : `${step} [${item}]`;
}

interface Only {
  readonly step: string | null;
  readonly item: string | null;
}

/** All of them, or those at one step, or of one item: one item of one step is looked up, and the others are not looked at. */
export function* openWaits(
  run: string,
  flow: Flow,
  states: States,
  values: Values,
  only: Only = { step: null, item: null },
): Generator<PlacedWait> {
  const plan = planOf(flow);
  for (const state of among(plan, states, values, only)) {
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

/** The actors in which they may be. */
function among(plan: Plan, states: States, values: Values, { step, item }: Only): Iterable<ActorState> {
  if (step === null || item === null) return states.all();
  const each = eachAround(plan, step);
  const chunk = each === null ? undefined : chunkOf(states, values, each, item);
  return chunk === undefined ? [] : [chunk];
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
    to: event === undefined ? [] : rolesOf(event, step),
    answer: event?.answer ?? false,
    since: at,
    due: due === null || limit === null ? (due ?? limit) : Math.min(due, limit),
  };
}
