/** What a run took over from others in place of doing it: results with the same input, and all of what it was forked with. */

import type { TurnFacts } from '../agent/conversation.ts';
import { placeOf } from './attempts.ts';
import type { Attempt, Told } from './attempts.ts';

/** Results that were taken over are followed through so many runs. */
const MAX_GENERATIONS = 32;

export type Turns = ReadonlyMap<string, readonly TurnFacts[]>;
export type Taken = ReadonlyMap<string, string>;

/** Whether something happened in its run itself: a fork begins with a copy of what the run beside it had. */
export function madeHere(events: readonly Told[]): (told: Pick<Told, 'run' | 'gseq'>) => boolean {
  const begun = new Map(events.flatMap(({ run, gseq, event }) => (event.type === 'run.forked' ? [[run, gseq] as const] : [])));
  return ({ run, gseq }) => gseq > (begun.get(run) ?? 0);
}

/** What was done at the place, in this run and where its results were taken over from. */
export function turnsAt(place: string, done: Turns, taken: Taken): readonly TurnFacts[] {
  const turns: TurnFacts[] = [];
  let at: string | undefined = place;
  for (let generation = 0; generation < MAX_GENERATIONS && at !== undefined; generation += 1) {
    turns.push(...(done.get(at) ?? []));
    at = taken.get(at);
  }
  return turns;
}

export function turnsByPlace(attempts: readonly Attempt[]): Turns {
  return new Map([...Map.groupBy(attempts, placeOf)].map(([place, some]) => [place, some.flatMap(({ turns }) => turns)]));
}

/** By the place of each result that was taken over, the place of the one that it is. */
export function takenFrom(events: readonly Told[]): Taken {
  return new Map(
    events.flatMap(({ run, actor, event }): [string, string][] => {
      if (event.type !== 'attempt.reused' || event.reusedFrom === run) return [];
      const { item, node, reusedFrom } = event;
      return [[placeOf({ run, actor, item, node }), placeOf({ run: reusedFrom, actor, item, node })]];
    }),
  );
}
