/** Places in a run's history that it can be taken back to, or forked at, and the states of its actors there. */

import { amend, childId, foldActor, HostError, ROOT } from '@scriptorium/core';
import type { ActorState, ArtifactRecord, Checkpoint, Event, Recorded } from '@scriptorium/core';
import type { RunRow } from '../journal/journal-reads.ts';
import type { Addressed } from './setting-apart.ts';

/** Those that count, as they were recorded. */
export function countingEvents({ amendments: { rollbacks } }: RunRow, events: readonly Recorded[]): readonly Recorded[] {
  return rollbacks.length === 0 ? events : events.filter((recorded) => amend({ rollbacks, migrations: [] }, recorded) !== null);
}

/** The fact by which the step first began, under the path that it has now or had then. Raises `not_found`. */
export function beginningOf(row: RunRow, counting: readonly Recorded[], step: string): Recorded {
  const begin = counting.find((recorded) => {
    const then = stepOf(recorded.event);
    return then !== null && (then === step || stepOf(amend(row.amendments, recorded)?.event ?? null) === step);
  });
  if (begin === undefined)
    throw new HostError('not_found', `the step ${step} has not begun in run ${row.run}`, `See \`scriptorium checkpoints ${row.run}\`.`);
  return begin;
}

/** The step that an event is about; of a state that is entered, the state. */
export function stepOf(event: Event | null): string | null {
  if (event === null || !('node' in event) || !('item' in event)) return null;
  return event.type === 'state.entered' ? childId(event.node, event.state) : event.node;
}

/** The number of the last event that is kept: what a fact told another actor goes with it. */
export function lastKept(row: RunRow, counting: readonly Recorded[], event: number): number {
  const index = counting.findIndex(({ gseq }) => gseq === event);
  if (index === -1)
    throw new HostError(
      'not_found',
      `event ${event} is none of run ${row.run}, or no longer counts`,
      `See \`scriptorium checkpoints ${row.run}\`.`,
    );
  let last = index;
  for (const { event: next } of counting.slice(index + 1)) {
    if (next.from === undefined || next.from.actor !== counting[last]?.actor || next.from.seq !== counting[last]?.seq) break;
    last += 1;
  }
  return counting[last]?.gseq ?? event;
}

export function artifactsIn({ event }: Recorded): readonly ArtifactRecord[] {
  return event.type === 'attempt.succeeded' || event.type === 'attempt.reused' ? event.artifacts : [];
}

export function statesAfter(events: readonly Recorded[]): ReadonlyMap<string, ActorState> {
  const states = [...Map.groupBy(events, ({ actor }) => actor)].flatMap(([actor, own]): [string, ActorState][] => {
    const state = foldActor(own);
    return state === null ? [] : [[actor, state]];
  });
  return new Map(states);
}

/** What was under way in those states ends there, without a result. */
export function lossesOf(states: Iterable<ActorState>, reason: Extract<Event, { type: 'attempt.lost' }>['reason']): readonly Addressed[] {
  const running = [...states].flatMap(({ id: actor, open }) =>
    [...open].flatMap(([item, { steps }]) =>
      [...steps].flatMap(([node, step]) => (step.type === 'running' ? [{ actor, at: { item, node, attempt: step.attempt } }] : [])),
    ),
  );
  return running.map(({ actor, at }) => ({ actor, event: { ...at, type: 'attempt.lost', reason, among: running.length } }));
}

const settling: readonly Event['type'][] = [
  'attempt.succeeded',
  'attempt.reused',
  'step.settled',
  'step.skipped',
  'step.caught',
  'step.failed',
  'each.opened',
];

/** The facts of the run's root by which a step settled, or its items began, in order. */
export function checkpointsOf(row: RunRow, events: readonly Recorded[]): readonly Checkpoint[] {
  return events.flatMap((recorded): Checkpoint[] => {
    const now = amend(row.amendments, recorded);
    const step = stepOf(now?.event ?? null);
    if (now === null || step === null || now.actor !== ROOT || !settling.includes(now.event.type)) return [];
    return [{ event: now.gseq, at: now.at, step, what: now.event.type }];
  });
}
