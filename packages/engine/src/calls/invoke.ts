/**
 * Runs one attempt of one step: finds the handler, checks both borders, calls it here, in a worker thread or in a child
 * process, and turns whatever happens into a result or a failure.
 *
 * 1. It resolves or throws {@link AttemptError} within the timeout and a short grace, whatever the handler does.
 * 2. Once an attempt is aborted its result no longer counts: the failure is `timeout` or `cancelled`.
 * 3. A handler's stack goes to the log, never into the journal.
 */

import { StepError } from '@scriptorium/core';
import type { Collection, Context, Handler, HandlerModule, Json, Ms, Notes, Settings, Value } from '@scriptorium/core';
import { systemClock } from '../kernel/clock.ts';
import type { Clock } from '../kernel/clock.ts';
import { resolveInput } from './collections.ts';
import type { ResolvedInput } from './collections.ts';
import type { Contracts } from './contracts.ts';
import { abortFailure, AttemptError, contractFailure, failure, failureOf } from './failures.ts';
import type { AbortReason } from './failures.ts';
import { guardJson } from './guard.ts';
import { unwatched } from './loop-watch.ts';
import type { LoopWatch } from './loop-watch.ts';
import { callHandler } from './handler-call.ts';
import type { CallFacts, CallResult, Hearing } from './handler-call.ts';
import type { OutputPlace } from '../outputs/output-place.ts';
import { createRedactor } from './redaction.ts';
import type { Secret } from './redaction.ts';
import { fillSecrets, openSecrets } from './secrets.ts';
import type { SecretUse } from './secrets.ts';
import { createProcesses } from './processes.ts';
import { Stop } from './stop.ts';
import { inCall } from './strays.ts';
import { Threads } from './threads.ts';
import { stackOf } from './thrown.ts';

/** The module of the engine's own handlers, which belong to it. */
const coreUrl = new URL('../handlers/core-handlers.ts', import.meta.url).href;

/** How long a handler may take to end after it was asked to. */
const GRACE_MS = 2_000;

/** `handler`: where each of them says; `process`: in child processes, all but the engine's own. */
export type Isolation = 'handler' | 'process';

export interface InvokerPorts {
  /** Asked at every call, because modules are loaded while the engine runs. */
  readonly modules: () => readonly HandlerModule[];
  readonly contracts: Contracts;
  readonly env: Context['env'];
  /** The elements of a stored collection, page by page. */
  readonly pages: (collection: Collection) => Iterable<readonly Json[]> | AsyncIterable<readonly Json[]>;
  /** Worker threads, and child processes; unless given as many as the machine runs at once, and a thread more. */
  readonly threads?: number;
  /** Where handlers run that could do with less. */
  readonly isolation?: Isolation;
  /** The platform's unless given. */
  readonly clock?: Clock;
  /** Told of what is called in the engine's own thread. */
  readonly watch?: LoopWatch;
}

/** One attempt. */
export interface Invocation extends Hearing {
  /** The handler's name, with or without `@range`. */
  readonly uses: string;
  readonly input: Value;
  readonly run: Context['run'];
  readonly step: Context['step'];
  readonly notes: Notes;
  readonly settings: Settings;
  readonly place: OutputPlace;
  readonly secrets: SecretUse;
  /** From the moment at which the handler starts; null for no limit. */
  readonly timeoutMs: number | null;
  /** Of its run, from 1 to 10. */
  readonly priority: number;
}

export interface Invoker {
  /** Throws {@link AttemptError}. */
  readonly invoke: (invocation: Invocation, stop: Stop) => Promise<CallResult>;
  readonly close: () => Promise<void>;
}

export function createInvoker(ports: InvokerPorts): Invoker {
  const { clock = systemClock, watch = unwatched } = ports;
  const threads = new Threads(ports.threads);
  const processes = createProcesses(ports.threads);
  const checks = new WeakMap<Handler, Checks>();
  const checksOf = (handler: Handler): Checks => {
    const known = checks.get(handler) ?? { input: ports.contracts.compile(handler.input), output: ports.contracts.compile(handler.output) };
    checks.set(handler, known);
    return known;
  };
  const invoke = async (invocation: Invocation, stop: Stop): Promise<CallResult> => {
    const { handler, url } = findHandler(ports.modules(), invocation.uses);
    const check = checksOf(handler);
    const secrets = openSecrets(invocation.secrets, ports.env);
    const resolved = admitted(handler, check, ports, invocation, secrets);
    const facts: CallFacts = {
      run: invocation.run,
      step: invocation.step,
      notes: invocation.notes,
      settings: invocation.settings,
      place: invocation.place,
      secrets,
    };
    const result = await bounded(clock, invocation.timeoutMs, stop, (asked, kill, onStart) => {
      const isOwn = url === coreUrl;
      const runs = ports.isolation === 'process' && !isOwn ? 'process' : handler.runs;
      if (runs === 'thread' || runs === 'process') {
        const { priority, secrets: use, onLog, onSpend } = invocation;
        const ends = { onStart, signal: asked.signal, kill: kill.signal };
        const remote = { url, handler, resolved, facts, priority, env: ports.env, onLog, onSpend, ...ends };
        if (runs === 'thread') return threads.run(remote);
        return processes.run({ ...remote, secretNames: use.references.map(({ name }) => name) });
      }
      onStart();
      const here = (): Promise<CallResult> => callHere({ handler, isOwn }, resolved, facts, ports.env, asked, invocation);
      return isOwn ? here() : watch.during({ run: facts.run.id, step: facts.step.path, handler: handler.name }, here);
    });
    if (result.goesOn !== undefined) return result;
    const problems = check.output(result.output);
    if (problems.length > 0) throw new AttemptError(contractFailure('contract.output', `the result of ${handler.name}`, problems));
    return result;
  };
  const close = async (): Promise<void> => {
    await Promise.all([threads.close(), processes.close()]);
  };
  return { invoke, close };
}

interface Checks {
  readonly input: ReturnType<Contracts['compile']>;
  readonly output: ReturnType<Contracts['compile']>;
}

function findHandler(modules: readonly HandlerModule[], uses: string): { readonly handler: Handler; readonly url: string } {
  const name = uses.split('@')[0];
  for (const { url, handlers } of modules) {
    const handler = handlers.find((one) => one.name === name);
    if (handler !== undefined) return { handler, url };
  }
  throw new AttemptError(
    failure('fatal', `no loaded module has the handler ${uses}`, { fix: 'Put a `handlers.ts` beside the flow file that exports it.' }),
  );
}

/** The input as the handler may have it. When it breaks the contract the handler is not called, and has used nothing. */
function admitted(handler: Handler, check: Checks, ports: InvokerPorts, invocation: Invocation, secrets: readonly Secret[]): ResolvedInput {
  try {
    return admit(handler, check, ports, invocation, secrets);
  } catch (error) {
    invocation.onSpend({ usd: 0, tokens: 0 });
    throw createRedactor(secrets).error(error);
  }
}

function admit(
  handler: Handler,
  check: Checks,
  ports: InvokerPorts,
  { input, secrets: use }: Invocation,
  secrets: readonly Secret[],
): ResolvedInput {
  try {
    const plain = resolveInput(handler.input, input, ports.pages, ports.contracts);
    const resolved = use.references.length === 0 ? plain : { ...plain, input: fillSecrets(plain.input, use.references, secrets) };
    const foreign = guardJson(resolved.input);
    const problems = foreign === null ? check.input(asContractSees(resolved)) : [foreign];
    if (problems.length > 0) throw new AttemptError(contractFailure('contract.input', `the input of ${handler.name}`, problems));
    return resolved;
  } catch (error) {
    if (error instanceof RangeError)
      throw new AttemptError(failure('contract.input', error.message, { fix: "Give the handler's input the keyword `collection` there." }));
    throw error instanceof AttemptError ? error : new AttemptError(failureOf(error, handler));
  }
}

/** For the check, a collection is an empty list: its elements are checked as they are read. */
function asContractSees({ input, collections }: ResolvedInput): Json {
  if (collections.length === 0) return input;
  let seen: Json = structuredClone(input);
  for (const { path } of collections) {
    const last = path.at(-1);
    if (last === undefined) seen = [];
    else
      (
        path.slice(0, -1).reduce<Json>((at, key) => (at as Record<string | number, Json>)[key] ?? null, seen) as Record<
          string | number,
          Json
        >
      )[last] = [];
  }
  return seen;
}

async function callHere(
  { handler, isOwn }: { readonly handler: Handler; readonly isOwn: boolean },
  resolved: ResolvedInput,
  facts: CallFacts,
  env: Context['env'],
  stop: Stop,
  hearing: Hearing,
): Promise<CallResult> {
  try {
    const call = (): Promise<CallResult> => callHandler(handler, resolved, facts, env, stop, hearing);
    // The engine's own handlers work in the engine: their errors are its own.
    const result = await (isOwn ? call() : inCall({ name: handler.name, onLog: hearing.onLog, secrets: facts.secrets }, call));
    // The handler may hold on to its result; what is kept is not its to change.
    return { ...result, output: copyOf(result.output) };
  } catch (error) {
    const failed = failureOf(error, handler);
    const stack = failed.code === 'unexpected' ? stackOf(error) : null;
    if (stack !== null) hearing.onLog({ level: 'error', message: stack });
    throw new AttemptError(failed);
  }
}

/** A scalar needs no copy. */
function copyOf(value: Json): Json {
  return typeof value === 'object' && value !== null ? structuredClone(value) : value;
}

/** `asked` asks it to end, `kill` ends it by force, where force can. */
type Work = (asked: Stop, kill: Stop, onStart: () => void) => Promise<CallResult>;

/** Ends `work` by the timeout or by `stop`: first by asking, after the grace by force or by turning away. */
function bounded(clock: Clock, timeoutMs: number | null, stop: Stop, work: Work): Promise<CallResult> {
  if (stop.isAsked) return Promise.reject(new AttemptError(abortFailure('cancelled', timeoutMs)));
  return new Promise((resolve, reject) => {
    const [asked, kill] = [new Stop(), new Stop()];
    const unhear = stop.hear(() => abort('cancelled'));
    let [started, isOver] = [false, false];
    let reason: AbortReason | null = null;
    let disarm: (() => void) | null = null;
    const arm = (ms: Ms, fire: () => void): void => {
      disarm?.();
      disarm = clock.after(ms, fire);
    };
    const abort = (why: AbortReason): void => {
      if (reason !== null) return;
      reason = why;
      const { code, message } = abortFailure(why, timeoutMs);
      asked.ask(new StepError(code, message));
      if (started) arm(GRACE_MS, end);
      else end();
    };
    const end = (): void => {
      kill.ask(undefined);
      fail(undefined);
    };
    const onStart = (): void => {
      if (isOver) return;
      started = true;
      if (timeoutMs !== null) arm(timeoutMs, () => abort('timeout'));
    };
    const finish = (): void => {
      isOver = true;
      unhear();
      disarm?.();
    };
    const fail = (error: unknown): void => {
      finish();
      reject(reason === null ? (error as Error) : new AttemptError(abortFailure(reason, timeoutMs)));
    };
    const succeed = (result: CallResult): void => {
      if (reason !== null) return fail(undefined);
      finish();
      resolve(result);
    };
    try {
      work(asked, kill, onStart).then(succeed, fail);
    } catch (error) {
      fail(error);
    }
  });
}
