/**
 * The embedded engine: one process, one SQLite file, behind the host port. A settled run's report is written before its
 * watchers hear of the end, and a closing engine leaves every live run interrupted, to be resumed, with a report unless
 * that would keep it from ending: then the next engine writes it.
 */

import { HostError } from '@scriptorium/core';
import type { BreakerStatus, Host, ItemOutcome, Json, Limit, LimitChange, Recorded } from '@scriptorium/core';
import { answerWait } from './signals/answering.ts';
import { guardHost } from './door.ts';
import { artifactsOf, infoOf } from './outputs/artifact-info.ts';
import type { Activity } from './kernel/activity.ts';
import { abandon, abortAttempts, endingOf } from './ending.ts';
import { forkRun } from './runs/forking.ts';
import { migrateRuns } from './runs/migrating.ts';
import { assemble } from './assembly.ts';
import type { EngineOptions, Parts } from './parts.ts';
import { platformWorld } from './platform-world.ts';
import { listMailboxes, listMessages, messageOf, redeliver, sendFrom } from './post/post-views.ts';
import { listWaits, MAX_WAITS } from './signals/open-waits.ts';
import { deadLettersOf } from './reports/dead-letters.ts';
import { resultsOf } from './reports/run-results.ts';
import type { RunRow } from './journal/journal-reads.ts';
import { watchSpace } from './space/space-watch.ts';
import type { SpaceWatch } from './space/space-watch.ts';
import { calledBy, definitionOf, endedProgress, readAll, rowOf, rowWithEvents } from './reports/run-views.ts';
import { createKeeper } from './retention/keeper.ts';
import type { Keeper } from './retention/keeper.ts';
import { cancelRun, recoverRuns, configureRun, pauseRun, planOnly, resumeRun, startRun } from './runs/runs.ts';
import { resumeAll } from './runs/resuming-all.ts';
import { overloaded } from './overloaded.ts';
import { rollBackRun } from './runs/rolling-back.ts';
import type { StartGate } from './runs/start-gate.ts';
import { askedBy } from './runs/start-line.ts';
import type { Asked } from './runs/start-line.ts';
import { checkpointsOf } from './runs/turning-points.ts';
import { describeEngineEvent } from './reports/runlog.ts';
import { signalRun } from './signals/signalling.ts';
import { watchRun } from './reports/watching.ts';

export interface Engine extends Host {
  readonly home: string;
  /** Commits and events written since the start. */
  readonly written: () => { readonly commits: number; readonly events: number };
  /** What keeps it busy at this moment; an engine that only waits for time, pools or events is not. */
  readonly activity: () => Activity;
  /** The `overloaded` with which a start is refused by who asks alone, before anything of it is looked at; null where it may begin or wait. */
  readonly refusalOf: StartGate['refusalOf'];
  /** Ends at once and writes nothing more, as the death of its process would: what was committed stays. */
  readonly abandon: () => Promise<void>;
}

/** Takes the store and opens it; raises `unavailable` while another engine has it. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const world = { ...platformWorld, ...options.world };
  const ownership = world.acquire(options.home, options.store);
  if (ownership === null)
    throw new HostError('unavailable', `another engine works on ${options.home}`, 'Use it, or wait until it has ended.');
  let parts: Parts | null = null;
  try {
    parts = assemble(options, world, ownership);
    parts.log({ type: 'engine.started', epoch: parts.journal.epoch, version: '0.1.0', pid: world.pid });
    await recoverRuns(parts);
    parts.post.start();
    return guardHost(hostOf(parts), options.contracts);
  } catch (error) {
    if (parts === null) ownership.release();
    else await abandon(parts, error);
    throw error;
  }
}

function hostOf(parts: Parts): Engine {
  const { journal, views, pools } = parts;
  const space = spaceWatchOf(parts, () => ending.drain());
  const keeper = keeperOf(parts);
  const ending = endingOf(parts, () => {
    space?.close();
    keeper?.close();
  });
  return {
    home: parts.options.home,
    written: () => parts.kernel.written(),
    activity: () => {
      const { attempts, unsettled } = parts.kernel.activity();
      return { attempts, unsettled: unsettled || parts.finishes.size > 0 };
    },
    refusalOf: (asked) => refusalOf(parts, asked),
    abandon: ending.abandon,
    start: async (request) => {
      space?.requireRoom();
      return parts.gate.through(askedBy(request), () => startRun(parts, request));
    },
    plan: (request) => planOnly(parts, request),
    list: async (filter) => listRuns(parts, filter).map(views.summarize),
    describe: async (run) => views.summarize(rowOf(journal, run)),
    events: async (run, after = 0, limit = 1_000, actor) => readEvents(journal, rowWithEvents(journal, run).run, after, limit, actor),
    definition: async (run) => definitionOf(journal, rowWithEvents(journal, run)),
    called: async (run) => calledBy(journal, rowWithEvents(journal, run).run),
    watch: (run, options) => watchRun(parts, parts.kernel.run(run)?.id ?? rowOf(journal, run).run, options),
    listen: (run, options) => parts.streams.listen(parts.kernel.run(run)?.id ?? rowOf(journal, run).run, options?.signal),
    configure: (run, settings, by) => configureRun(parts, run, settings, by),
    pause: (run, by) => pauseRun(parts, run, by),
    resume: (run, by) => resumeRun(parts, run, by),
    resumeAll: (request) => resumeAll(parts, request),
    cancel: (run, by, reason) => cancelRun(parts, run, by, reason),
    migrate: (request) => migrateRuns(parts, request),
    fork: async (request) => {
      space?.requireRoom();
      return forkRun(parts, request);
    },
    rollback: (request) => rollBackRun(parts, request),
    report: (run) => writeReport(parts, run),
    checkpoints: async (run) => checkpointsOf(rowWithEvents(journal, run), [...readAll(journal, rowOf(journal, run).run)]),
    waits: async (run, limit = MAX_WAITS) => listWaits(parts, run, limit),
    answer: (run, request) => answerWait(parts, run, request),
    signal: (run, request) => signalRun(parts, run, request),
    value: async (ref) => keptValue(parts, ref),
    mailboxes: async () => listMailboxes(parts),
    messages: async (filter) => listMessages(parts, filter),
    message: async (id, mailbox) => messageOf(parts, id, mailbox),
    send: async (request) => sendFrom(parts, request),
    redeliver: async (request) => redeliver(parts, request),
    limits: async () => pools.list(),
    setLimit: async (pool, change, by) => setLimit(parts, pool, change, by),
    closeBreaker: (pool, by) => closeBreaker(parts, pool, by),
    artifact: async (name) => infoOf(name.startsWith('sha256:') ? journal.artifactOf(name) : journal.artifactAt(name)),
    artifacts: (run) => artifactsOf(journal, rowOf(journal, run).run),
    deadLetters: async function* (filter) {
      yield* deadLettersOf(parts, filter);
    },
    results: (run, step) => readResults(parts, run, step),
    drain: ending.drain,
    stop: ending.stop,
  };
}

async function writeReport({ journal, holds, recorder }: Parts, name: string): Promise<void> {
  const { run } = rowWithEvents(journal, name);
  const letGo = holds.hold(run);
  await recorder.write(run).finally(letGo);
}

async function* readResults({ journal, holds, values }: Parts, name: string, step: string): AsyncGenerator<ItemOutcome> {
  const { run } = rowWithEvents(journal, name);
  const letGo = holds.hold(run);
  try {
    yield* resultsOf(journal, values, run, step);
  } finally {
    letGo();
  }
}

/** As many runs as may be are in memory, or too many wait to begin. */
function refusalOf({ kernel, gate, options: { maxRuns = MAX_RUNS } }: Parts, asked: Asked): HostError | null {
  if (kernel.size < maxRuns) return gate.refusalOf(asked);
  return overloaded(`the engine works on ${kernel.size} runs, and may have no more`, 'Start it when others have ended.', FULL_MS);
}

/** Runs that an engine has in memory at once, unless it is allowed more. */
const MAX_RUNS = 50_000;
/** When to ask again an engine that has as many runs as it may. */
const FULL_MS = 10_000;

/** Null where nothing goes by itself. */
function keeperOf(parts: Parts): Keeper | null {
  const { options, world, journal, kernel, views, values, holds, finishes, resuming, turning, now } = parts;
  if (options.retention === undefined || journal.upkeep === null) return null;
  return createKeeper({
    retention: options.retention,
    store: journal.upkeep,
    clock: world.clock,
    now,
    openLock: () => world.openRemovalLock(options.home),
    holds,
    isBusy: (run) => kernel.run(run) !== undefined || finishes.has(run) || resuming.has(run) || turning.has(run),
    progressOf: (run) => endedProgress(journal, rowOf(journal, run)),
    log: parts.log,
    keepMailbox: parts.post.keep,
    forget: { runs: views.forget, values: values.forget },
    fault: (error) => kernel.halt(error),
    steps: options.removalSteps,
  });
}

/** How long what runs may take to end on a disk that is full. */
const GRACE_MS = 10_000;

function keptValue({ journal, values }: Parts, ref: string): Json {
  if (journal.value(ref) === null)
    throw new HostError('not_found', `nobody has the value ${ref}`, 'The run that kept it may have been removed by `scriptorium gc`.');
  return values.read(ref) as Json;
}

/** Null where no space is kept in reserve. */
function spaceWatchOf(parts: Parts, drain: () => Promise<void>): SpaceWatch | null {
  const { options, world, kernel, recorder, log } = parts;
  const { home, store: { reserveBytes = 0 } = {} } = options;
  if (reserveBytes === 0) return null;
  return watchSpace({
    home,
    space: world.spaceOf(home),
    clock: world.clock,
    reserveBytes,
    tell: (event) => {
      log(event);
      const { level, text } = describeEngineEvent(event);
      for (const live of kernel.runs()) recorder.line(live.id, level, text);
    },
    exhausted: (fault) => {
      options.onHalt?.(fault);
      const hurry = world.clock.after(GRACE_MS, () => abortAttempts(kernel));
      void drain()
        .finally(hurry)
        .catch(() => undefined);
    },
  });
}

function listRuns({ journal }: Parts, filter: Parameters<Host['list']>[0] = {}): readonly RunRow[] {
  const { status, flow, parent, children, limit = 50 } = filter;
  if (parent === undefined) {
    const wanted = { ...(status === undefined ? {} : { status: [status] }), ...(flow === undefined ? {} : { flow }) };
    return journal.runs({ ...wanted, children: children === true ? 'all' : 'detached', limit });
  }
  const fits = (row: RunRow): boolean => (status ?? row.status) === row.status && (flow ?? row.flow.name) === row.flow.name;
  return journal.childRuns(parent).filter(fits).slice(0, limit);
}

/** An actor's own sequence is read as a whole: it is short, and its place in the journal is known only by reading it. */
function readEvents(journal: Parts['journal'], run: string, after: number, limit: number, actor: string | undefined): readonly Recorded[] {
  if (actor === undefined) return journal.readRun(run, after, limit) as readonly Recorded[];
  const events = journal.readActor(run, actor) as readonly Recorded[];
  return events.filter(({ gseq }) => gseq > after).slice(0, limit);
}

function setLimit(parts: Parts, name: string, change: LimitChange, by: string): { pool: string; from: Limit; to: Limit } {
  const result = parts.pools.change(name, change);
  parts.log({ type: 'limit.changed', pool: result.pool, from: { ...result.from }, to: { ...result.to }, by });
  for (const live of parts.kernel.runs())
    parts.recorder.note(
      live.id,
      'info',
      `limit ${result.pool} changed from ${JSON.stringify(result.from)} to ${JSON.stringify(result.to)} by ${by}`,
    );
  parts.kernel.wake();
  return result;
}

/** In its turn: a failure that has just come may have opened it, and is written first. */
async function closeBreaker(
  { pools, kernel }: Parts,
  name: string,
  by: string,
): Promise<{ readonly pool: string; readonly breaker: BreakerStatus }> {
  const closed = Promise.withResolvers<{ readonly pool: string; readonly breaker: BreakerStatus }>();
  await kernel.inTurn(() => closed.resolve(pools.close(name, by)));
  kernel.wake();
  return closed.promise;
}
