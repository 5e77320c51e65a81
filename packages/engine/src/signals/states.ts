/** The states of a run's actors, for whoever comes from outside. */

import type { ActorState } from '@scriptorium/core';
import type { Actors } from '../kernel/actors.ts';
import type { Parts } from '../parts.ts';
import { statesOf } from '../runs/setting-apart.ts';

/** Those that have not settled, by id. */
export interface States {
  readonly get: (actor: string) => ActorState | undefined;
  readonly all: () => Iterable<ActorState>;
  /** What they belong to, where they are asked about again and again. */
  readonly of?: object;
}

export function liveStates(actors: Actors): States {
  return { get: (actor) => actors.state(actor), all: () => actors.states(), of: actors };
}

/** Of a run that nobody works on. */
export function storedStates(parts: Pick<Parts, 'journal'>, run: string): States {
  const byId = new Map(statesOf(parts, run).map((state): [string, ActorState] => [state.id, state]));
  return { get: (actor) => byId.get(actor), all: () => byId.values() };
}
