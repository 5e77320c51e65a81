/** A run that this engine is working on: its definition, its actors' states and what is under way for it. */

import { attemptKey, NORMAL_PRIORITY } from '@scriptorium/core';
import type { BudgetScope, Command, Flow, RootKind, Usage } from '@scriptorium/core';
import type { Actors } from './actors.ts';
import { Stop } from '../calls/stop.ts';
import type { Permit, Ticket } from '../pools/pool.ts';

/** An attempt between the reducer's request and its end. */
export interface Underway {
  /** `<actor>/<attempt key>`. */
  readonly key: string;
  readonly actor: string;
  readonly dispatch: Extract<Command, { k: 'dispatch' }>;
  readonly stop: Stop;
  /** How to leave the pool's queue; null when not waiting there. */
  withdraw: (() => void) | null;
  permit: Permit | null;
  /** How to give back what the budgets hold for it, until its start is a fact; null where none does. */
  giveBack: (() => void) | null;
  /** What it may use at most; null for a call that costs nothing. */
  reserved: Usage | null;
  /** The budgets of its run that it has to fit into. */
  budgets: readonly BudgetScope[];
  /** Key under which a result of this attempt may be reused later. */
  memo: string | null;
  /** Hash of what it is given, files by their content. */
  input: string | null;
  /** The run that does the work, where the step calls a flow. */
  child: string | null;
}

/** An attempt that nothing has been done for yet; `child` is the run that works for it already, if one does. */
export function underwayOf(actor: string, dispatch: Underway['dispatch'], child: string | null): Underway {
  return {
    key: `${actor}/${attemptKey(dispatch)}`,
    actor,
    dispatch,
    stop: new Stop(),
    withdraw: null,
    permit: null,
    giveBack: null,
    reserved: null,
    budgets: dispatch.budgets,
    memo: null,
    input: null,
    child,
  };
}

export interface LiveRun {
  readonly id: string;
  readonly flow: Flow;
  readonly actors: Actors;
  /** By `<actor>/<attempt key>`. */
  readonly underway: Map<string, Underway>;
  /** Who writes which artifact, by its path, from the end of the attempt until that is durable. */
  readonly placing: Map<string, string>;
  /** Set while the engine is closing: what runs may end, nothing new is decided. */
  frozen: boolean;
  /** Nothing of a held run is decided or started. */
  readonly held: () => boolean;
}

export function createLiveRun(id: string, flow: Flow, actors: Actors): LiveRun {
  const live: LiveRun = {
    id,
    flow,
    actors,
    underway: new Map(),
    placing: new Map(),
    frozen: false,
    held: () => {
      const { kind, status } = actors.root();
      return live.frozen || (kind.type === 'root' && status === 'running' && kind.held !== null);
    },
  };
  return live;
}

export function rootOf(live: LiveRun): RootKind {
  const { kind } = live.actors.root();
  if (kind.type !== 'root') throw new Error(`the root of run ${live.id} is a chunk`);
  return kind;
}

/** Its weight where runs share something. */
export function priorityOf(live: LiveRun): number {
  return rootOf(live).options.priority ?? NORMAL_PRIORITY;
}

/** As which an attempt waits for its pool. What the calls of a flow use counts in their own pools. */
export function ticketOf(live: LiveRun, { dispatch, reserved }: Underway, grant: Ticket['grant']): Ticket {
  return { run: live.id, priority: priorityOf(live), tokens: dispatch.flow === null ? (reserved?.tokens ?? 0) : 0, grant };
}

/** The same for every attempt of one call; each visit of a state is a call of its own. */
export function idempotencyKey(live: LiveRun, actor: string, { item, node, iteration }: Underway['dispatch']): string {
  return `${live.id}:${actor}:${item}:${node}${iteration === '' ? '' : `@${iteration}`}`;
}
