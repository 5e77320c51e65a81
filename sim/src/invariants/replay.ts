/** Invariants 4, 5 and 9: the journal alone gives the state, in one go or from any point, and what comes too late changes nothing. */

import { decodeState, encodeState, evolve, foldActor } from '@scriptorium/core';
import type { ActorState, Recorded } from '@scriptorium/core';
import type { History } from '../history.ts';
import type { Invariant } from './invariant.ts';
import { isSame } from './same.ts';
import { isOfStep, isRollback, visitOf } from './trace.ts';
import type { RunTrace } from './trace.ts';

export const replayIsLive: Invariant = {
  number: 4,
  says: 'After every commit the fold of the journal is the state that the engine has in memory.',
  check: ({ history }) => {
    const folds = new Folds(history);
    const wrong: string[] = [];
    for (const { number, to, outcome, live } of history.commits) {
      if (outcome !== 'written' && outcome !== 'unknown_written') continue;
      folds.goTo(to);
      for (const { run, actor, state } of live)
        if (!isSame(folds.state(run, actor), state))
          wrong.push(`after commit ${number} the state of ${run} ${actor} is not what its events give`);
    }
    return wrong;
  },
};

/** States of all actors as far as the journal was read. Those of rolled back actors are folded from the beginning. */
class Folds {
  readonly #states = new Map<string, ActorState | null>();
  readonly #events = new Map<string, Recorded[]>();
  readonly #rows: History['rows'];
  #read = 0;

  constructor({ rows }: History) {
    this.#rows = rows;
  }

  goTo(gseq: number): void {
    for (; this.#read < gseq && this.#read < this.#rows.length; this.#read += 1) {
      const row = this.#rows[this.#read] as Recorded;
      if (row.run === '') continue;
      const key = `${row.run} ${row.actor}`;
      const own = this.#events.get(key) ?? [];
      this.#events.set(key, own);
      own.push(row);
      const known = this.#states.get(key) ?? null;
      this.#states.set(key, isRollback(row.event) || (known === null && own.length > 1) ? foldActor(own) : evolve(known, row));
    }
  }

  state(run: string, actor: string): ActorState | null | undefined {
    return this.#states.get(`${run} ${actor}`);
  }
}

/** Copying states is dear: so many actors share one copy. */
const ONE_IN = 4;

export const snapshotNeutrality: Invariant = {
  number: 5,
  says: 'What is kept of a state half way (of one actor in four), with the events after it folded in, is the state that all events give.',
  check: ({ runs }) =>
    runs.flatMap(({ run, facts }) =>
      [...Map.groupBy(facts, ({ actor }) => actor)].flatMap(([actor, own]) => {
        if ((own.at(-1)?.gseq ?? 0) % ONE_IN !== 0) return [];
        const whole = own.reduce<ActorState | null>(evolve, null);
        const cut = Math.ceil(own.length / 2);
        const half = own.slice(0, cut).reduce<ActorState | null>(evolve, null);
        const snapshot = half === null ? null : decodeState(encodeState(half));
        return isSame(own.slice(cut).reduce(evolve, snapshot), whole)
          ? []
          : [`${run} ${actor} is another from a snapshot after ${cut} events`];
      }),
    ),
};

export const fencing: Invariant = {
  number: 9,
  says: 'A result changes state only while its attempt is the current one; any other changes nothing.',
  check: ({ runs }) => runs.flatMap(lateIn),
};

/** Results of attempts that are not the ones under way, as the journal tells it, and that changed something. */
function lateIn({ run, facts }: RunTrace): readonly string[] {
  const wrong: string[] = [];
  const current = new Map<string, number>();
  const states = new Map<string, ActorState | null>();
  for (const fact of facts) {
    const { actor, event } = fact;
    const before = states.get(actor) ?? null;
    const after = evolve(before, fact);
    states.set(actor, after);
    if (!isOfStep(fact)) continue;
    const visit = visitOf(fact);
    if (event.type === 'attempt.started') current.set(visit, event.attempt);
    if (event.type !== 'attempt.succeeded' && event.type !== 'attempt.lost') continue;
    if (current.get(visit) === event.attempt) {
      current.delete(visit);
      continue;
    }
    if (before !== null && !isSame({ ...before, seq: 0 }, { ...after, seq: 0 }))
      wrong.push(`${event.type} of attempt ${event.attempt} of ${run} ${visit} came too late and changed the state`);
  }
  return wrong;
}
