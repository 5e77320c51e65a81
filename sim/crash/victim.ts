/**
 * The process that is killed: a real engine on a real store, and a caller that writes down what it is told before it
 * goes on. It says `open` when the store is open, goes on with what it finds there, and ends with 0 when all programs
 * have ended. Argument: an {@link Order} as JSON.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { HostError } from '@scriptorium/core';
import type { Json, RunSummary } from '@scriptorium/core';
import { JournalError, journalExitCodes, openEngine, systemClock } from '@scriptorium/engine';
import type { Engine, World } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { acknowledge, digestOf } from './acknowledgements.ts';
import type { Acknowledgement } from './acknowledgements.ts';
import { misbehave } from './controls.ts';
import type { Control } from './controls.ts';
import { victimExitCodes } from './exit-codes.ts';
import { handlers } from './handlers.ts';
import { compileProgram, inputOf, payersOf } from './program.ts';
import type { Program } from './program.ts';

export interface Order {
  readonly home: string;
  readonly out: string;
  /** Where it writes what it was told. */
  readonly acknowledgements: string;
  /** Where handlers write what they did. */
  readonly effects: string;
  readonly programs: readonly Program[];
  /** How many of the programs it sees to at once. */
  readonly atOnce: number;
  /** Kept beside the store for a disk that is full. */
  readonly reserveBytes: number;
  /** What it does wrongly, so that the judge can be tried. */
  readonly control: Control | null;
  /** How far its clock is off, one after another, each for {@link CLOCK_STAYS_MS}. */
  readonly clockOffMs: readonly number[];
}

const CLOCK_STAYS_MS = 150;
const LOOK_MS = 25;
/** The newest runs, among which are all that it has to see to. */
const RECENT = 120;
/** Events that are read in one go. */
const PAGE = 500;

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const tell = (...given: readonly Acknowledgement[]): void => acknowledge(order.acknowledgements, given);

process.on('uncaughtException', end);
process.on('unhandledRejection', end);

try {
  const wrong = misbehave(order.control, tell);
  const engine = await openEngine({
    home: order.home,
    modules: [{ url: new URL('./handlers.ts', import.meta.url).href, handlers }],
    contracts: createContracts(),
    env: { CRASH_EFFECTS: order.effects },
    onHalt: end,
    store: { reserveBytes: order.reserveBytes },
    world: { ...clockOf(order), ...wrong },
  });
  process.stdout.write('open\n');
  let done = false;
  const reading = readEvents(engine, () => done);
  await seeAll(engine, order);
  done = true;
  await reading;
  await engine.stop();
} catch (error) {
  end(error);
}

/** A process that cannot go on ends at once, as the command line does, with the reason on standard error. */
function end(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  if (error instanceof JournalError) {
    process.stderr.write(`fix: ${error.fix}\n`);
    process.exit(journalExitCodes[error.fault]);
  }
  if (error instanceof HostError && (error.code === 'unavailable' || error.code === 'overloaded')) {
    process.stderr.write(`fix: ${error.fix ?? ''}\n`);
    process.exit(victimExitCodes.unavailable);
  }
  process.exit(victimExitCodes.unexpected);
}

function clockOf({ clockOffMs }: Order): Partial<World> {
  if (clockOffMs.length === 0) return {};
  const began = performance.now();
  const now = (): number => {
    const at = Math.floor((performance.now() - began) / CLOCK_STAYS_MS);
    return Date.now() + (clockOffMs[Math.min(at, clockOffMs.length - 1)] ?? 0);
  };
  return { clock: { ...systemClock, now } };
}

async function seeAll(engine: Engine, { programs, atOnce }: Order): Promise<void> {
  const left = [...programs];
  const next = async (): Promise<void> => {
    for (let program = left.shift(); program !== undefined; program = left.shift()) await see(engine, program);
  };
  await Promise.all(Array.from({ length: atOnce }, next));
}

/** Sees one program to its end, wherever an earlier process left it. */
async function see(engine: Engine, program: Program): Promise<void> {
  const run = await begin(engine, program);
  await Promise.all([pay(engine, run, program), answer(engine, run, program), cancel(engine, run, program)]);
  const { status, output } = await ended(engine, run);
  tell({ type: 'ended', run, status, output });
}

async function begin(engine: Engine, program: Program): Promise<string> {
  const known = (await engine.list({ limit: RECENT })).find(({ input }) => input['label'] === program.label);
  if (known !== undefined) {
    if (known.endedAt === null) await engine.resume(known.run, 'victim');
    return known.run;
  }
  const options = {
    mode: 'flexible',
    test: false,
    dryRun: false,
    limit: null,
    out: order.out,
    fresh: true,
    modules: [],
    report: true,
  } as const;
  const run = await engine.start({ ...compileProgram(program), input: inputOf(program), options, by: 'victim' });
  tell({ type: 'started', run, label: program.label });
  return run;
}

/** Signals go out before their waits begin, and once more after each crash. */
async function pay(engine: Engine, run: string, program: Program): Promise<void> {
  for (const n of payersOf(program)) {
    const id = `paid-${n}`;
    const sent = await unlessEnded(engine, run, () => engine.signal(run, { name: 'paid', payload: { n }, id, by: 'victim' }));
    if (!sent) return;
    tell({ type: 'signalled', run, id });
  }
}

async function answer(engine: Engine, run: string, { kind }: Program): Promise<void> {
  if (kind !== 'work' || !(await waitsFor(engine, run, 'asked'))) return;
  const request = { step: 'asked', item: null, answer: 'yes', as: null, id: 'yes', by: 'victim' };
  if (await unlessEnded(engine, run, () => engine.answer(run, request))) tell({ type: 'answered', run, id: 'yes' });
}

async function cancel(engine: Engine, run: string, { kind }: Program): Promise<void> {
  if (kind !== 'left' || !(await waitsFor(engine, run, 'never'))) return;
  if (await unlessEnded(engine, run, () => engine.cancel(run, 'victim', 'it had waited for long enough'))) tell({ type: 'cancelled', run });
}

/** False where the run waits no longer, because an earlier process saw to that. */
async function waitsFor(engine: Engine, run: string, step: string): Promise<boolean> {
  for (;;) {
    const { endedAt, status, progress } = await engine.describe(run);
    if (endedAt !== null || status === 'cancelling') return false;
    if ((await engine.waits(run)).some((wait) => wait.step === step)) return true;
    if (step === 'asked' && progress.stages.some((stage) => stage.id === 'total' && stage.waiting < stage.total)) return false;
    await sleep(LOOK_MS);
  }
}

async function unlessEnded(engine: Engine, run: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof HostError && error.code === 'conflict') return false;
    if (error instanceof HostError && error.code === 'not_found' && (await engine.describe(run)).run === run) return false;
    throw error;
  }
}

async function ended(engine: Engine, run: string): Promise<{ readonly status: string; readonly output: Json }> {
  let last: RunSummary | undefined;
  for await (const summary of engine.watch(run, { everyMs: 10 })) last = summary;
  if (last === undefined || last.endedAt === null) {
    // Another engine has taken it over: whatever this one writes next tells it so.
    await engine.stop();
    throw new Error(`run ${run} is ${last?.status} when nobody works on it any more`);
  }
  return { status: last.status, output: last.output };
}

/** Reads every run's events as they come, as a dashboard would, from the beginning of this process on. */
async function readEvents(engine: Engine, isDone: () => boolean): Promise<void> {
  const places = new Map<string, number>();
  for (let last = false; !last; await sleep(LOOK_MS)) {
    last = isDone();
    for (const { run } of await engine.list({ children: true, limit: RECENT })) {
      for (;;) {
        const events = await engine.events(run, places.get(run) ?? 0, PAGE);
        tell(...events.map((recorded): Acknowledgement => ({ type: 'event', gseq: recorded.gseq, digest: digestOf(recorded) })));
        const reached = events.at(-1);
        if (reached !== undefined) places.set(run, reached.gseq);
        if (events.length < PAGE) break;
      }
    }
  }
}
