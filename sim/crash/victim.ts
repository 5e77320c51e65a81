/**
 * The process that is killed: a real engine on a real store, and a caller that writes down what it is told before it
 * goes on. It says `open` when the store is open, goes on with what it finds there, and ends with 0 when all programs
 * have ended. Argument: an {@link Order} as JSON.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { HostError } from '@scriptorium/core';
import { JournalError, journalExitCodes, openEngine, systemClock } from '@scriptorium/engine';
import type { Engine, World } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { acknowledge, digestOf } from './acknowledgements.ts';
import type { Acknowledgement } from './acknowledgements.ts';
import { LOOK_MS, RECENT, seeAll } from './caller.ts';
import { misbehave } from './controls.ts';
import type { Control } from './controls.ts';
import { victimExitCodes } from './exit-codes.ts';
import { handlers } from './handlers.ts';
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
  /** Stays at its store when all programs have ended, until it is killed. */
  readonly lingers: boolean;
}

const CLOCK_STAYS_MS = 150;
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
  await seeAll({ host: engine, out: order.out, tell, looksBack: true }, order);
  while (order.lingers) await sleep(LOOK_MS);
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
