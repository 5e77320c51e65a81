/**
 * What a world plays: a scenario put into flows, handlers and plain functions. Worlds know nothing of how scenarios are
 * made. All times are virtual and count from the start of the history.
 */

import type {
  CalledFlows,
  Failure,
  Flow,
  Handler,
  Instant,
  Json,
  JsonObject,
  LimitChange,
  Ms,
  OpenWait,
  RunOptions,
} from '@scriptorium/core';
import type { EngineOptions, Retention } from '@scriptorium/engine';
import type { CallSite } from './history.ts';

/** The wall clock when a history begins: 2025-01-01. */
export const START: Instant = Date.UTC(2025, 0, 1);

export interface Setting {
  /** Of everything that a world may choose: the order of what is ready at once, how long a commit takes, ids. */
  readonly seed: number;
  readonly runs: readonly PlannedRun[];
  /** Contracts of all handlers; what a call gives is told by `answer`, never by their `run`. */
  readonly handlers: readonly Handler[];
  /** Asked once for each attempt that reaches a worker, in the order in which they begin. */
  readonly answer: (call: Call) => Reply;
  /** What somebody outside does when nothing else happens: asked with all that waits for an event, null when nobody does anything. */
  readonly nudge: (waits: readonly OpenWait[], runs: readonly string[]) => Act | null;
  readonly acts: readonly PlannedAct[];
  readonly faults: readonly Fault[];
  /** Old runs are removed meanwhile, and the store is a real one; none are unless given. */
  readonly lasting?: Lasting;
}

/** A history that goes on by itself until a time, because its engine does something every hour. */
export interface Lasting {
  readonly retention: Retention;
  readonly steps: NonNullable<EngineOptions['removalSteps']>;
  readonly untilMs: Ms;
  /** What happens when the engine looks at its store for the n-th time to remove something, from 1. */
  readonly meanwhile: readonly { readonly look: number; readonly act: Act }[];
}

export interface PlannedRun {
  readonly atMs: Ms;
  readonly flow: Flow;
  readonly called: CalledFlows;
  readonly input: JsonObject;
  readonly options: RunOptions;
}

export interface Call extends CallSite {
  /** Place of its run among `runs`; null for a run that was called, or forked. */
  readonly index: number | null;
  readonly input: Json;
  /** How many attempts of it have failed so far, as far as they count; null where the world does not know. */
  readonly failures: number | null;
}

/** `hears` says whether the handler ends when it is told to. */
export interface Reply {
  readonly afterMs: Ms;
  readonly result: { readonly ok: Json } | { readonly fail: Failure } | { readonly lose: true } | { readonly never: true };
  readonly hears: boolean;
  /** The same result is delivered again so much later. */
  readonly againMs: Ms | null;
}

export interface PlannedAct {
  readonly atMs: Ms;
  readonly act: Act;
}

/** In place of a run: the oldest that has ended and was not removed. */
export const OLDEST = -1;

/** `run` is the place of the run among `runs`, and after those among the forks. */
export type Act =
  | { readonly do: 'pause' | 'resume' | 'cancel'; readonly run: number }
  | { readonly do: 'signal'; readonly run: number; readonly name: string; readonly payload: Json; readonly id: string | null }
  /** `pick` of the waits with a question that are open then, modulo their number; `id`: by which it is known when it is given again. */
  | {
      readonly do: 'answer';
      readonly run: number;
      readonly pick: number;
      readonly answer: (ask: string) => Json;
      readonly id: string | null;
    }
  | { readonly do: 'limit'; readonly pool: string; readonly change: LimitChange }
  | { readonly do: 'close_breaker'; readonly pool: string }
  /** A step, modulo those that the run has; null: from the beginning. */
  | { readonly do: 'fork'; readonly run: number; readonly step: string | null }
  /** To a share of the run's events. */
  | { readonly do: 'rollback'; readonly run: number; readonly share: number }
  | { readonly do: 'migrate'; readonly flow: Flow }
  /** Somebody outside says something to a mailbox, or with `topic` to all that have subscribed. */
  | {
      readonly do: 'send';
      readonly topic: boolean;
      readonly to: string;
      readonly n: number;
      readonly key: string | null;
      readonly id: string;
    }
  /** Dead letters are given out again. */
  | { readonly do: 'redeliver'; readonly box: string }
  /** The same is started once more. */
  | { readonly do: 'again'; readonly run: number }
  /** Somebody wants the report of a run, or its results. */
  | { readonly do: 'report' | 'results'; readonly run: number }
  /** Somebody reads the whole store in pieces for so long, as a backup does. */
  | { readonly do: 'read'; readonly forMs: Ms }
  /** The engine ends in order, and another one opens the store. */
  | { readonly do: 'drain' | 'stop' };

/** `unknown_*`: the commit says that it failed, and was written or lost all the same. `takeover`: another engine takes the store while this one still believes that it has it. */
export type DiskTrouble = 'crash_before' | 'crash_after' | 'unknown_written' | 'unknown_lost' | 'full' | 'torn' | 'takeover';

export type Fault =
  /** At the n-th commit over all engines, from 1. */
  | { readonly commit: number; readonly what: DiskTrouble }
  /** At the n-th transaction of a removal over all engines, from 1. */
  | { readonly removal: number; readonly what: DiskTrouble }
  /** The process dies between two commits. */
  | { readonly atMs: Ms; readonly what: 'crash' }
  /** The wall clock jumps. */
  | { readonly atMs: Ms; readonly what: 'clock'; readonly byMs: number };
