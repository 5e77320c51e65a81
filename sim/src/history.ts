/**
 * What one simulated history leaves behind: all that the invariants look at. Both levels fill it: the reducer in the
 * smallest host, and the engine in a world of its own.
 *
 * 1. Everything is in the order in which it happened; an observation knows how much was durable at that moment.
 * 2. Times are virtual: `at` is the wall clock, which may jump, and `mono` never goes back.
 * 3. Nothing in it is shared with what is still being changed.
 */

import type {
  ActorState,
  EngineEvent,
  Event,
  Failure,
  Flow,
  Instant,
  Json,
  MessageSummary,
  Ms,
  OpenWait,
  PoolStatus,
  PostEvent,
  RunSummary,
} from '@scriptorium/core';

export type Level = 'reducer' | 'engine';

export interface History {
  readonly level: Level;
  /** What the disk holds in the end. */
  readonly rows: readonly Row[];
  /** In order, those that failed too; rows of one commit stand together in `rows`. */
  readonly commits: readonly Commit[];
  readonly observations: readonly Observation[];
  /** Every command of the reducer as text, with its run and actor, in order: two plays of one scenario give the same. */
  readonly commands: readonly string[];
  /** Definitions by hash. */
  readonly flows: ReadonlyMap<string, Flow>;
  /** Reads a stored value by its hash; throws where there is none. */
  readonly read: (ref: string) => unknown;
}

/** One row of the journal; those of the engine itself have the empty run. */
export interface Row {
  readonly gseq: number;
  readonly run: string;
  readonly actor: string;
  readonly seq: number;
  readonly at: Instant;
  /** Of the engine that wrote it. */
  readonly epoch: number;
  readonly event: Event | EngineEvent | PostEvent;
  /** Hexadecimal link of the chain, with the last event of each row of the store; null where the level has none. */
  readonly hash: string | null;
}

export interface Commit {
  /** Number of the commit, from 1, counted over all engines. */
  readonly number: number;
  readonly epoch: number;
  readonly at: Instant;
  readonly mono: Ms;
  /** `gseq` of its first and its last row; what was asked for, where nothing was written. */
  readonly from: number;
  readonly to: number;
  /** `unknown_*`: the disk said that it does not know; whether the rows are there is told by the other half. */
  readonly outcome: 'written' | 'refused' | 'unknown_written' | 'unknown_lost';
  /** States that the engine had after it, of the actors that it is about; empty where the level does not tell. */
  readonly live: readonly { readonly run: string; readonly actor: string; readonly state: ActorState }[];
}

export type Observation = Moment & Happening;

export type Happening = EngineObservation | ClientObservation | WorkerObservation | ViewObservation | StoreObservation;

export interface Moment {
  readonly at: Instant;
  readonly mono: Ms;
  /** `gseq` of the last row that was durable. */
  readonly head: number;
}

export type EngineObservation =
  | { readonly type: 'engine.opened'; readonly epoch: number }
  /** The store could not be opened, or the engine ended by itself. */
  | { readonly type: 'engine.halted'; readonly epoch: number; readonly code: string }
  /** Ended as the death of its process would; `commit`: before or after which, where it was at one. */
  | { readonly type: 'engine.crashed'; readonly epoch: number; readonly why: string }
  /** The wall clock was moved by so much. */
  | { readonly type: 'clock.jumped'; readonly byMs: number }
  /** Nothing happens any more by itself, but for what `waits` for time or for something from outside. */
  | { readonly type: 'quiet'; readonly timers: number };

/** What a client asked for, by its place among the acts of the setting; the starts of runs come as acts `start`. */
export type ClientObservation =
  | {
      readonly type: 'client.acked';
      readonly act: ActName;
      /** The run that it was about, or the new one. */
      readonly run: string;
      /** Of a signal or an answer. */
      readonly id: string | null;
      /** Whether the engine knew it already. */
      readonly already: boolean;
      /** Of a limit: the pool and what it is from now on; null for other acts. */
      readonly pool: PoolStatus | null;
      /** Of a message: where it was put. */
      readonly mailboxes?: readonly string[];
      /** Of a rollback: steps with the attempts whose effects stay. */
      readonly effects?: readonly string[];
    }
  | { readonly type: 'client.refused'; readonly act: ActName; readonly run: string; readonly id: string | null; readonly code: string };

export type ActName =
  | 'start'
  | 'pause'
  | 'resume'
  | 'cancel'
  | 'signal'
  | 'answer'
  | 'limit'
  | 'close_breaker'
  | 'fork'
  | 'rollback'
  | 'migrate'
  | 'send'
  | 'redeliver'
  | 'again'
  | 'report'
  | 'results'
  | 'read'
  | 'drain'
  | 'stop';

export interface CallSite {
  readonly run: string;
  readonly epoch: number;
  readonly uses: string;
  /** Path of the step, or of the compensation with its number. */
  readonly node: string;
  /** Of the item; null outside of an `each`. */
  readonly key: string | null;
  readonly attempt: number;
  /** The same for every attempt of one call. */
  readonly idempotencyKey: string;
}

export type WorkerObservation =
  /** The handler's effect on the world begins. */
  | ({ readonly type: 'call.begun'; readonly input: Json } & CallSite)
  /** What came back to the engine, if it was still there: also a second time, and after it had given up. */
  | ({ readonly type: 'call.ended'; readonly result: CallResult } & CallSite);

export type CallResult =
  | { readonly type: 'ok'; readonly output: Json }
  | { readonly type: 'failed'; readonly error: Failure }
  /** The engine asked it to end, and it did. */
  | { readonly type: 'aborted' }
  | { readonly type: 'lost' };

/** What is on the disk, where old runs are removed from it. */
export type StoreObservation =
  /** Of the run only a summary is to stay; its events go, or have gone. */
  | { readonly type: 'store.left'; readonly run: string }
  /** What somebody who may read it all found: the fault of its chain, events that are not what was written, how many of each run are there, and which runs it knows. */
  | {
      readonly type: 'store.seen';
      readonly fault: string | null;
      readonly altered: readonly string[];
      readonly counts: { readonly [run: string]: number };
      readonly known: readonly string[];
      /** Values that nothing has the name of. */
      readonly unnamed: readonly string[];
    }
  /** A commit names a value that nothing else named, while the engine looks for such values to remove them. */
  | { readonly type: 'store.named' }
  /** What an audit found in the end. */
  | { readonly type: 'store.audited'; readonly findings: readonly string[] }
  /** Somebody reads the store in pieces from here on, or has ended that; `events`: how many of those that it began with are there. */
  | { readonly type: 'store.read'; readonly isOver: boolean; readonly lost: number };

/** What clients see; taken now and then, and when it is quiet. */
export type ViewObservation =
  | { readonly type: 'view.run'; readonly summary: RunSummary }
  /** Nobody knows the run any more. */
  | { readonly type: 'view.gone'; readonly run: string }
  | { readonly type: 'view.waits'; readonly waits: readonly OpenWait[] }
  | { readonly type: 'view.limits'; readonly pools: readonly PoolStatus[] }
  | { readonly type: 'view.messages'; readonly messages: readonly MessageSummary[] }
  /** A reader of the run's events that went on after the event `after`. */
  | {
      readonly type: 'view.events';
      readonly reader: string;
      readonly run: string;
      readonly after: number;
      readonly gseqs: readonly number[];
    };
