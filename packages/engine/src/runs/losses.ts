/**
 * The attempts that an engine has left behind when it ended, and among how many each of them was.
 *
 * 1. Any attempt of any run that was under way may have been what ended the engine, so all of them are counted, once, when
 *    their runs are found interrupted; the number stays with that fact, however late a run is resumed.
 * 2. Counting ends where more make no difference: a share below a thousandth sets nothing aside.
 */

import { ROOT } from '@scriptorium/core';
import type { ActorState, Event, Recorded } from '@scriptorium/core';
import { foldFrom } from '../journal/actor-fold.ts';
import type { Journal } from '../journal/journal.ts';
import type { RunRow } from '../journal/journal-reads.ts';
import type { LiveRun } from '../kernel/live-run.ts';
import type { Parts } from '../parts.ts';

/** Attempts that are counted at most. */
const MAX_COUNTED = 1_000;
/** Actors that are folded for it at most, those of the newest runs first. */
const MAX_ACTORS = 10_000;
/** So many events of a run, from the last one back, are looked through for how it was interrupted: most often it is the last. */
const BACK: readonly number[] = [2, 1_000];

/** Attempts of these runs, the newest first, that no engine works on any more. */
export function countUnderway(journal: Journal, rows: readonly RunRow[]): number {
  let counted = 0;
  let actors = 0;
  for (const { run } of rows) {
    for (const { actor } of journal.actors(run, { settled: false })) {
      if (counted >= MAX_COUNTED || actors >= MAX_ACTORS) return Math.min(counted, MAX_COUNTED);
      actors += 1;
      counted += underwayIn(stateOf(journal, run, actor)).filter(({ child }) => child === null).length;
    }
  }
  return Math.min(counted, MAX_COUNTED);
}

/** What a run that was loaded has lost with the engine. */
export function lostAttempts({ journal, children }: Parts, live: LiveRun): readonly { readonly actor: string; readonly event: Event }[] {
  const running = [...live.actors.entries()].flatMap(([actor, state]) =>
    underwayIn(state).flatMap(({ child, at }) => (child === null || !children.isOwn(live.id, child) ? [{ actor, at }] : [])),
  );
  if (running.length === 0) return [];
  const among = Math.max(running.length, countedAtEnd(journal, live));
  return running.map(({ actor, at }) => ({ actor, event: { ...at, type: 'attempt.lost', reason: 'engine', among } }));
}

interface Running {
  readonly child: string | null;
  readonly at: { readonly item: number; readonly node: string; readonly attempt: number };
}

function underwayIn(state: ActorState | null): readonly Running[] {
  return [...(state?.open ?? [])].flatMap(([item, { steps }]) =>
    [...steps].flatMap(([node, step]) =>
      step.type === 'running' ? [{ child: step.child, at: { item, node, attempt: step.attempt } }] : [],
    ),
  );
}

/** A run that cannot be read says so when it is resumed, and keeps no engine from its start. */
function stateOf(journal: Journal, run: string, actor: string): ActorState | null {
  try {
    return foldFrom(journal, run, actor).state;
  } catch {
    return null;
  }
}

/** How many were under way when the engine ended that had the run last. */
function countedAtEnd(journal: Journal, { id, actors }: LiveRun): number {
  const last = actors.root().seq;
  for (const back of BACK) {
    const events = journal.readActor(id, ROOT, Math.max(0, last - back)) as readonly Recorded[];
    const end = events.findLast(({ event }) => event.type === 'run.interrupted')?.event;
    if (end?.type === 'run.interrupted') return end.underway ?? 0;
  }
  return 0;
}
