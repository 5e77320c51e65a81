/**
 * Facts about a run that nobody works on: they go into the journal by themselves, all of one call in one commit. A run
 * that is paused is taken out of the kernel first, once its attempts have ended.
 */

import { ROOT } from '@scriptorium/core';
import type { ActorState, Event, Recorded } from '@scriptorium/core';
import { foldFrom } from '../journal/actor-fold.ts';
import type { Batch, Entry } from '../journal/journal.ts';
import type { Parts } from '../parts.ts';

export interface Addressed {
  readonly actor: string;
  readonly event: Event;
}

/** Resolves when nothing of the run is under way any more and the kernel has let go of it. */
export async function unload({ kernel, views }: Parts, run: string): Promise<void> {
  const live = kernel.run(run);
  if (live === undefined) return;
  live.frozen = true;
  kernel.withdraw(live);
  await kernel.settled(live);
  kernel.remove(run);
  views.unfollow(run);
}

/** Commits the facts of one run, which must not be in the kernel, and tells its log of them. */
export function commitFacts(parts: Parts, run: string, facts: readonly Addressed[], more: Omit<Batch, 'events'> = {}): void {
  const { journal, recorder, values, now } = parts;
  const ends = new Map<string, number>();
  const at = now();
  const events = facts.map(({ actor, event }): Entry => {
    const seq = (ends.get(actor) ?? journal.lastSeq(run, actor)) + 1;
    ends.set(actor, seq);
    return { run, actor, seq, at, event };
  });
  recorder.record(run, journal.commit({ ...more, events, values: values.takeNew() }) as readonly Recorded[]);
}

/** The states of the actors that have not settled, the root first. */
export function statesOf({ journal }: Pick<Parts, 'journal'>, run: string): readonly ActorState[] {
  const actors = journal.actors(run, { settled: false }).map(({ actor }) => actor);
  return actors.toSorted((a, b) => Number(b === ROOT) - Number(a === ROOT)).flatMap((actor) => foldFrom(journal, run, actor).state ?? []);
}
