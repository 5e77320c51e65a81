/** A run that this engine is working on: its definition, its actors' states and what is under way for it. */

import { ROOT } from '@scriptorium/core';
import type { ActorState, Command, Flow } from '@scriptorium/core';
import type { Permit } from './pool.ts';

/** An attempt between the reducer's request and its end. */
export interface Underway {
  /** `<actor>/<attempt key>`. */
  readonly key: string;
  readonly actor: string;
  readonly dispatch: Extract<Command, { k: 'dispatch' }>;
  readonly controller: AbortController;
  /** How to leave the pool's queue; null when not waiting there. */
  withdraw: (() => void) | null;
  permit: Permit | null;
  /** Key under which a result of this attempt may be reused later. */
  memo: string | null;
}

export interface LiveRun {
  readonly id: string;
  readonly flow: Flow;
  readonly actors: Map<string, ActorState>;
  /** By `<actor>/<attempt key>`. */
  readonly underway: Map<string, Underway>;
  readonly root: () => ActorState;
  /** Set while the engine is closing: what runs may end, nothing new is decided. */
  frozen: boolean;
  /** Nothing of a held run is decided or started. */
  readonly held: () => boolean;
  /** Drops the states of chunks that have settled; they are of no more use here. */
  readonly forgetSettled: () => void;
}

export function createLiveRun(id: string, flow: Flow): LiveRun {
  const actors = new Map<string, ActorState>();
  const root = (): ActorState => {
    const state = actors.get(ROOT);
    if (state === undefined) throw new Error(`run ${id} has no root`);
    return state;
  };
  const live: LiveRun = {
    id,
    flow,
    actors,
    underway: new Map(),
    root,
    frozen: false,
    held: () => {
      const { kind, status } = root();
      return live.frozen || (kind.type === 'root' && status === 'running' && kind.held !== null);
    },
    forgetSettled: () => {
      for (const [actor, state] of actors) if (actor !== ROOT && state.status === 'settled') actors.delete(actor);
    },
  };
  return live;
}
