/**
 * The embedded engine: one process, one SQLite file. This is where kernel, journal, pools and attempts are put
 * together, and the only place that starts, ends and recovers runs.
 *
 * 1. A run that the journal shows as live but that nobody works on was interrupted; it is marked so at the next start
 *    and goes on only when somebody resumes it.
 * 2. On resuming, every attempt that had started and not ended is lost, and is asked for again with that reason.
 * 3. A settled run's report is written before its watchers hear of the end.
 */

import { join } from 'node:path';
import { evolve, HostError, ROOT } from '@scriptorium/core';
import type { ActorState, ArtifactInfo, Command, EngineEvent, Event, Flow, Host, HandlerModule, Instant, Json, Limit, PlannedStep, Recorded, RunSummary, StartRequest } from '@scriptorium/core';
import { removeLeftovers } from './artifacts.ts';
import { createAttempts } from './attempts.ts';
import type { Contracts } from './contracts.ts';
import { coreHandlers } from './exec.ts';
import { createInvoker } from './invoke.ts';
import type { Invoker } from './invoke.ts';
import { createKernel } from './kernel.ts';
import type { Kernel } from './kernel.ts';
import { openJournal } from './journal.ts';
import type { RunRow } from './journal-reads.ts';
import type { ArtifactRow, Journal } from './journal.ts';
import { createLiveRun } from './live-run.ts';
import type { LiveRun } from './live-run.ts';
import { acquire } from './ownership.ts';
import type { Ownership } from './ownership.ts';
import { planRun } from './planning.ts';
import { createPoolBoard } from './pool-board.ts';
import type { PoolBoard } from './pool-board.ts';
import { createRegistry } from './registry.ts';
import type { Registry } from './registry.ts';
import { createRecorder } from './recorder.ts';
import type { Recorder } from './recorder.ts';
import { newRunId } from './run-id.ts';
import { pagesOf, resultsOf } from './run-results.ts';
import { createRunViews, definitionOf, rowOf } from './run-views.ts';
import type { RunViews } from './run-views.ts';
import { createTimers } from './timers.ts';
import type { Timers } from './timers.ts';
import { createValueStore } from './values.ts';
import type { ValueStore } from './values.ts';

export interface EngineOptions {
  /** Directory of the store. */
  readonly home: string;
  /** Handlers beside the engine's own. */
  readonly modules: readonly HandlerModule[];
  readonly contracts: Contracts;
  /** What handlers may read as their environment. */
  readonly env: { readonly [name: string]: string | undefined };
  /** Told once when the store failed; the process should end with the error's exit code. */
  readonly onHalt?: (error: unknown) => void;
  readonly now?: () => Instant;
}

export interface Engine extends Host {
  readonly home: string;
  /** Commits and events written since the start. */
  readonly written: () => { readonly commits: number; readonly events: number };
}

interface Parts {
  readonly options: EngineOptions;
  readonly ownership: Ownership;
  readonly journal: Journal;
  readonly values: ValueStore;
  readonly pools: PoolBoard;
  readonly timers: Timers;
  readonly registry: Registry;
  readonly views: RunViews;
  readonly recorder: Recorder;
  readonly kernel: Kernel;
  readonly now: () => Instant;
  readonly log: (event: EngineEvent) => void;
  /** Reports that are being written, by run. */
  readonly finishes: ReadonlyMap<string, Promise<void>>;
  readonly invoker: Invoker;
}

/** Takes the store and opens it; raises `unavailable` while another engine has it. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const ownership = acquire(options.home);
  if (ownership === null) throw new HostError('unavailable', `another engine works on ${options.home}`, 'Use it, or wait until it has ended.');
  try {
    const parts = assemble(options, ownership);
    parts.log({ type: 'engine.started', epoch: parts.journal.epoch, version: '0.1.0', pid: process.pid });
    await markInterrupted(parts);
    return hostOf(parts);
  } catch (error) {
    ownership.release();
    throw error;
  }
}

function assemble(options: EngineOptions, ownership: Ownership): Parts {
  const now = options.now ?? Date.now;
  const journal = openJournal(join(options.home, 'journal.db'));
  const values = createValueStore((ref) => {
    const bytes = journal.value(ref);
    return bytes === null ? null : Buffer.from(bytes).toString('utf8');
  });
  const pools = createPoolBoard(journal.epoch === 1 ? 0 : now());
  for (const { pool, declared, changed } of journal.pools()) pools.restore(pool, changed ?? declared ?? {}, changed !== null);
  const timers = createTimers(now);
  const registry = createRegistry([{ url: new URL('./exec.ts', import.meta.url).href, handlers: coreHandlers }, ...options.modules]);
  const views = createRunViews(journal, values, now);
  const recorder = createRecorder({ journal, values, now, pools: () => pools.list() });
  const invoker = createInvoker({ modules: registry.modules, contracts: options.contracts, env: options.env, pages: (collection) => pagesOf(collection, values) });
  const attempts = createAttempts({ now, registry, journal, values, invoker, contracts: options.contracts, recorder, fault: (error) => kernel.halt(error), submit: (...given) => kernel.submit(...given) });
  const finishes = new Map<string, Promise<void>>();
  const kernel = createKernel({
    now,
    loadActor: (run, actor) => journal.readActor(run, actor) as readonly Recorded[],
    commit: journal.commit,
    values,
    pools,
    timers,
    attempts,
    publish: (live, events) => publish(live, events),
    halt: (error) => {
      timers.close();
      options.onHalt?.(error);
    },
  });
  const publish = (live: LiveRun, events: readonly Recorded[]): void => {
    views.fold(live.id, events);
    recorder.record(live, events);
    const settled = events.some(({ event }) => event.type === 'run.settled');
    if (!settled) return views.notify(live.id, false);
    kernel.remove(live.id);
    const finishing = recorder.finish(live.id).finally(() => {
      finishes.delete(live.id);
      views.unfollow(live.id);
      views.notify(live.id, true);
    });
    finishes.set(live.id, finishing);
  };
  let seq = journal.readActor('', 'engine').length;
  const log = (event: EngineEvent): void => {
    seq += 1;
    journal.commit({ events: [{ run: '', actor: 'engine', seq, at: now(), event }] });
  };
  return { options, ownership, journal, values, pools, timers, registry, views, recorder, kernel, finishes, now, log, invoker };
}

/** Runs that were live when the last engine ended without saying so. */
async function markInterrupted(parts: Parts): Promise<void> {
  for (const row of parts.journal.runs({ status: ['running', 'paused', 'cancelling'] })) {
    loadRun(parts, row);
    await parts.kernel.submit(row.run, ROOT, { type: 'run.interrupted', reason: 'crashed' });
    parts.kernel.remove(row.run);
    await parts.recorder.finish(row.run);
    parts.views.unfollow(row.run);
  }
}

/** Folds what is unfinished of a run and hands it to the kernel. */
function loadRun(parts: Parts, row: RunRow): LiveRun {
  const live = createLiveRun(row.run, definitionOf(parts.journal, row));
  for (const { actor } of parts.journal.actors(row.run, { settled: false })) {
    const events = parts.journal.readActor(row.run, actor) as readonly Recorded[];
    const state = events.reduce<ActorState | null>((folded, recorded) => evolve(folded, recorded), null);
    if (state !== null) live.actors.set(actor, state);
  }
  parts.views.follow(row.run, live.flow);
  parts.recorder.open(live.id);
  parts.kernel.add(live);
  return live;
}

function hostOf(parts: Parts): Engine {
  const { journal, views, values, pools } = parts;
  let closed: Promise<void> | null = null;
  return {
    home: parts.options.home,
    written: parts.kernel.written,
    start: (request) => start(parts, request),
    plan: (request) => plan(parts, request),
    list: async ({ status, flow, limit = 50 } = {}) => journal.runs({ ...(status === undefined ? {} : { status: [status] }), ...(flow === undefined ? {} : { flow }), limit }).map(views.summarize),
    describe: async (run) => views.summarize(rowOf(journal, run)),
    events: async (run, after = 0, limit = 1_000) => journal.readRun(rowOf(journal, run).run, after, limit) as readonly Recorded[],
    definition: async (run) => definitionOf(journal, rowOf(journal, run)),
    watch: (run, options) => watch(parts, rowOf(journal, run).run, options),
    pause: (run, by) => pause(parts, run, by),
    resume: (run, by) => resume(parts, run, by),
    cancel: (run, by, reason) => cancel(parts, run, by, reason),
    limits: async () => pools.list(),
    setLimit: async (pool, change, by) => setLimit(parts, pool, change, by),
    artifact: async (path) => infoOf(journal.artifactAt(path)),
    artifacts: (run) => artifactsOf(journal, rowOf(journal, run).run),
    results: async function* (run, step) {
      yield* resultsOf(journal, values, rowOf(journal, run).run, step);
    },
    drain: () => (closed ??= close(parts, 'drained')),
    stop: () => {
      // Also in the midst of a drain: what it waits for is aborted.
      abortAttempts(parts.kernel);
      return (closed ??= close(parts, 'stopped'));
    },
  };
}

async function start(parts: Parts, request: StartRequest): Promise<string> {
  const { kernel, views, journal, now } = parts;
  await admit(parts, request);
  declareLimits(parts, request.flow);
  const run = newRunId(now());
  const live = createLiveRun(run, request.flow);
  const { name, version, hash } = request.flow;
  if (journal.flow(hash) === null) journal.commit({ events: [], flows: [request.flow] });
  kernel.add(live);
  views.follow(run, request.flow);
  const { input, options, by } = request;
  const started = kernel.submit(run, ROOT, { type: 'run.started', flow: { name, version, hash }, input, options, by });
  await started;
  return run;
}

/** Everything that must hold before anything of a run exists. */
async function admit(parts: Parts, request: StartRequest): Promise<void> {
  await parts.registry.load(request.options.modules);
  parts.registry.require(request.flow);
  const problems = parts.options.contracts.compile(request.flow.input)(request.input);
  const [first] = problems;
  if (first !== undefined) throw new HostError('invalid', `the input of ${request.flow.name} is wrong at ${first.path || '/'}: ${first.message}`, 'Compare it with the flow\'s `input`.');
}

function declareLimits(parts: Parts, flow: Flow): void {
  for (const pool of parts.pools.declare(flow.limits)) {
    parts.log({ type: 'limit.declared', pool, limit: { ...flow.limits[pool] } as never, flow: flow.name });
  }
}

async function* plan(parts: Parts, request: StartRequest): AsyncGenerator<PlannedStep> {
  await admit(parts, request);
  const { registry, journal } = parts;
  yield* planRun({ ...request, options: { ...request.options, dryRun: true } }, { registry, journal, call: (dispatch) => callForPlan(parts, request, dispatch) });
}

/** Calls a handler for a dry run; what it writes is refused, because it only reads. */
async function callForPlan(parts: Parts, request: StartRequest, dispatch: Extract<Command, { k: 'dispatch' }>): Promise<Json> {
  const { out, mode, test } = request.options;
  const { uses, input, node, attempt, timeoutMs } = dispatch;
  const run = { id: 'plan', batch: 'plan', mode, test };
  const step = { path: node, attempt, idempotencyKey: `plan:${node}` };
  const place = { out, test, stage: node, batch: 'plan' };
  const { output } = await parts.invoker.invoke({ uses, input, run, step, place, timeoutMs, onLog: () => undefined }, new AbortController().signal);
  return output;
}

async function* watch(parts: Parts, run: string, options: { everyMs?: number; signal?: AbortSignal } = {}): AsyncGenerator<RunSummary> {
  const { views } = parts;
  const { everyMs = 250, signal } = options;
  let news: 'none' | 'change' | 'end' = 'none';
  let wake: () => void = () => undefined;
  const stop = views.subscribe(run, (ended) => {
    news = ended || news === 'end' ? 'end' : 'change';
    wake();
  });
  const onAbort = (): void => wake();
  const until = async (isDone: () => boolean, ms: number | null): Promise<void> => {
    const deadline = ms === null ? null : setTimeout(() => wake(), ms);
    const last = performance.now() + (ms ?? Number.POSITIVE_INFINITY);
    while (!isDone() && signal?.aborted !== true && performance.now() < last) await new Promise<void>((resolve) => (wake = resolve));
    if (deadline !== null) clearTimeout(deadline);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    while (signal?.aborted !== true) {
      news = 'none';
      const summary = views.summary(run);
      if (summary.endedAt !== null) await parts.finishes.get(run);
      yield summary;
      if (summary.endedAt !== null || summary.status === 'interrupted') return;
      await until(() => news !== 'none', null);
      await until(() => news === 'end', everyMs);
    }
  } finally {
    stop();
    signal?.removeEventListener('abort', onAbort);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The run, live in this engine. Raises `conflict` when it has ended. */
function liveOf(parts: Parts, name: string): { row: RunRow; live: LiveRun | undefined } {
  const row = rowOf(parts.journal, name);
  if (row.endedAt !== null) throw new HostError('conflict', `run ${row.run} has ended: ${row.status}`, 'Start it again with `scriptorium retry`.');
  return { row, live: parts.kernel.run(row.run) };
}

async function pause(parts: Parts, name: string, by: string): Promise<void> {
  const { row, live } = liveOf(parts, name);
  if (live === undefined) throw new HostError('conflict', `run ${row.run} is ${row.status}; there is nothing to pause`, `Resume it with \`scriptorium resume ${row.run}\`.`);
  if (row.status === 'paused') return;
  const paused = parts.kernel.submit(row.run, ROOT, { type: 'run.paused', by });
  await paused;
  parts.kernel.withdraw(live);
}

async function resume(parts: Parts, name: string, by: string): Promise<void> {
  const { row, live: known } = liveOf(parts, name);
  if (known !== undefined && row.status === 'running') return;
  await parts.registry.load(row.options.modules);
  if (known === undefined) await removeLeftovers(row.options, row.run);
  const live = known ?? loadRun(parts, row);
  parts.registry.require(live.flow);
  declareLimits(parts, live.flow);
  const lost = known === undefined ? lostAttempts(live).map(({ actor, event }) => parts.kernel.submit(row.run, actor, event)) : [];
  await Promise.all([...lost, parts.kernel.submit(row.run, ROOT, { type: 'run.resumed', by })]);
  parts.kernel.reconsider(live);
}

function lostAttempts(live: LiveRun): readonly { readonly actor: string; readonly event: Event }[] {
  const running = [...live.actors].flatMap(([actor, state]) =>
    [...state.open].flatMap(([item, { steps }]) => [...steps].flatMap(([node, step]) => (step.type === 'running' ? [{ actor, at: { item, node, attempt: step.attempt } }] : []))),
  );
  return running.map(({ actor, at }) => ({ actor, event: { ...at, type: 'attempt.lost', reason: 'engine', among: running.length } }));
}

async function cancel(parts: Parts, name: string, by: string, reason: string): Promise<void> {
  const { row } = liveOf(parts, name);
  if (row.status === 'interrupted') await resume(parts, row.run, by);
  const live = parts.kernel.run(row.run);
  if (live === undefined) return;
  await parts.kernel.submit(row.run, ROOT, { type: 'run.cancelling', by, reason });
  parts.kernel.withdraw(live);
  parts.kernel.reconsider(live);
}

function setLimit(parts: Parts, name: string, change: Limit, by: string): { pool: string; from: Limit; to: Limit } {
  const result = parts.pools.change(name, change);
  parts.log({ type: 'limit.changed', pool: result.pool, from: { ...result.from } as never, to: { ...result.to } as never, by });
  for (const live of parts.kernel.runs()) parts.recorder.line(live.id, 'info', `limit ${result.pool} changed from ${JSON.stringify(result.from)} to ${JSON.stringify(result.to)} by ${by}`);
  parts.kernel.wake();
  return result;
}

async function* artifactsOf(journal: Journal, run: string): AsyncGenerator<ArtifactInfo> {
  let last = 0;
  for (;;) {
    const page = journal.artifacts(run, last, 500);
    for (const row of page) {
      const info = infoOf(row);
      if (info !== null) yield info;
    }
    const end = page.at(-1);
    if (end === undefined) return;
    last = end.id;
  }
}

function infoOf(row: ArtifactRow | null): ArtifactInfo | null {
  if (row === null) return null;
  const { root, path, hash, bytes, run, stage, key, handler, at, reusedFrom, from } = row;
  return { path: join(root, path), hash, bytes, run, stage, key, handler, at, reusedFrom, from };
}

/** Lets what runs end (or aborts it), marks live runs interrupted, writes their reports and gives the store free. */
async function close(parts: Parts, reason: 'drained' | 'stopped'): Promise<void> {
  const { kernel, journal, ownership, timers, recorder, log } = parts;
  const lives = [...kernel.runs()];
  for (const live of lives) {
    live.frozen = true;
    kernel.withdraw(live);
  }
  if (reason === 'stopped') abortAttempts(kernel);
  await Promise.all(lives.map((live) => settled(live)));
  for (const live of lives) {
    if (live.root().status === 'settled') continue;
    await kernel.submit(live.id, ROOT, { type: 'run.interrupted', reason });
    await recorder.finish(live.id);
    parts.views.notify(live.id, true);
  }
  await Promise.all(parts.finishes.values());
  await parts.invoker.close();
  timers.close();
  log({ type: 'engine.stopped', reason });
  journal.close();
  ownership.release();
}

function abortAttempts(kernel: Kernel): void {
  for (const live of kernel.runs()) for (const { controller } of live.underway.values()) controller.abort('stopped');
}

/** How often a closing engine looks whether the last attempts have ended. */
const CLOSING_POLL_MS = 20;

async function settled(live: LiveRun): Promise<void> {
  while ([...live.underway.values()].some(({ permit }) => permit !== null)) await sleep(CLOSING_POLL_MS);
}

