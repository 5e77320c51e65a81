/**
 * The history that counts: what was rolled back is still in the journal and part of no state.
 *
 * State after a rollback to k is the fold of the events up to k, then of what follows the rollback.
 */

import { evolve } from '../evolve.ts';
import { ROOT } from '../events.ts';
import type { Event, Recorded } from '../events.ts';
import { childId } from '../plan.ts';
import type { ActorState } from '../state.ts';
import { mapPath, nameOf } from './path-map.ts';
import type { PathMap } from './path-map.ts';

/** Of one actor's events, in order, those that count. */
export function effectiveEvents(events: readonly Recorded[]): readonly Recorded[] {
  if (!events.some(({ event }) => isRollback(event))) return events;
  const kept: Recorded[] = [];
  for (const recorded of events) {
    const { event } = recorded;
    if (isRollback(event)) while ((kept.at(-1)?.seq ?? 0) > event.to) kept.pop();
    if (!isRollback(event) || kept.length > 0) kept.push(recorded);
  }
  return kept;
}

/** The state of an actor from all of its events; null where none counts. */
export function foldActor(events: readonly Recorded[]): ActorState | null {
  return effectiveEvents(events).reduce<ActorState | null>(evolve, null);
}

/** The same from a state that was kept and the events after it; null where these take the actor back to before it. */
export function foldOn(kept: ActorState, rest: readonly Recorded[]): ActorState | null {
  if (rest.some(({ event }) => isRollback(event) && event.to < kept.seq)) return null;
  // What takes the actor back to the kept state itself has nothing before it here, and counts all the same.
  const counting: Recorded[] = [];
  for (const recorded of rest) {
    const { event } = recorded;
    if (isRollback(event)) while ((counting.at(-1)?.seq ?? 0) > event.to) counting.pop();
    counting.push(recorded);
  }
  return counting.reduce<ActorState>(evolve, kept);
}

export function isRollback(event: Event): event is Extract<Event, { type: 'run.rolled_back' | 'actor.rolled_back' }> {
  return event.type === 'run.rolled_back' || event.type === 'actor.rolled_back';
}

/** What later events change about the meaning of earlier ones. */
export interface Amendments {
  /** The actor's events after the one with the number `after` and before `before` no longer count. */
  readonly rollbacks: readonly { readonly actor: string; readonly after: number; readonly before: number }[];
  /** Steps have other paths since `gseq`, which is number `seq` of the root. */
  readonly migrations: readonly { readonly gseq: number; readonly seq: number; readonly map: PathMap }[];
}

/** From a run's events, of which all those of its root must be there, and of actors that are asked about. */
export function amendmentsOf(events: readonly Recorded[]): Amendments {
  return {
    rollbacks: events.flatMap(({ actor, seq, event }) => (isRollback(event) ? [{ actor, after: event.to, before: seq }] : [])),
    migrations: events.flatMap(({ gseq, seq, event }) => (event.type === 'run.migrated' ? [{ gseq, seq, map: event.map }] : [])),
  };
}

/** The event with the paths that its step has now; null where it no longer counts, or its step is gone. */
export function amend({ rollbacks, migrations }: Amendments, recorded: Recorded): Recorded | null {
  if (isErased(rollbacks, recorded)) return null;
  let { event } = recorded;
  for (const migration of migrations) {
    if (migration.gseq <= recorded.gseq || isErased(rollbacks, { actor: ROOT, seq: migration.seq })) continue;
    const moved = moveEvent(event, migration.map);
    if (moved === null) return null;
    event = moved;
  }
  return event === recorded.event ? recorded : { ...recorded, event };
}

function isErased(rollbacks: Amendments['rollbacks'], { actor, seq }: Pick<Recorded, 'actor' | 'seq'>): boolean {
  return rollbacks.some((rollback) => rollback.actor === actor && seq > rollback.after && seq < rollback.before);
}

function moveEvent(event: Event, map: PathMap): Event | null {
  if (!('node' in event)) return event;
  const node = mapPath(map, event.node);
  if (node === null) return null;
  if (!('state' in event)) return node === event.node ? event : { ...event, node };
  const state = mapPath(map, childId(event.node, event.state));
  return state === null ? null : { ...event, node, state: nameOf(state) };
}
