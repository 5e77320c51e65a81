/** Puts the parts of an engine together, once. */

import type { Collection, EngineEvent, Flow, Json, Recorded, ReportPage, ReportSection, RunStatus } from '@scriptorium/core';
import { createAttempts } from './attempts/attempts.ts';
import { createChildren } from './runs/children.ts';
import { handlersOf } from './runs/code.ts';
import { createRunIds } from './runs/run-id.ts';
import { endParked } from './runs/orphans.ts';
import { signalRun } from './signals/signalling.ts';
import type { ChildPorts, Children } from './runs/children.ts';
import type { Contracts } from './calls/contracts.ts';
import { coreModuleOf } from './handlers/core-handlers.ts';
import type { Send } from './handlers/core-signals.ts';
import { foldFrom } from './journal/actor-fold.ts';
import type { FoldedActor } from './journal/actor-fold.ts';
import type { Entry, Journal, RunRow } from './journal/journal.ts';
import { JournalError } from './journal/journal-error.ts';
import { Kernel } from './kernel/kernel.ts';
import { Actors } from './kernel/actors.ts';
import type { Fact } from './kernel/actors.ts';
import { createLiveRun, rootOf } from './kernel/live-run.ts';
import type { LiveRun } from './kernel/live-run.ts';
import type { Ownership } from './journal/ownership.ts';
import { createParents } from './attempts/parents.ts';
import { createPoolBoard } from './pools/pool-board.ts';
import type { PoolChange } from './pools/pool-board.ts';
import { usedSince } from './pools/used-tokens.ts';
import { createPost } from './post/post.ts';
import { deadMessagesOf } from './post/post-views.ts';
import type { Post } from './post/post.ts';
import type { Recorder } from './reports/recorder.ts';
import { describeEngineEvent } from './reports/runlog.ts';
import { createRegistry } from './calls/registry.ts';
import { createHolds } from './retention/holds.ts';
import { createStartGate } from './runs/start-gate.ts';
import { pagesOf } from './reports/run-results.ts';
import { createRunViews } from './reports/run-views.ts';
import { createSnapshots, SNAPSHOT_EVENTS } from './kernel/snapshots.ts';
import type { Snapshots } from './kernel/snapshots.ts';
import { heldTime, steadyTime } from './kernel/clock.ts';
import type { HeldTime } from './kernel/clock.ts';
import { createTimers } from './kernel/timers.ts';
import { createStreams } from './reports/streaming.ts';
import { createValueStore } from './journal/values.ts';
import type { EngineOptions, Parts } from './parts.ts';
import type { World } from './world.ts';
import { storeFile } from './journal/store-file.ts';

export function assemble(options: EngineOptions, world: World, ownership: Ownership): Parts {
  const send: Send = (run, request) => signalRun(parts, run, request);
  const bare = groundOf(options, world, send, () => post);
  const ground = haltingOn(bare, (error) => kernel.halt(error));
  const { now, journal, values, pools, timers, views, recorder } = ground;
  const finishes = new Map<string, Promise<void>>();
  const create = creatorOn(ground, options, (fact) => kernel.record(fact));
  const parents = createParents(journal);
  const children: Children = childrenOn(ground, create, {
    parents,
    kernel: () => kernel,
    endParked: (run, by, reason) => endParked(parts, { run }, by, reason),
  });
  const snapshots = snapshotsOn(ground, options, () => kernel);
  const attempts = createAttempts({
    ...ground,
    outputs: world.outputs,
    children,
    parents,
    fault: (error) => kernel.halt(error),
    submit: (...given) => kernel.submit(...given),
  });
  const kernel: Kernel = new Kernel({
    now,
    holdTime: ground.holdTime,
    soon: world.clock.soon,
    // The kernel halts by itself, and tells those whose facts were in the batch.
    commit: (batch) => bare.journal.commit(snapshots.due(batch)),
    values,
    pools,
    timers,
    attempts,
    entryOf: (event) => entryOf(event),
    announce: (changes) => announce(kernel, recorder, changes),
    publish: (live, events) => publish(live, events),
    turned: () => gate.turned(),
    halt: (error) => {
      timers.close();
      options.onHalt?.(error);
    },
  });
  const publish = (live: LiveRun, events: readonly Recorded[]): void => {
    options.onCommitted?.(events, (actor) => live.actors.state(actor));
    views.fold(live.id, events);
    recorder.record(live.id, events);
    tellPost(post, live, events);
    if (!events.some(({ event }) => event.type === 'run.settled')) return views.notify(live.id, false);
    kernel.remove(live.id);
    ground.streams.close(live.id);
    snapshots.forget(live.id);
    const finishing = recorder.finish(live.id).finally(() => {
      finishes.delete(live.id);
      views.end(live.id);
      views.notify(live.id, true);
    });
    finishes.set(live.id, finishing);
    children.settle(live.id);
  };
  const fault = (error: unknown): void => kernel.halt(error);
  const endOf = (run: string): RunStatus | null => endStatusOf(journal, run);
  const post: Post = createPost({ ...ground, soon: world.clock.soon, signal: send, fault, endOf });
  const entryOf = entriesOn(journal, now);
  const log = (...events: readonly EngineEvent[]): void => {
    if (events.length > 0) journal.commit({ events: events.map(entryOf) });
  };
  const gate = createStartGate(world.clock, (run) => kernel.run(run)?.actors.root().seq ?? null);
  const resuming = new Map<string, Promise<void>>();
  const own = { finishes, resuming, turning: new Set<string>(), holds: createHolds(), newRunId: createRunIds(world.chance) };
  const parts: Parts = { ...ground, options, world, ownership, kernel, ...own, log, children, create, snapshots, gate, post };
  return parts;
}

function snapshotsOn({ journal, views }: Ground, { snapshotEvery }: EngineOptions, kernel: () => Kernel): Snapshots {
  return createSnapshots({
    journal,
    run: (run) => kernel().run(run),
    progress: (run) => views.progress(run),
    ledger: () => kernel().ledger,
    every: snapshotEvery ?? SNAPSHOT_EVENTS,
  });
}

/** What the post has to know of runs: that they wait for it, and that they have ended. */
function tellPost(post: Post, live: LiveRun, events: readonly Recorded[]): void {
  const input = (): Json => rootOf(live).input;
  for (const { event } of events) if (event.type.startsWith('run.')) post.hear({ run: live.id, flow: live.flow.name, event, input });
}

/** Of a run that nobody knows any more, nothing is to be waited for. */
function endStatusOf(journal: Journal, run: string): RunStatus | null {
  const row = journal.run(run);
  if (row === null) return 'cancelled';
  return row.endedAt === null ? null : row.status;
}

/** Gives facts about the engine itself their places in the journal, one after the other. */
function entriesOn(journal: Journal, now: Parts['now']): (event: EngineEvent) => Entry {
  let seq = journal.lastSeq('', 'engine');
  return (event) => {
    seq += 1;
    return { run: '', actor: 'engine', seq, at: now(), event };
  };
}

type Ground = Pick<Parts, 'now' | 'journal' | 'values' | 'pools' | 'timers' | 'registry' | 'views' | 'streams' | 'recorder' | 'invoker'> & {
  readonly contracts: Contracts;
  readonly holdTime: HeldTime['hold'];
};

/** Whoever commits, not the kernel alone: an engine whose disk has failed, or whose store is another's, ends. */
function haltingOn(ground: Ground, halt: (error: unknown) => void): Ground {
  const { journal } = ground;
  const commit: Journal['commit'] = (batch) => {
    try {
      return journal.commit(batch);
    } catch (error) {
      if (error instanceof JournalError) halt(error);
      throw error;
    }
  };
  return { ...ground, journal: { ...journal, commit } };
}

/** What needs no kernel. */
function groundOf(options: EngineOptions, world: World, send: Send, post: () => Post): Ground {
  const { contracts, env, isolation = 'handler' } = options;
  const journal = world.openJournal(storeFile(options.home), options.store);
  const { now, hold } = heldTime(steadyTime(world.clock, journal.readFrom(journal.head(), 1)[0]?.at ?? 0));
  const clock = { ...world.clock, now };
  const values = createValueStore(
    (ref) => textOf(journal.value(ref)),
    (fresh) => void journal.commit({ events: [], values: fresh }),
    options.kept?.valueBytes,
  );
  const pools = createPoolBoard(journal.epoch === 1 ? 0 : now(), now);
  for (const row of journal.pools()) pools.restore(row);
  pools.recall((per) => usedSince(journal, now() - per));
  const timers = createTimers(clock);
  const registry = createRegistry([...options.modules, coreModuleOf(send, post, now)]);
  const views = createRunViews(journal, values, now, options.kept?.endedRuns);
  const pageOf = async ({ flow, options: { modules } }: RunRow): Promise<ReportPage | null> => {
    await registry.load(modules);
    return registry.pageOf(flow.name);
  };
  const sectionsOf = async ({ options: { modules } }: RunRow, flows: Iterable<Flow>): Promise<readonly ReportSection[]> => {
    await registry.load(modules);
    return registry.sectionsOf(flows);
  };
  const recorder = world.createRecorder({
    ...{ journal, values, now, pageOf, sectionsOf, soon: clock.soon },
    pools: () => pools.list(),
    deadMessagesOf: (run) => deadMessagesOf(post(), run),
  });
  const pages = (collection: Collection): ReturnType<typeof pagesOf> => pagesOf(collection, values);
  const invoker = world.createInvoker({
    modules: registry.modules,
    contracts,
    env,
    pages,
    clock,
    isolation,
    watch: world.watchLoop(options.home),
  });
  return { now, journal, values, pools, timers, registry, views, streams: createStreams(), recorder, invoker, contracts, holdTime: hold };
}

function creatorOn({ journal, values, now }: Ground, { onCommand }: EngineOptions, record: (fact: Fact) => void): Parts['create'] {
  return (run, flow) => {
    const load = (actor: string): FoldedActor => foldFrom(journal, run, actor);
    return createLiveRun(run, flow, new Actors({ run, flow, values, now, load, record, onCommand }));
  };
}

function childrenOn(ground: Ground, create: Parts['create'], ports: Pick<ChildPorts, 'kernel' | 'endParked' | 'parents'>): Children {
  const { registry, views } = ground;
  return createChildren({
    ...ground,
    ...ports,
    handlersOf: (flow) => handlersOf(registry, flow),
    usageOf: (run) => views.summary(run).progress.usage.used,
    create: (run, flow) => {
      views.begin(run, flow);
      return create(run, flow);
    },
  });
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('utf8');
}

/** A line for every live run whose flow has the pool. */
function announce(kernel: Kernel, recorder: Recorder, changes: readonly PoolChange[]): void {
  for (const change of changes) {
    const { level, text } = describeEngineEvent(change);
    for (const live of kernel.runs()) if (change.pool in live.flow.limits) recorder.note(live.id, level, text);
  }
}
