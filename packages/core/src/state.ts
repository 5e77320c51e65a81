/** The state of one actor: what {@link evolve} folds its events into. */

import type { Undoable } from './compensation/compensation-event.ts';
import type { ByActor } from './by-actor.ts';
import type { ByNumber } from './by-number.ts';
import type { Failure } from './errors.ts';
import type { DeadSelection } from './failures/dead-letter.ts';
import type { Counts, ParentRun, RunOptions, StartReason } from './events.ts';
import type { Carried } from './carried.ts';
import type { Signal } from './waits/mail-event.ts';
import type { Instant, JsonObject } from './json.ts';
import type { Mail } from './waits/mail-event.ts';
import type { Note, PartCall } from './parts/part.ts';
import type { HandlerVersions } from './versions/version-event.ts';

export interface ActorState {
  readonly run: string;
  readonly id: string;
  readonly seq: number;
  readonly kind: RootKind | ChunkKind;
  readonly status: 'running' | 'cancelling' | 'settled';
  /** Open items by number; settled ones move to `results`. */
  readonly open: ReadonlyMap<number, ItemState>;
  /** Settled items of a chunk, by number. */
  readonly results: ReadonlyMap<number, ItemResult>;
  readonly counts: Counts;
  /** What completed and has a compensation whose input is not noted yet. */
  readonly completed: readonly Completion[];
  /** Highest sequence folded from each actor that told this one something. */
  readonly heard: ByActor<number>;
  /** Signals that it was given too late. */
  readonly returns: readonly Signal[];
}

export interface RootKind {
  readonly type: 'root';
  readonly flow: string;
  readonly input: JsonObject;
  readonly options: RunOptions;
  readonly startedAt: Instant;
  readonly mail: Mail;
  /** Hashes of the definitions that steps call, by {@link calledAs}. */
  readonly flows: { readonly [called: string]: string };
  /** Set in a child run. */
  readonly parent: ParentRun | null;
  /** Why nothing is started at the moment, if so. */
  readonly held: 'paused' | 'interrupted' | 'parked' | null;
  /** Versions of the handlers that it goes on with; null where they were not recorded. */
  readonly handlers: HandlerVersions | null;
  /** The run that this one is beside, up to where they are one, and the step that runs again. */
  readonly fork: {
    readonly parent: string;
    readonly gseq: number;
    readonly step: string | null;
    /** Of what failed for good in the other, only this is tried again. */
    readonly only?: DeadSelection;
  } | null;
  readonly outcome: {
    readonly status: 'succeeded' | 'failed' | 'cancelled';
    readonly output: Carried | null;
    readonly error: Failure | null;
  } | null;
}

export interface ChunkKind {
  readonly type: 'chunk';
  readonly parent: { readonly actor: string; readonly item: number };
  readonly node: string;
  readonly chunk: number;
  readonly offset: number;
  readonly size: number;
  readonly page: string;
  readonly env: { readonly [name: string]: Carried };
  /** Slots ever granted, and those handed back: `granted - returned` items may be open. */
  readonly granted: number;
  readonly returned: number;
  /** Counters as last told to the parent. */
  readonly reported: Counts;
  /** All items below this number have been opened. */
  readonly next: number;
  readonly failure: { readonly item: number; readonly error: Failure } | null;
  /** What can be undone of its settled items. */
  readonly undoable: readonly Undoable[];
  /** It is cancelled because its items are not needed any more: each undoes what it had done. */
  readonly cutOff: boolean;
}

/** A step that completed, as its compensation sees it. */
export interface Completion {
  readonly item: number;
  readonly node: string;
  readonly iteration: string;
  readonly at: Instant;
  readonly output: Carried;
}

export interface ItemState {
  /** Steps by id; a step that is not here is pending. */
  readonly steps: ReadonlyMap<string, StepState>;
  /** What completed in it and can be undone, in the order of completion. */
  readonly undoable: readonly Undoable[];
}

export type ItemResult =
  | { readonly status: 'succeeded'; readonly output: Carried; readonly degraded: boolean }
  | { readonly status: 'failed'; readonly error: Failure }
  | { readonly status: 'skipped' }
  | { readonly status: 'cancelled' };

interface Tried {
  /** Attempts so far. */
  readonly attempt: number;
  /** When the first of them started or was refused. */
  readonly since: Instant;
  /** Attempts that ended without a result; they do not count against a retry policy. */
  readonly losses: number;
  /** Its share in the ends of engine and worker: one for an end while it ran alone, a tenth when it ran beside nine others. */
  readonly crashes: number;
  /** What its attempts have noted, and how many of them did a part of its work. */
  readonly notes?: readonly Note[];
  readonly parts?: number;
}

export type StepState =
  | ({
      readonly type: 'running';
      readonly startedAt: Instant;
      readonly undoable: boolean;
      /** The run that does the work. */
      readonly child: string | null;
      /** What the run does, where that is a part of the work. */
      readonly call?: PartCall;
    } & Tried)
  /** The last attempt failed; retry, catch or fail is for `decide` to say. */
  | ({ readonly type: 'erred'; readonly error: Failure; readonly at: Instant } & Tried)
  /** To be started again. */
  | ({
      readonly type: 'again';
      readonly reason: StartReason;
      readonly error: Failure | null;
      /** The flow that does the next part of the work. */
      readonly call?: PartCall;
    } & Tried)
  /** The attempt was ended on request; the step is cancelled or replaced by what its scope decides. */
  | ({ readonly type: 'aborted' } & Tried)
  /** A scope at work; one of states knows where it is as soon as it has entered the first. */
  | {
      readonly type: 'entered';
      readonly at: Instant;
      readonly timedOut: boolean;
      readonly ended: boolean;
      readonly machine: Machine | null;
    }
  | FannedStep
  | WaitingStep
  /** It failed with `error`, or was cancelled; of the compensations of what had completed inside, `index` are done. */
  | {
      readonly type: 'undoing';
      readonly at: Instant;
      readonly error: Failure;
      readonly total: number;
      readonly pageSize: number;
      readonly pages: string;
      readonly index: number;
    }
  /** The body of catch number `catch` works in its stead. */
  | { readonly type: 'caught'; readonly error: Failure; readonly catch: number }
  | { readonly type: 'succeeded'; readonly output: Carried; readonly degraded: boolean }
  | { readonly type: 'skipped'; readonly reason: string }
  | { readonly type: 'failed'; readonly error: Failure }
  | { readonly type: 'cancelled' };

/** Where an OR scope is, and what its states gave. Of the states only the current one has steps in the item. */
export interface Machine {
  readonly current: string;
  /** How often each state was entered. */
  readonly visits: ReadonlyMap<string, number>;
  /** The latest output of the state before; null in the first. */
  readonly prev: Carried | null;
  /** The latest outputs of the states that were left; that of the current one is its step's, once it has settled. */
  readonly outputs: ReadonlyMap<string, StateOutput>;
  /** Whether a failure was met by going on with another state. */
  readonly diverted: boolean;
  /** Whether the root was asked for the signals that lead out of the current state. */
  readonly subscribed: boolean;
  /** Name of the signal that leads out of it: it is left as soon as nothing inside it runs any more. */
  readonly leaving: string | null;
}

export interface StateOutput {
  readonly output: Carried;
  readonly degraded: boolean;
}

/** A step that waits. */
export interface WaitingStep {
  readonly type: 'waiting';
  readonly at: Instant;
  /** When it is over by itself; null for one that waits for an event. */
  readonly due: Instant | null;
  /** What is asked of whoever answers. */
  readonly ask: string | null;
  /** The roles that may answer, where the definition does not name them. */
  readonly roles?: readonly string[];
  /** Whether the root was asked for signals. */
  readonly subscribed: boolean;
  /** What ended it, before that has had its consequences. */
  readonly end: { readonly type: 'over' | 'timed_out' } | { readonly type: 'answered'; readonly output: Carried } | null;
}

/** An `each` at work, known by counters. */
export interface FannedStep {
  readonly type: 'fanned';
  readonly at: Instant;
  readonly total: number;
  readonly pageSize: number;
  readonly pages: string;
  readonly workers: number;
  readonly tolerate: number | null;
  readonly env: { readonly [name: string]: Carried };
  /** Chunks spawned so far; they are spawned in order. */
  readonly spawned: number;
  /** Live chunks only. */
  readonly live: ReadonlyMap<
    number,
    { readonly size: number; readonly granted: number; readonly returned: number; readonly counts: Counts; readonly cancelling: boolean }
  >;
  /** Sums over the chunks that have settled. */
  readonly done: Counts;
  /** Result pages of the settled chunks, by chunk number. */
  readonly results: ByNumber<string>;
  /** Whether its `until` has held. */
  readonly ended: boolean;
  /** The first failure of an item, the gravest before all others. */
  readonly failure: { readonly key: string; readonly error: Failure } | null;
}

export const noCounts: Counts = { succeeded: 0, failed: 0, skipped: 0, cancelled: 0, degraded: 0 };
