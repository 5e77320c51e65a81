/**
 * The one event union: journal, replay and live stream. Events are facts; each belongs to one actor of one run and has
 * the next number of that actor's sequence. Times, ids and hashes in them come from the host.
 *
 * An actor is a run's root or a chunk of the items of an `each`. It holds `items`: scope instances of one step's body.
 * The root has exactly one, number 0; a chunk numbers its items from 0 too, whatever their place in the whole.
 */

import type { PostEvent } from './post/message.ts';
import type { At, Carried } from './carried.ts';
import type { CompensationEvent } from './compensation/compensation-event.ts';
import type { Failure } from './errors.ts';
import type { ArtifactRef } from './artifact.ts';
import type { Mode } from './ir.ts';
import type { Instant, Json, JsonObject, Ms } from './json.ts';
import type { Usage } from './budgets/usage.ts';
import type { Note, PartCall } from './parts/part.ts';
import type { SecretSource } from './secret.ts';
import type { Settings } from './settings.ts';
import type { HandlerVersions, VersionEvent } from './versions/version-event.ts';
import type { MailEvent, Signal } from './waits/mail-event.ts';

/** Of a run that nobody gave another. */
export const NORMAL_PRIORITY: number = 5;
export const MAX_PRIORITY: number = 10;

export interface RunOptions {
  readonly mode: Mode;
  readonly test: boolean;
  readonly dryRun: boolean;
  /** Take only the first N items, by key order, of the outermost `each`. */
  readonly limit: number | null;
  /** Absolute path of the output root as the user gave it, without the test suffix. */
  readonly out: string;
  /** Do not reuse results of earlier runs. */
  readonly fresh: boolean;
  /** From 1 to 10, {@link NORMAL_PRIORITY} unless given: each step doubles the run's share of what runs have to share. */
  readonly priority?: number;
  /** What handlers may read beside their input, by its name: `agents.writer.model`. */
  readonly settings?: Settings;
  /** `file:` URLs of the handler modules that the flow needs beside the engine's own. */
  readonly modules: readonly string[];
  /** Where the values behind `secret:NAME` are; without an entry, in the environment variable of that name. Never a value. */
  readonly secrets?: { readonly [name: string]: SecretSource };
  /** Keep a log and write a report although no step has items; a batch always has both. */
  readonly report?: boolean;
}

/** The sender's own event that went with what it told; receivers fold each sender's tellings once, in order. */
export interface Sender {
  readonly actor: string;
  readonly seq: number;
}

/** The step of another run that a run works for. */
export interface ParentRun {
  readonly run: string;
  readonly step: string;
  readonly key: string | null;
  /** How many runs are around this one. */
  readonly depth: number;
  /** It goes on by itself, whatever becomes of the other. */
  readonly detached?: true;
}

export type RunEvent =
  | {
      readonly type: 'run.started';
      readonly flow: { readonly name: string; readonly version: string; readonly hash: string };
      readonly input: JsonObject;
      readonly options: RunOptions;
      readonly by: string;
      /** What it calls, in the versions that it was admitted with. */
      readonly handlers?: HandlerVersions;
      /** Hashes of the flows that steps call, here and below, by how they are called: {@link calledAs}. */
      readonly flows?: { readonly [called: string]: string };
      readonly parent?: ParentRun;
      /** In a fork, the run that the same step called in the run beside it: what has the same input there is taken over. */
      readonly beside?: string;
    }
  /** From here on, attempts that start have these settings; null takes one back. */
  | { readonly type: 'run.configured'; readonly settings: Settings; readonly by: string }
  | { readonly type: 'run.paused'; readonly by: string }
  | { readonly type: 'run.resumed'; readonly by: string }
  /** The engine ended while the run was live; nothing of it goes on until `run.resumed`. */
  | {
      readonly type: 'run.interrupted';
      readonly reason: 'drained' | 'stopped' | 'crashed';
      /** Attempts of all runs that were under way when the engine crashed, a thousand at most. */
      readonly underway?: number;
    }
  | { readonly type: 'run.cancelling'; readonly by: string; readonly reason: string }
  | {
      readonly type: 'run.settled';
      readonly status: 'succeeded' | 'failed' | 'cancelled';
      readonly output: Carried | null;
      readonly error: Failure | null;
    };

export type ChunkEvent =
  | {
      readonly type: 'chunk.started';
      /** The step whose items these are, and the instance of it that fanned out. */
      readonly parent: { readonly actor: string; readonly item: number };
      readonly node: string;
      readonly chunk: number;
      /** Number of the chunk's first item in the whole `each`. */
      readonly offset: number;
      readonly size: number;
      /** Hash of the page `{ key, value }[]` that holds the items. */
      readonly page: string;
      /** Outer names that the body reads. */
      readonly env: { readonly [name: string]: Carried };
      readonly slots: number;
    }
  /** So many slots in all. */
  | { readonly type: 'chunk.granted'; readonly slots: number }
  | {
      readonly type: 'chunk.cancelling';
      readonly reason: string;
      /** The items are not needed any more: each undoes what it had done by itself. */
      readonly undo?: true;
    }
  /** All items have settled; `page` holds the {@link ResultRow}s. */
  | { readonly type: 'chunk.settled'; readonly page: string };

/** What a chunk tells the actor that fanned out; the chunk records it too, to know what it has told. */
export type ReportEvent = {
  readonly type: 'chunk.reported';
  /** The instance that fanned out. */
  readonly item: number;
  readonly node: string;
  readonly chunk: number;
  /** Absolute, like `returned`: slots that are free for other chunks. */
  readonly counts: Counts;
  readonly returned: number;
  /** Hash of the result page once the chunk has settled. */
  readonly page: string | null;
  /** What its items completed that can be undone: hash of a page of {@link Undoable}s, and how many calls that is. */
  readonly undo?: { readonly page: string; readonly count: number };
  /** The first failure, the gravest before all others. */
  readonly failure: { readonly key: string; readonly error: Failure } | null;
};

export interface Counts {
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cancelled: number;
  /** Of the succeeded, those that owe their result to a fallback. */
  readonly degraded: number;
}

export type StepEvent =
  | (At & {
      readonly type: 'attempt.started';
      readonly attempt: number;
      readonly handler: string;
      readonly key: string | null;
      readonly reason: StartReason;
      /** What the handler says that the call may use at most. */
      readonly reserved?: Usage;
      /** The budgets that it is taken from, as {@link BudgetScope} names them. */
      readonly budgets?: readonly string[];
      /** Set where the step has a compensation. */
      readonly undoable?: true;
      /** Hash of what it was given, files by their content. */
      readonly input?: string;
      /** The run that does the work of the attempt, where the step calls a flow; it starts in the same commit. */
      readonly child?: string;
    })
  | (At & {
      readonly type: 'attempt.succeeded';
      readonly attempt: number;
      readonly output: Carried;
      readonly artifacts: readonly ArtifactRecord[];
      readonly ms: number;
      /** Without it the attempt used what was reserved for it. */
      readonly used?: Usage;
    })
  /** Without a start where the attempt was refused: `limit.open`. */
  | (At & {
      readonly type: 'attempt.failed';
      readonly attempt: number;
      readonly error: Failure;
      readonly ms: number;
      /** Without it the attempt used what was reserved for it, if it had started. */
      readonly used?: Usage;
    })
  /** The attempt ended without a result: whether it had effects is unknown, so what was reserved for it counts as used. `stopped`: aborted by a forced stop of the engine; `rewound`: it was under way where the run was taken back to, or forked. */
  | (At & {
      readonly type: 'attempt.lost';
      readonly attempt: number;
      readonly reason: 'engine' | 'worker' | 'cancelled' | 'stopped' | 'rewound';
      /** What is known of how the worker ended. */
      readonly why?: string;
      /** Where the handler had told of more than was reserved. */
      readonly used?: Usage;
      /** How many attempts of all runs, this one included, ran when the engine or the worker ended: any of them may have been the cause. */
      readonly among: number;
    })
  /** The attempt has noted something that holds whatever becomes of it. */
  | (At & { readonly type: 'attempt.noted'; readonly attempt: number; readonly note: Note })
  /** The attempt has done a part of the step's work; the next one goes on from its notes, after the run of `call` where there is one. */
  | (At & {
      readonly type: 'attempt.continued';
      readonly attempt: number;
      readonly notes: readonly Note[];
      readonly call?: PartCall;
      readonly ms: number;
      readonly used?: Usage;
    })
  /** An earlier run did the same work on the same input: its result is taken over. */
  | (At & {
      readonly type: 'attempt.reused';
      readonly output: Carried;
      readonly artifacts: readonly ArtifactRecord[];
      readonly reusedFrom: string;
      readonly input?: string;
      /** For which visits of the states around it, where there are any; see {@link iterationOf}. */
      readonly iteration?: string;
    })
  | (At & { readonly type: 'retry.due'; readonly attempt: number })
  /** The time for retries was over before the attempt after this one could start. */
  | (At & { readonly type: 'retry.expired'; readonly attempt: number })
  | (At & { readonly type: 'step.entered' })
  | (At & {
      /** The OR scope `node` goes on with a state: for the `visit`th time, coming from one whose latest output is `prev`. */
      readonly type: 'state.entered';
      readonly state: string;
      readonly visit: number;
      readonly prev: Carried | null;
    })
  /** A scope or a wait took longer than its timeout; `iteration` as in `attempt.reused`. */
  /** `until` of the scope or the `each` holds: what has not settled is cut off. */
  | (At & { readonly type: 'step.ended' })
  | (At & { readonly type: 'step.timed_out'; readonly iteration?: string })
  | (At & {
      readonly type: 'wait.begun';
      /** How long it waits from now on, or until when. */
      readonly forMs?: Ms;
      readonly until?: Instant;
      /** Or for which event, and what is asked of whoever answers. */
      readonly event?: string;
      readonly ask?: string;
      /** The roles that may answer, where the definition does not name them. */
      readonly roles?: readonly string[];
    })
  /** The root was asked for the signals that it waits for, or asked no longer. */
  | (At & { readonly type: 'wait.subscribed' | 'wait.unsubscribed' })
  | (At & {
      readonly type: 'wait.answered';
      readonly iteration?: string;
      readonly answer: Carried;
      readonly by: string;
      /** In which of the roles that the wait is `to`. */
      readonly as?: string;
      /** By which the same answer is known when it is given again. */
      readonly id?: string;
      /** Where a signal answered it. */
      readonly signal?: Omit<Signal, 'payload' | 'by'>;
    })
  /** As for a wait: the root was asked for the signals that lead out of a state of the scope `node`. */
  | (At & { readonly type: 'state.subscribed' | 'state.unsubscribed'; readonly state: string })
  /** A signal leads out of the state. */
  | (At & { readonly type: 'state.signalled'; readonly state: string; readonly iteration: string; readonly signal: Signal })
  /** The time that it waited for has come. */
  | (At & { readonly type: 'wait.over'; readonly iteration?: string })
  /** The scope around it ends, and so does the wait. */
  | (At & { readonly type: 'wait.left' })
  | (At & { readonly type: 'step.skipped'; readonly reason: string })
  | (At & { readonly type: 'step.caught'; readonly error: Failure; readonly catch: number })
  | (At & { readonly type: 'step.settled'; readonly output: Carried; readonly degraded: boolean })
  | (At & { readonly type: 'step.failed'; readonly error: Failure })
  | (At & { readonly type: 'step.cancelled'; readonly reason: string })
  | (At & {
      readonly type: 'each.opened';
      readonly total: number;
      /** Items before `--limit` cut the list, when it did. */
      readonly of: number;
      /** Items per page and chunk; only the last page may hold fewer. */
      readonly pageSize: number;
      /** Hash of the list of page hashes. */
      readonly pages: string;
      readonly workers: number;
      /** How many items may fail; null for any number. */
      readonly tolerate: number | null;
      readonly env: { readonly [name: string]: Carried };
    })
  | CompensationEvent
  | (At & { readonly type: 'chunk.spawned'; readonly chunk: number; readonly size: number; readonly slots: number })
  /** The chunk was granted so many slots in all. */
  | (At & { readonly type: 'chunk.slots'; readonly chunk: number; readonly slots: number })
  /** The chunk was told to cancel its items. */
  | (At & { readonly type: 'chunk.recalled'; readonly chunk: number });

/** Why an attempt starts: shown by `logs` and `status -v`, and for every re-execution after a restart. */
export type StartReason = 'first' | 'continued' | 'retry' | 'engine_ended' | 'worker_ended' | 'stopped' | 'rewound';

export interface ArtifactRecord extends ArtifactRef {
  readonly stage: string;
  /** Hashes of artifacts, or `file:` paths of inputs, that it was made from. */
  readonly from: readonly string[];
}

/** One row of a chunk's result page. */
export interface ResultRow {
  readonly key: string;
  readonly status: 'succeeded' | 'failed' | 'skipped' | 'cancelled';
  readonly output?: Carried;
  readonly error?: Failure;
  readonly degraded?: true;
}

/** One row of the page that a chunk works on. */
export interface ItemRow {
  readonly key: string;
  readonly value: Json;
}

/** Facts about the engine itself; they belong to no run. */
export type EngineEvent =
  | PostEvent
  | { readonly type: 'engine.started'; readonly epoch: number; readonly version: string; readonly pid: number }
  | { readonly type: 'engine.stopped'; readonly reason: string }
  /** The store runs out of space, or its write-ahead log has grown too long. */
  | { readonly type: 'store.warned'; readonly about: 'space' | 'log'; readonly message: string }
  | { readonly type: 'store.eased'; readonly about: 'space' | 'log' }
  /**
   * All events of these runs are removed for good; `events` is how many each has had. Of mailboxes those facts are that say
   * nothing any more; `events` is how many of each are gone then, with those that went before.
   */
  | {
      readonly type: 'store.pruned';
      readonly runs: readonly { readonly run: string; readonly events: number }[];
      readonly mailboxes?: readonly { readonly mailbox: string; readonly events: number }[];
      readonly by: string;
    }
  | { readonly type: 'limit.declared'; readonly pool: string; readonly limit: JsonObject; readonly flow: string }
  | { readonly type: 'limit.changed'; readonly pool: string; readonly from: JsonObject; readonly to: JsonObject; readonly by: string }
  | ({
      readonly type: 'breaker.changed';
      readonly pool: string;
      /** Who changed it by hand; null when the calls did. */
      readonly by: string | null;
    } & BreakerStatus)
  /** The pool gives out this part of its limit, 1 for the whole, because its service refused calls or answers again. */
  | ({ readonly type: 'limit.adapted'; readonly pool: string } & AdaptedLimit);

/** How far a pool has adapted to what its service lets through. */
export interface AdaptedLimit {
  readonly share: number;
  /** What each answered call adds to the share. */
  readonly step: number;
  /** Nothing starts before this instant; null where nobody said so. */
  readonly until: Instant | null;
}

/** Where a pool's breaker stands. */
export interface BreakerStatus {
  /** `half_open`: one call at a time tries whether the service answers. */
  readonly state: 'closed' | 'open' | 'half_open';
  /** While open: before this instant nothing is let through. */
  readonly until: Instant | null;
  /** Failures of the service in a row. */
  readonly failures: number;
  /** Code of the last of them. */
  readonly code: string | null;
  /** Closed again: how many may be under way at once; null when no longer held down. */
  readonly ramp: number | null;
}

export type Event = (RunEvent | VersionEvent | ChunkEvent | ReportEvent | MailEvent | StepEvent) & { readonly from?: Sender };

/** An event as the journal holds it. */
export interface Recorded<E = Event> {
  /** Position in the whole journal, from 1, without gaps. */
  readonly gseq: number;
  readonly run: string;
  /** `root`, or a chunk's id; see {@link chunkId}. */
  readonly actor: string;
  /** Position in the actor's sequence, from 1, without gaps. */
  readonly seq: number;
  readonly at: Instant;
  readonly event: E;
}

export const ROOT = 'root';

/**
 * `root/0:books:3` is chunk 3 of the step `books` that fanned out in item 0 of the root; `root/0:talk.books@2:3` is one
 * of the second visit of the state `talk`.
 */
export function chunkId(parent: string, item: number, node: string, chunk: number, iteration = ''): string {
  return `${parent}/${item}:${node.replaceAll('/', '.')}${iteration === '' ? '' : `@${iteration}`}:${chunk}`;
}
