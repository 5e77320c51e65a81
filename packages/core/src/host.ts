/**
 * The host port: what every engine that runs flows can do, and what its callers may rely on. The embedded engine, its
 * remote client and later the cluster implement it; the command line and the server are written against it alone.
 *
 * Every method that changes something resolves only after the fact is durable. Errors are {@link HostError}s.
 */

import type { BreakerStatus, ParentRun, Recorded, RunOptions } from './events.ts';
import type { DeadLetter, DeadLetterFilter, DeadSelection } from './failures/dead-letter.ts';
import type { Failure } from './errors.ts';
import type { CalledFlows, Flow, Limit } from './ir.ts';
import type { Instant, Json, JsonObject, Ms, Schema } from './json.ts';
import type { MailboxSummary, MessageFilter, MessageSummary, MessageView, RedeliverRequest, SendRequest, Sent } from './post/showing.ts';
import type { Progress } from './progress/figures.ts';
import type { Settings } from './settings.ts';
import type { Usage } from './budgets/usage.ts';

export interface StartRequest {
  readonly flow: Flow;
  /** Checked against the flow's input schema, defaults applied, by the caller; checked again by the host. */
  readonly input: JsonObject;
  readonly options: RunOptions;
  /** What the flow calls, and what that calls: the run stays with these definitions. */
  readonly called?: CalledFlows;
  /** Who asks: `cli:<user>` and the like. */
  readonly by: string;
  /** How long it may wait until it is its turn to begin, a minute unless given; then it is refused as `overloaded`. */
  readonly withinMs?: Ms;
}

export type RunStatus = 'running' | 'paused' | 'interrupted' | 'parked' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';

export interface RunSummary {
  readonly run: string;
  readonly flow: { readonly name: string; readonly version: string; readonly hash: string };
  readonly status: RunStatus;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly options: RunOptions;
  readonly input: JsonObject;
  readonly output: Json | null;
  readonly error: Failure | null;
  /** Of a child run: which step of which run it works for. */
  readonly parent?: ParentRun;
  /** Of a fork: the run whose history it shares up to where they part. */
  readonly forkedFrom?: string;
  /** Set when its events were removed: what is here is all that is left of it. */
  readonly pruned?: { readonly at: Instant; readonly by: string };
  readonly progress: Progress;
}

export interface PoolStatus {
  readonly pool: string;
  readonly limit: Limit;
  /** Attempts that hold a permit now; above `limit.concurrent` while a lowered limit drains. */
  readonly used: number;
  readonly waiting: number;
  /** Of a pool with a breaker. */
  readonly breaker?: BreakerStatus;
  /** Of a pool with `tokens`: what counts of them now, calls under way by their estimate. */
  readonly tokens?: number;
  /** While the service refuses calls because there are too many. */
  readonly adapted?: AdaptedStatus;
}

/** What a pool gives out of its limit while the service behind it refuses more. */
export interface AdaptedStatus {
  /** The part of what is declared, above 0 and below 1. */
  readonly share: number;
  /** What that is. */
  readonly limit: Limit;
  /** Nothing starts before this instant, because the service said when to come again; null when it did not or that is past. */
  readonly until: Instant | null;
}

/** A piece of the result of an attempt at work. */
export interface Streamed {
  readonly run: string;
  readonly step: string;
  readonly key: string | null;
  readonly attempt: number;
  readonly text: string;
}

/** What can be changed by hand. */
export type LimitChange = Omit<Limit, 'breaker'>;

/** An artifact with where it came from. */
export interface ArtifactInfo {
  readonly path: string;
  readonly hash: string;
  readonly bytes: number;
  readonly run: string;
  readonly stage: string;
  readonly key: string | null;
  readonly handler: string;
  readonly at: Instant;
  readonly reusedFrom: string | null;
  readonly from: readonly string[];
}

/** How far one item of an `each` has come. */
export interface ItemOutcome {
  readonly key: string;
  readonly status: 'succeeded' | 'failed' | 'skipped' | 'cancelled' | 'running' | 'waiting';
  readonly output: Json | null;
  readonly error: Failure | null;
  readonly degraded: boolean;
}

/** What a dry run says of one step of one item. */
export interface PlannedStep {
  readonly key: string | null;
  readonly step: string;
  readonly action: 'run' | 'reuse' | 'skip' | 'unknown';
  readonly reason: string;
  /** What the call may use at most, where its handler says so and its input is known. */
  readonly most?: Usage;
}

export interface MigrateRequest {
  /** The definition that runs of its name are to go on with. */
  readonly flow: Flow;
  /** Where its handlers are. */
  readonly modules: readonly string[];
  /** Only this run. */
  readonly run?: string;
  /** Say what would happen, and change nothing. */
  readonly dryRun: boolean;
  readonly by: string;
}

/** What a migration means, or has meant, for one run. */
export interface MigrationReport {
  readonly run: string;
  /** Of its definition before. */
  readonly version: string;
  /** `pinned`: it stays with its definition; `blocked`: it cannot go on with the new one from where it is. */
  readonly outcome: 'unaffected' | 'migratable' | 'migrated' | 'pinned' | 'blocked';
  readonly reasons: readonly string[];
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  /** Steps whose outputs it no longer has. */
  readonly forgotten: readonly string[];
  readonly assumed: readonly { readonly step: string; readonly items: number }[];
  /** Steps, or parts of the flow, whose policies it adopts. */
  readonly adopted: readonly string[];
}

export interface ForkRequest {
  readonly run: string;
  /** The step that runs again, with what follows from it; null: from the beginning. */
  readonly step: string | null;
  /** The whole input, where it is to be another. */
  readonly input: JsonObject | null;
  /** Outputs in place of those of steps, by path. */
  readonly outputs: { readonly [step: string]: Json };
  /** In place of those that the run began with; null takes one back. What was done under others is done again. */
  readonly settings?: Settings;
  /** Of what failed for good in the run, only this is tried again; the rest fails with `not_retried`. */
  readonly only?: DeadSelection;
  readonly by: string;
}

export interface RollbackRequest {
  readonly run: string;
  /** A step, for before it first began; or the number of the last event that still counts. */
  readonly to: string | number;
  readonly by: string;
}

export interface ResumeAllRequest {
  /** Only runs of this flow. */
  readonly flow?: string;
  readonly by: string;
}

export interface ResumeAllReport {
  /** The runs that go on, or that have ended by now. */
  readonly resumed: readonly string[];
  /** Those that cannot go on, or wait for one that cannot, with the reason. */
  readonly left: readonly { readonly run: string; readonly reason: string; readonly fix?: string }[];
}

export interface RollbackReport {
  readonly run: string;
  /** The last event that still counts, but for the rollback itself. */
  readonly event: number;
  /** Events that no longer count. */
  readonly erased: number;
  /** The folder below the output root that files were moved to. */
  readonly aside: string | null;
  readonly files: readonly string[];
  readonly effects: readonly EffectLeft[];
}

/** A call of a handler that writes to the world outside: what it did there stays done. */
export interface EffectLeft {
  readonly step: string;
  readonly key: string | null;
  readonly handler: string;
  readonly attempt: number;
  readonly at: Instant;
}

/** Where a step of the run's root settled: a place to roll back to. */
export interface Checkpoint {
  readonly event: number;
  readonly at: Instant;
  readonly step: string;
  /** Type of the event. */
  readonly what: string;
}

/** A step that waits for a time, a signal or an answer. */
export interface OpenWait {
  readonly run: string;
  readonly step: string;
  /** The keys of the items around it, the outermost first, with `/` between them; null outside of any `each`. */
  readonly item: string | null;
  /** Null for a time. */
  readonly event: string | null;
  readonly ask: string | null;
  /** The roles that a question is put to. */
  readonly to: readonly string[];
  /** The contract of an answer; `false` for a time. */
  readonly answer: Schema;
  readonly since: Instant;
  /** When it is over, or times out. */
  readonly due: Instant | null;
  /** For the post, which answers by itself: the step that waits, for a message in a mailbox or for what becomes of the one with that id. */
  readonly post?: { readonly step: string; readonly mailbox: string; readonly id: string | null };
}

export interface AnswerRequest {
  /** A path, or its last part; null where only one wait of the run is open. */
  readonly step: string | null;
  /** As in {@link OpenWait}; null where only one item waits at the step. */
  readonly item: string | null;
  readonly answer: Json;
  /** One of the roles that the question is put to; null where there is only one, or none. */
  readonly as: string | null;
  /** By which the same answer is known when it is given again. */
  readonly id: string | null;
  readonly by: string;
}

export interface Answered {
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
  /** `already`: this answer had been given before. */
  readonly status: 'answered' | 'already';
  /** Who gave it, and when. */
  readonly by: string;
  readonly at: Instant;
}

export interface SignalRequest {
  readonly name: string;
  readonly payload: Json;
  /** Known by it when it is sent again; null for one of its own. */
  readonly id: string | null;
  readonly by: string;
}

export interface Signalled {
  readonly run: string;
  readonly id: string;
  /** `already`: it had been received before. */
  readonly status: 'received' | 'already';
  /** Nobody has taken it yet. */
  readonly kept: boolean;
}

export interface Host {
  /** Starts a run and returns its id once that is durable. */
  readonly start: (request: StartRequest) => Promise<string>;
  /** Runs what only reads, calls nothing else, writes nothing, and yields every item × step that would run, with the reason. */
  readonly plan: (request: StartRequest) => AsyncIterable<PlannedStep>;
  /** The newest first. */
  readonly list: (filter?: {
    readonly status?: RunStatus;
    readonly flow?: string;
    /** Only the child runs of this one. */
    readonly parent?: string;
    /** Runs that work for a step of another one, too. */
    readonly children?: boolean;
    readonly limit?: number;
  }) => Promise<readonly RunSummary[]>;
  /** Raises `not_found`. `run` may be an unambiguous prefix, or `latest`. */
  readonly describe: (run: string) => Promise<RunSummary>;
  /** The run's events after `after` (a gseq), at most `limit`; those of one actor where it is named. */
  readonly events: (run: string, after?: number, limit?: number, actor?: string) => Promise<readonly Recorded[]>;
  /** The run's definition as it was started. */
  readonly definition: (run: string) => Promise<Flow>;
  /** The definitions that the run was started with beside its own. */
  readonly called: (run: string) => Promise<CalledFlows>;
  /** A snapshot, then one snapshot per `everyMs` while something changes, then the last one; ends when the run has settled or is interrupted. */
  readonly watch: (run: string, options?: { readonly everyMs?: Ms; readonly signal?: AbortSignal }) => AsyncIterable<RunSummary>;
  /** What attempts at work show of their results from now on, such as the words of a model; of a run that somebody started, also those of runs of its steps; ends when the run has ended or is interrupted. */
  readonly listen: (run: string, options?: { readonly signal?: AbortSignal }) => AsyncIterable<Streamed>;
  /** Settings for the attempts that start from now on, of the run and of the runs that its steps wait for; null takes one back. */
  readonly configure: (run: string, settings: Settings, by: string) => Promise<void>;
  /** Pausing, resuming and cancelling carry over to the child runs that steps wait for. */
  readonly pause: (run: string, by: string) => Promise<void>;
  /** Raises `conflict` for a child run whose parent does not run: it goes on with that one. */
  readonly resume: (run: string, by: string) => Promise<void>;
  /** Resumes what is interrupted or parked, the oldest first; resolves when it is known of each whether it goes on. */
  readonly resumeAll: (request: ResumeAllRequest) => Promise<ResumeAllReport>;
  readonly cancel: (run: string, by: string, reason: string) => Promise<void>;
  /** Moves the live runs of a flow to another definition of it; those that are running must be paused first. */
  readonly migrate: (request: MigrateRequest) => Promise<readonly MigrationReport[]>;
  /** Begins a run beside another, which stays as it is, and returns its id once that is durable. */
  readonly fork: (request: ForkRequest) => Promise<string>;
  /** Takes a run back that is paused, interrupted, parked or ended; it is interrupted then, and can be resumed. */
  readonly rollback: (request: RollbackRequest) => Promise<RollbackReport>;
  /** Writes the report of a run as it now stands, and its log where it has none: only batches have both by themselves. */
  readonly report: (run: string) => Promise<void>;
  readonly checkpoints: (run: string) => Promise<readonly Checkpoint[]>;
  /** Open waits of one run, or of all that have not ended, and of the runs that they called; the longest waiting first, at most `limit`, by default 1,000. */
  readonly waits: (run?: string, limit?: number) => Promise<readonly OpenWait[]>;
  /**
   * Answers one open wait, of an interrupted run too. Raises `invalid` for what breaks its contract, `ambiguous` where
   * several waits may be meant, and `conflict` with the reason when it waits no longer.
   */
  readonly answer: (run: string, request: AnswerRequest) => Promise<Answered>;
  /** Sends a run an event. Raises `invalid` where nothing in its flow takes it, `conflict` when it has ended. */
  readonly signal: (run: string, request: SignalRequest) => Promise<Signalled>;
  /** A value that a handler has kept, by its reference `sha256:…`; raises `not_found`. */
  readonly value: (ref: string) => Promise<Json>;
  readonly mailboxes: () => Promise<readonly MailboxSummary[]>;
  /** What has not settled, then the latest that has. */
  readonly messages: (filter?: MessageFilter) => Promise<readonly MessageSummary[]>;
  /** Raises `not_found`; of what was published, the copy in one mailbox. */
  readonly message: (id: string, mailbox?: string) => Promise<MessageView>;
  /** Puts a message into a mailbox, or into all that have subscribed to a topic. Raises `overloaded` for one that is full, `invalid` for what it does not accept. */
  readonly send: (request: SendRequest) => Promise<Sent>;
  /** Puts dead messages into their mailbox again; returns which. */
  readonly redeliver: (request: RedeliverRequest) => Promise<readonly string[]>;
  readonly limits: () => Promise<readonly PoolStatus[]>;
  /** `pool` may be the last segment of a pool's name where that is unambiguous. Returns the limit before and after. */
  readonly setLimit: (
    pool: string,
    change: LimitChange,
    by: string,
  ) => Promise<{ readonly pool: string; readonly from: Limit; readonly to: Limit }>;
  /** Ends the cool-down of a pool's breaker: it lets through one, two, four, … at once. Raises `conflict` where there is no breaker. */
  readonly closeBreaker: (pool: string, by: string) => Promise<{ readonly pool: string; readonly breaker: BreakerStatus }>;
  /** The artifact at an absolute path or with a hash (`sha256:…`), or null; follow `from` for its ancestors. */
  readonly artifact: (name: string) => Promise<ArtifactInfo | null>;
  readonly artifacts: (run: string) => AsyncIterable<ArtifactInfo>;
  /** What failed for good and was not caught, in one run, or in all of them, the newest first. */
  readonly deadLetters: (filter?: DeadLetterFilter) => AsyncIterable<DeadLetter>;
  /** Results of the outermost `each`, in item order. */
  readonly results: (run: string, step: string) => AsyncIterable<ItemOutcome>;
  /** Starts nothing new, waits for what runs, marks live runs interrupted, and closes. */
  readonly drain: () => Promise<void>;
  /** As `drain`, but aborts what runs. */
  readonly stop: () => Promise<void>;
}

export class HostError extends Error {
  /** `overloaded`: there is no room for it now; what was accepted goes on. */
  readonly code: 'not_found' | 'ambiguous' | 'conflict' | 'invalid' | 'unavailable' | 'overloaded' | 'fatal';
  readonly fix: string | undefined;
  /** Of one that is `overloaded`: when it makes sense to ask again. */
  readonly retryAfterMs: Ms | undefined;

  constructor(code: HostError['code'], message: string, fix?: string, retryAfterMs?: Ms) {
    super(message);
    this.name = 'HostError';
    this.code = code;
    this.fix = fix;
    this.retryAfterMs = retryAfterMs;
  }
}
