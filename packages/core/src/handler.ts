/**
 * The contract between a flow and the code that a step calls. A handler is a function with an input and an output
 * contract, declared effects and error codes; everything it may touch outside its input comes through its context.
 */

import type { ArtifactRef } from './artifact.ts';
import type { Json, JsonObject, Schema } from './json.ts';
import type { Budget, Flow, Mode } from './ir.ts';
import type { Cost } from './budgets/usage.ts';
import type { GoOn } from './parts/part.ts';
import type { ReportPage, ReportSection } from './report.ts';
import type { Settings } from './settings.ts';

declare global {
  /** Opaque here; the platform's own `AbortSignal` wherever its types are loaded. */
  interface AbortSignal {}
}

export interface Handler {
  /** `<package>/<name>`, as written after `uses:`. */
  readonly name: string;
  /** Semantic version; a new one means that earlier results are not reused. */
  readonly version: string;
  readonly doc: string;
  readonly input: Schema;
  readonly output: Schema;
  /** What a call does to the world beyond its artifacts. */
  readonly effects: 'none' | 'read' | 'write';
  /**
   * The same input (artifacts by content) gives the same output: a later run may reuse the result instead of calling.
   */
  readonly pure: boolean;
  /**
   * Called before a run exists, too, if its input is known by then; failing refuses the run. For what a run cannot do
   * without, such as a file that must be there. Only for handlers that write nothing.
   */
  readonly preflight?: boolean;
  /** Whether a second call with the same idempotency key has no second effect: then it may be tried again whatever it writes. */
  readonly idempotent?: boolean;
  /**
   * `thread` for work bound by the processor: it runs in a worker thread and never blocks the engine. `process` for what
   * the engine is to be safe from: it runs in a child process with bounded memory and an environment of its own.
   */
  readonly runs: 'async' | 'thread' | 'process';
  /** What the child process of a call may have of memory, in megabytes, about 80 of them for Node.js itself; 1,024 unless given. */
  readonly memoryMb?: number;
  /** Environment variables that it reads in a child process, beside the common ones: PATH, HOME, LANG and the like. */
  readonly env?: readonly string[];
  /** The codes that `run` may raise beside the common ones of {@link ErrorKind}. */
  readonly errors: { readonly [code: string]: string };
  /**
   * What a call with this input may use at most, or null for one that uses nothing: reserved in all budgets around it
   * before it starts. Pure and synchronous, and called in the engine's own thread; a collection is `{ size }` here.
   */
  readonly cost?: (input: never, about: About) => Cost | null;
  /**
   * The settings that a call with this input reads, with their values: what was done under others is not taken over.
   * Pure and synchronous, as `cost`; none unless given.
   */
  readonly settingsOf?: (input: never, about: Pick<About, 'step' | 'key' | 'settings'>) => Settings;
  /**
   * About how many bytes of the run's input files stand behind one element that it is called for, where it is called in
   * an `each` of an item: by it `plan` tells how often, before any run has told. What that takes it asks of `cost`, which
   * must then do with the elements, as a list of nulls, and what the definition and the run's input say of the call.
   */
  readonly elementBytes?: number;
  /**
   * A budget of its own, beside those of the steps: shared by all calls of the run that name the same account, from
   * whatever step. Pure and synchronous, as `cost` is.
   */
  readonly account?: (input: never, about: About) => CallAccount | null;
  /** Flows that may do a part of its work, each with all that it calls itself. */
  readonly flows?: readonly Flow[];
  /** What a step lets it do besides, by what it gives word for word; pure, and asked when a definition is checked. */
  readonly lends?: (given: JsonObject) => Loan;
  /** Only what `runs` in the engine's own thread may do its work in parts, by returning a {@link GoOn}. */
  readonly run: (input: never, context: Context) => Promise<Json | GoOn> | Json | GoOn;
}

/** What a step with a certain input lets its handler do. */
export interface Loan {
  /** What that does to the world, flows left out. */
  readonly effects: Handler['effects'];
  /** They become known to the run, and the handler may call them as its own {@link Handler.flows}. */
  readonly flows: readonly LoanedFlow[];
}

export interface LoanedFlow {
  /**
   * Where the input has the object that names it, as a JSON pointer. The name, which may have an `@range`, is its `flow`;
   * its `doc`, `input` and `effects` are filled in from the flow where they are not there.
   */
  readonly at: string;
  readonly uses: string;
  /** So many runs of the flow may be in each other; 1 unless the step says more. */
  readonly depth: number;
  /** Codes of its failures that are failures of the step, too. */
  readonly raises: readonly string[];
}

export interface CallAccount {
  readonly name: string;
  readonly budget: Budget;
}

/** What is known of a call beside its input. */
export interface About {
  /** The step's path. */
  readonly step: string;
  /** The innermost item's key, absent outside an `each`. */
  readonly key?: string;
  readonly notes: Notes;
  /** What the step asks of the result beyond the handler's own contract; `true` for nothing. */
  readonly returns: Schema;
  readonly settings: Settings;
}

/** A value that is kept under the hash of its JSON. */
export interface ValueRef {
  /** `sha256:<hex>`. */
  readonly ref: string;
  readonly bytes: number;
}

/** JSON Schema of a {@link ValueRef}. */
export const valueRefSchema: Schema = {
  type: 'object',
  required: ['ref', 'bytes'],
  properties: { ref: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' }, bytes: { type: 'integer', minimum: 0 } },
  additionalProperties: false,
};

/** What the attempts before this one have noted, by name. */
export type Notes = { readonly [name: string]: Json };

/**
 * What a handler is given beside its input. It must not keep any of it after it returned: late writes are refused and
 * late log lines dropped.
 */
export interface Context {
  readonly run: { readonly id: string; readonly batch: string; readonly mode: Mode; readonly test: boolean };
  readonly step: {
    /** The step's path, for instance `books/clean`. */
    readonly path: string;
    /** The innermost item's key, absent outside an `each`. */
    readonly key?: string;
    /** From 1. */
    readonly attempt: number;
    /** The same for every attempt of this step in this run: hand it to whoever deduplicates. */
    readonly idempotencyKey: string;
    /** What the step asks of the result beyond the handler's own contract; `true` for nothing. */
    readonly returns: Schema;
    /** Members of the input that came neither from the definition nor from whoever started the run: from files, pages, other steps. */
    readonly outside: readonly string[];
    /** What the attempt before this one failed with, in a retry. */
    readonly failure?: { readonly code: string; readonly message: string; readonly details?: JsonObject };
  };
  readonly notes: Notes;
  /** Of the run, as they are when the attempt starts: `agents.writer.model`. */
  readonly settings: Settings;
  /**
   * Notes something that later attempts of the step are to know, whatever becomes of this one: a call that was paid for
   * and need not be made again. Resolves when it is durable.
   */
  readonly note: (name: string, value: Json) => Promise<void>;
  /**
   * Keeps a value for whoever is given its reference, in this run or another one, as long as the run is kept: what is
   * too long to be handed on, and may be asked for later. Resolves when it is durable.
   */
  readonly keep: (value: Json) => Promise<ValueRef>;
  /** The value behind a reference; raises `io` where nobody has it any more. */
  readonly recall: (ref: ValueRef) => Promise<Json>;
  /** Shows a piece of the result to whoever watches the run, and to nobody later. */
  readonly stream: (text: string) => void;
  /** Aborted on cancellation, timeout and forced stop. */
  readonly signal: AbortSignal;
  readonly outputs: Outputs;
  readonly artifacts: Artifacts;
  /** The process environment, except in handlers that other languages serve: secrets are read here, never passed as input. */
  readonly env: { readonly [name: string]: string | undefined };
  /**
   * Tells what the call has really used; told more than once, it adds up. It also counts when the call fails afterwards.
   * What was declared as the cost and never told counts as used to the full.
   */
  readonly spend: (used: Cost) => void;
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: { readonly [key: string]: Json }) => void;
}

export interface Outputs {
  /**
   * Writes one file below `<out>/<stage>/<batch>/`, atomically and synced, and returns its reference.
   * `name` is a relative path of plain segments; anything else raises `contract.output`.
   */
  readonly write: (name: string, data: string | Uint8Array, options?: WriteOptions) => Promise<ArtifactRef>;
}

export interface WriteOptions {
  /** The artifacts and input files that this one was made from; recorded as its lineage. */
  readonly from?: readonly (ArtifactRef | string)[];
}

export interface Artifacts {
  /** The bytes of an artifact of this run's output root; raises `io` when they no longer have the recorded hash. */
  readonly read: (ref: ArtifactRef) => Promise<Uint8Array>;
  readonly readText: (ref: ArtifactRef) => Promise<string>;
  /** Where an artifact lies, for programs that must open the file by themselves. */
  readonly locate: (ref: ArtifactRef) => string;
}

/**
 * A collection as a handler receives it: the results of an `each`, page by page and in item order. A contract asks for
 * it with the keyword `collection`, whose value is the schema of one element.
 */
export interface ItemCollection<T = Json> {
  readonly size: number;
  readonly [Symbol.asyncIterator]: () => AsyncIterator<T>;
}

declare const contract: unique symbol;

/**
 * A handler that carries the types of its input and output, for those who call it from TypeScript. Both are the
 * author's word; at run time only the schemas count.
 */
export interface TypedHandler<I, O = Json> extends Handler {
  /** Never there: it holds the types. */
  readonly [contract]?: (input: I) => O;
}

/**
 * Declares a handler; the types are checked against nothing but the author's word, the schemas at run time. Types that
 * are not named, of parameters or of the result, are those of `run`.
 */
export function defineHandler<I, O extends { readonly [K in keyof O]: Shape<O[K]> } = Json>(
  handler: Omit<Handler, 'run' | 'cost' | 'account' | 'settingsOf' | 'pure' | 'runs' | 'errors'> &
    Partial<Pick<Handler, 'pure' | 'runs' | 'errors'>> & {
      readonly cost?: (input: I, about: About) => Cost | null;
      readonly settingsOf?: (input: I, about: Pick<About, 'step' | 'key' | 'settings'>) => Settings;
      readonly account?: (input: I, about: About) => CallAccount | null;
      readonly run: (input: I, context: Context) => Promise<O | GoOn> | O | GoOn;
    },
): TypedHandler<I, O> {
  return { pure: false, runs: 'async', errors: {}, ...handler };
}

/** JSON of a known shape; unlike {@link Json} it lets interfaces through, and optional properties. */
type Shape<T> = T extends Json
  ? T
  : T extends (...parameters: never) => unknown
    ? never
    : T extends object
      ? { readonly [K in keyof T]: Shape<T[K]> }
      : never;

/** Handlers and the module that exports them as `handlers`, so that a worker thread or another process can load them too. */
export interface HandlerModule {
  /** A `file:` URL. */
  readonly url: string;
  readonly handlers: readonly Handler[];
  /** Exported as `page`: what it makes of the report of its flow's runs. */
  readonly page?: ReportPage;
  /** Exported as `section`: what it adds to the reports of runs that call its handlers. */
  readonly section?: ReportSection;
}
