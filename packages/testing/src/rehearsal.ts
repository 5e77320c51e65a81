/**
 * A run of a flow for tests: the real engine on a store of its own in a temporary folder, with handlers that answer by
 * script and with time that passes only when nothing else can happen.
 *
 * 1. Virtual time moves only while the engine has nothing to decide or write and every call of a handler sleeps.
 * 2. An engine that ends, by a fault or by hand, is replaced by a new one on the same store, which resumes the run.
 * 3. Nothing outlives {@link Rehearsal.close}: the folder is gone, and no engine is left.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Answered,
  Failure,
  Flow,
  Handler,
  Host,
  ItemOutcome,
  Json,
  JsonObject,
  Mode,
  Ms,
  OpenWait,
  Recorded,
  RunOptions,
  Signalled,
} from '@scriptorium/core';
import { openEngine, unwatched } from '@scriptorium/engine';
import { createContracts, validateInput } from '@scriptorium/flow';
import { durationOf } from './answer.ts';
import type { Script } from './answer.ts';
import { attemptHistory } from './attempt-history.ts';
import type { AttemptRecord } from './attempt-history.ts';
import { compileSource } from './compiling.ts';
import type { FlowSource } from './compiling.ts';
import { faultyJournals } from './fault.ts';
import type { CommitFault } from './fault.ts';
import { createStandIns } from './stand-in.ts';
import type { CallRecord, StandIns } from './stand-in.ts';
import { createTestEngine } from './test-engine.ts';
import type { TestEngine } from './test-engine.ts';
import { createVirtualClock } from './virtual-clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface RehearsalOptions {
  readonly input?: JsonObject;
  readonly script?: Script;
  /** The real handlers, or others with their contracts: what the flow is checked against. Scripted ones need none. */
  readonly handlers?: readonly Handler[];
  /** What a handler does that the script says nothing of: give an example of its output, do its work, or fail the run. */
  readonly unscripted?: 'example' | 'call' | 'refuse';
  /** Flows that it calls, or that those call. */
  readonly flows?: readonly FlowSource[];
  readonly mode?: Mode;
  readonly profile?: string;
  readonly limit?: number;
  /** When the run starts, in ISO 8601. */
  readonly startAt?: string;
  readonly faults?: readonly CommitFault[];
  /** What real handlers see of the environment, such as the PATH on which they find programs; nothing unless given. */
  readonly env?: { readonly [name: string]: string | undefined };
}

export interface RunOutcome {
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly output: Json;
  readonly error: Failure | null;
}

export type RecordedOf<T extends Recorded['event']['type']> = Recorded<Extract<Recorded['event'], { type: T }>>;

export interface AnswerOptions {
  readonly item?: string;
  /** One of the roles that the question is put to, where there are several. */
  readonly as?: string;
  /** The same id again is the same answer. */
  readonly id?: string;
}

export interface Rehearsal {
  readonly flow: Flow;
  /** The run's id. */
  readonly id: string;
  /** Virtual time since the start. */
  readonly elapsedMs: () => Ms;
  /** Lets time pass until the run has settled. Raises when it never will by itself. */
  readonly outcome: () => Promise<RunOutcome>;
  /** Lets so much time pass, as in `3d`, with all that is due until then. */
  readonly advance: (duration: string) => Promise<void>;
  /** Lets happen what happens without any time passing. */
  readonly settle: () => Promise<void>;
  /** Lets time pass until steps wait for an event, and gives those waits. Raises when the run settles before. */
  readonly untilWaiting: () => Promise<readonly OpenWait[]>;
  /** Answers an open wait; in an `each`, that of `item`. */
  readonly answer: (step: string, answer: Json, options?: AnswerOptions) => Promise<Answered>;
  /** Sends the run an event; the same `id` again is the same event. */
  readonly signal: (name: string, payload?: Json, id?: string) => Promise<Signalled>;
  /** Ends the engine as `kill -9` does; a new one goes on with the run. */
  readonly kill: () => Promise<void>;
  readonly cancel: () => Promise<void>;
  /** The run's events, those of one type where it is named. */
  readonly events: <T extends Recorded['event']['type']>(type?: T) => Promise<readonly RecordedOf<T>[]>;
  /** What a step's attempts came to, in the order of their starts. */
  readonly attempts: (step: string, key?: string) => Promise<readonly AttemptRecord[]>;
  /** Calls of one handler, or of all. */
  readonly calls: (uses?: string) => readonly CallRecord[];
  /** The results of the outermost `each`, in item order. */
  readonly results: (step: string) => Promise<readonly ItemOutcome[]>;
  /** How often an engine was started for the run. */
  readonly engines: () => number;
  /** The engine itself, for what is not here; after a fault it is another one. */
  readonly host: () => Host;
  readonly close: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const START = '2025-01-01T00:00:00Z';

/** Starts the flow. Raises what is wrong with the definition or the input, with its place. */
export async function rehearse(source: FlowSource, options: RehearsalOptions = {}): Promise<Rehearsal> {
  const { script = {}, handlers = [], unscripted = 'example', faults = [], startAt = START } = options;
  const clock = createVirtualClock(Date.parse(startAt));
  let engine: TestEngine | null = null;
  const standIns = createStandIns({ contracts: handlers, script, unscripted, ...clock, kill: () => engine?.end() });
  const { flow, called } = compileSource(source, options.flows ?? [], standIns.handlers, options.profile);
  standIns.follow([flow, ...Object.values(called)]);
  const input = inputOf(flow, options.input ?? {});
  const folder = mkdtempSync(join(tmpdir(), 'rehearsal-'));
  const journals = faultyJournals(faults);
  try {
    engine = await createTestEngine({
      clock,
      asleep: standIns.asleep,
      open: (onHalt) =>
        openEngine({
          home: join(folder, 'store'),
          modules: [{ url: import.meta.url, handlers: standIns.handlers }],
          contracts: createContracts(),
          env: options.env ?? {},
          world: { clock, openJournal: journals, watchLoop: () => unwatched },
          onHalt,
        }),
    });
    const id = await engine.start({ flow, called, input, options: runOptions(flow, folder, options), by: 'rehearsal' });
    return rehearsalOf({ flow, id, folder, clock, standIns, engine });
  } catch (error) {
    await engine?.close();
    rmSync(folder, { recursive: true });
    throw error;
  }
}

function inputOf(flow: Flow, given: JsonObject): JsonObject {
  const result = validateInput(flow, given);
  if ('value' in result) return result.value;
  throw new Error(result.issues.map(({ message }) => message).join('\n'));
}

function runOptions(flow: Flow, folder: string, { mode, profile, limit }: RehearsalOptions): RunOptions {
  return {
    mode: mode ?? flow.run?.mode ?? 'flexible',
    test: profile === 'test',
    dryRun: false,
    limit: limit ?? flow.run?.limit ?? null,
    out: join(folder, 'out'),
    fresh: true,
    modules: [],
  };
}

interface Scene {
  readonly flow: Flow;
  readonly id: string;
  readonly folder: string;
  readonly clock: VirtualClock;
  readonly standIns: StandIns;
  readonly engine: TestEngine;
}

function rehearsalOf(scene: Scene): Rehearsal {
  const { flow, id, folder, clock, standIns, engine } = scene;
  const startedAt = clock.now();
  let closed: Promise<void> | null = null;
  const close = (): Promise<void> => (closed ??= engine.close().finally(() => rmSync(folder, { recursive: true })));
  return {
    flow,
    id,
    elapsedMs: () => clock.now() - startedAt,
    outcome: () => outcomeOf(scene),
    advance: async (duration) => {
      const until = clock.now() + durationOf(duration);
      while (await engine.step(until));
      clock.moveTo(until);
    },
    settle: engine.settle,
    untilWaiting: () => untilWaiting(scene),
    answer: async (step, answer, { item = null, as = null, id: known = null } = {}) => {
      const answered = await engine.now().answer(id, { step, item, answer, as, id: known, by: 'rehearsal' });
      await engine.settle();
      return answered;
    },
    signal: async (name, payload = null, known) => {
      const signalled = await engine.now().signal(id, { name, payload, id: known ?? null, by: 'rehearsal' });
      await engine.settle();
      return signalled;
    },
    kill: async () => {
      engine.end();
      await engine.settle();
    },
    cancel: () => engine.now().cancel(id, 'rehearsal', 'cancelled by the test'),
    events: async (type) => (await allEvents(scene)).filter(isOfType(type)),
    attempts: async (step, key) => {
      const records = attemptHistory(await allEvents(scene), step);
      return key === undefined ? records : records.filter((record) => record.key === key);
    },
    calls: (uses) => (uses === undefined ? [...standIns.calls] : standIns.calls.filter((call) => call.uses === uses)),
    results: async (step) => {
      const results: ItemOutcome[] = [];
      for await (const result of engine.now().results(id, step)) results.push(result);
      return results;
    },
    engines: engine.count,
    host: engine.now,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function outcomeOf({ id, engine }: Scene): Promise<RunOutcome> {
  for (;;) {
    await engine.settle();
    const { status, output, error } = await engine.now().describe(id);
    if (status === 'succeeded' || status === 'failed' || status === 'cancelled') return { status, output, error };
    if (await engine.step(Number.POSITIVE_INFINITY)) continue;
    throw new Error(`the run is ${status}, and nothing happens any more by itself`);
  }
}

async function untilWaiting(scene: Scene): Promise<readonly OpenWait[]> {
  const { id, engine } = scene;
  for (;;) {
    await engine.settle();
    const waits = (await engine.now().waits(id)).filter(({ event }) => event !== null);
    if (waits.length > 0) return waits;
    if (await engine.step(Number.POSITIVE_INFINITY)) continue;
    const { status } = await engine.now().describe(id);
    throw new Error(`the run is ${status}, and nothing waits for an event`);
  }
}

/** Events that are read at once. */
const PAGE = 1_000;

async function allEvents({ id, engine }: Scene): Promise<readonly Recorded[]> {
  const events: Recorded[] = [];
  for (;;) {
    const page = await engine.now().events(id, events.at(-1)?.gseq ?? 0, PAGE);
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}

function isOfType<T extends Recorded['event']['type']>(type: T | undefined): (recorded: Recorded) => recorded is RecordedOf<T> {
  return (recorded): recorded is RecordedOf<T> => type === undefined || recorded.event.type === type;
}
