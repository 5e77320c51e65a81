/** Who waits for what, read from the states of a run's actors. */

import { iterationOf, planOf } from '@scriptorium/core';
import type { ActorState, Flow, ItemRow, OpenWait, RunStatus, Values } from '@scriptorium/core';
import type { RunRow } from './journal-reads.ts';
import type { Parts } from './parts.ts';
import { definitionOf, rowOf } from './run-views.ts';
import { statesOf } from './setting-apart.ts';

/** Open waits that are listed at most, unless somebody asks for more. */
export const MAX_WAITS = 1_000;

const unended: readonly RunStatus[] = ['running', 'paused', 'interrupted', 'parked'];

/** Of one run, or of all that have not ended; the longest waiting first. */
export function listWaits(parts: Parts, name: string | undefined, limit: number): readonly OpenWait[] {
  const rows = name === undefined ? parts.journal.runs({ status: unended }) : [rowOf(parts.journal, name)];
  const open = rows.flatMap((row) => (row.endedAt === null ? waitsOf(parts, row) : []));
  return open.toSorted((a, b) => a.since - b.since).slice(0, limit);
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

export function* openWaits(run: string, flow: Flow, states: States, values: Values): Generator<PlacedWait> {
  const plan = planOf(flow);
  for (const state of states.all()) {
    for (const [item, { steps }] of state.open) {
      for (const [node, step] of steps) {
        const place = plan.get(node);
        const iteration = iterationOf(steps, node);
        if (step.type !== 'waiting' || step.end !== null || iteration === null || place?.node.do.k !== 'wait') continue;
        const { timeout } = place.node;
        const { event } = place.node.do;
        const ends = [step.due, timeout === undefined ? null : step.at + timeout].filter((at) => at !== null);
        const wait: OpenWait = {
          run,
          step: node,
          item: itemKey(states, state, item, values),
          event: event?.name ?? null,
          ask: step.ask,
          to: event?.to ?? [],
          answer: event?.answer ?? false,
          since: step.at,
          due: ends.length === 0 ? null : Math.min(...ends),
        };
        yield { wait, actor: state.id, item, node, iteration };
      }
    }
  }
}

/** The keys of the items around it, the outermost first; null outside of any `each`. */
export function itemKey(states: Pick<States, 'get'>, state: ActorState, item: number, values: Values): string | null {
  if (state.kind.type === 'root') return null;
  const { page, parent } = state.kind;
  const key = (values.read(page) as readonly ItemRow[])[item]?.key ?? String(item);
  const around = states.get(parent.actor);
  const outer = around === undefined ? null : itemKey(states, around, parent.item, values);
  return outer === null ? key : `${outer}/${key}`;
}
