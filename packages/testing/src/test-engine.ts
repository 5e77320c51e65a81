/**
 * The engine under test: opened on a store of its own, ended and replaced as faults want it, and driven through virtual
 * time.
 */

import { setImmediate, setTimeout as pause } from 'node:timers/promises';
import type { Instant, StartRequest } from '@scriptorium/core';
import type { Engine } from '@scriptorium/engine';
import type { VirtualClock } from './virtual-clock.ts';

export interface TestEngine {
  readonly now: () => Engine;
  /** How many engines there have been. */
  readonly count: () => number;
  /** Starts the run, whatever happens to the engine meanwhile. */
  readonly start: (request: StartRequest) => Promise<string>;
  /** The engine has ended, or is to end; it is replaced before anything else happens. */
  readonly end: () => void;
  /** Resolves when nothing can happen any more without time. */
  readonly settle: () => Promise<void>;
  /** Settles, moves to what is due next, and settles again; false when nothing is due until `limit`. */
  readonly step: (limit: Instant) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

export interface TestEnginePorts {
  readonly clock: VirtualClock;
  readonly open: (onHalt: () => void) => Promise<Engine>;
  /** Calls of handlers that let virtual time pass. */
  readonly asleep: () => number;
}

/** Turns of the event loop after which real work is waited for with pauses. */
const EAGER_TURNS = 1_000;

/** An engine that is ended more often than this is not tested any more. */
const MAX_ENGINES = 1_000;

export async function createTestEngine({ clock, open, asleep }: TestEnginePorts): Promise<TestEngine> {
  let ended = false;
  let count = 0;
  let run: string | null = null;
  const unlessEnded = (error: unknown): null => {
    if (!ended && !isOver(error)) throw error;
    return null;
  };
  const next = async (): Promise<Engine> => {
    for (;;) {
      if (count >= MAX_ENGINES) throw new Error(`${MAX_ENGINES} engines have ended`);
      count += 1;
      ended = false;
      const opened = await open(() => {
        ended = true;
      }).catch(unlessEnded);
      if (opened === null) continue;
      await resumeAll(opened).catch(unlessEnded);
      if (!ended) return opened;
      await opened.abandon();
    }
  };
  let engine = await next();
  const replace = async (): Promise<void> => {
    clock.clear();
    await engine.abandon();
    engine = await next();
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; ; turn += 1) {
      await setImmediate();
      if (ended) await replace();
      const { attempts, unsettled } = engine.activity();
      if (!unsettled && attempts === asleep()) return;
      if (turn > EAGER_TURNS) await pause(1);
    }
  };
  return {
    now: () => engine,
    count: () => count,
    start: async (request) => {
      while (run === null) {
        run = await engine.start(request).catch(unlessEnded);
        if (run !== null) break;
        await replace();
        const [known] = await engine.list();
        run = known?.run ?? null;
      }
      return run;
    },
    end: () => {
      ended = true;
    },
    settle,
    step: async (limit) => {
      await settle();
      const due = clock.next();
      if (due === null || due > limit) return false;
      clock.moveTo(due);
      await settle();
      return true;
    },
    close: async () => {
      clock.clear();
      await engine.abandon();
    },
  };
}

/** The run, its child runs with it, and those that it has left to themselves. */
async function resumeAll(engine: Engine): Promise<void> {
  for (const { run } of await engine.list({ status: 'interrupted', children: true, limit: MAX_RUNS }))
    await engine.resume(run, 'rehearsal').catch((error: unknown) => {
      if (!isOver(error)) throw error;
    });
}

/** Runs of one test that can be interrupted at once. */
const MAX_RUNS = 1_000;

/** The run had settled before its engine ended, or goes on with the one that waits for it. */
function isOver(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'conflict';
}
