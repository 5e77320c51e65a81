/** Deadlines by the wall clock, which may jump: of that many timers none fires early, and each once. */

import type { Event, Instant, Ms } from '@scriptorium/core';
import type { Dice } from '../chance.ts';
import type { ReducerRun } from './reducer-run.ts';

/** Timers that lie further ahead let somebody outside come first, now and then. */
const FAR_MS: Ms = 60_000;

/** Who sets more of them when one fires comes to no end. */
const MAX_DUE = 1_000;

interface Timer {
  readonly run: ReducerRun;
  readonly actor: string;
  readonly at: Instant;
  readonly event: Event;
}

export interface TimerPorts {
  readonly wall: () => Instant;
  readonly later: (inMs: Ms, happen: () => void) => void;
  readonly roll: Dice;
  readonly fire: (timer: Timer) => void;
}

export interface RunTimers {
  /** Replaces the timer of the same key. */
  readonly set: (key: string, timer: Timer) => void;
  /** A step has ended: most of its timers are cleared. */
  readonly end: (run: string, actor: string, event: OfStep) => void;
  readonly forget: (run: ReducerRun) => void;
  readonly clear: () => void;
  /** After the wall clock jumped. */
  readonly rearm: () => void;
  readonly size: () => number;
  /** Whether of so many things that will happen all are timers that lie far ahead. */
  readonly isFar: (planned: number) => boolean;
}

type OfStep = Event & { readonly item: number; readonly node: string };

export function createTimers({ wall, later, roll, fire }: TimerPorts): RunTimers {
  const timers = new Map<string, Timer>();
  const arm = (key: string, timer: Timer): void =>
    later(Math.max(0, timer.at - wall()), () => {
      if (timers.get(key) !== timer) return;
      if (wall() < timer.at) return arm(key, timer);
      fireDue();
    });
  // What is due by a clock that was set forward, or since a host ended, comes in the order in which it was due.
  const fireDue = (): void => {
    for (let fired = 0; ; fired += 1) {
      if (fired > MAX_DUE) throw new Error(`no end after ${MAX_DUE} timers that are due at once`);
      const due = [...timers].filter(([, { at }]) => at <= wall()).toSorted(([, a], [, b]) => a.at - b.at);
      const [first] = due;
      if (first === undefined) return;
      timers.delete(first[0]);
      fire(first[1]);
    }
  };
  return {
    set: (key, timer) => {
      timers.set(key, timer);
      arm(key, timer);
    },
    end: (run, actor, { item, node }) => {
      for (const [key, timer] of timers) {
        const due = timer.event;
        const isOf =
          timer.run.id === run && timer.actor === actor && 'item' in due && 'node' in due && due.node === node && due.item === item;
        // Some hosts cannot take back what they have asked for, and what comes of that must do no harm.
        if (isOf && roll(4) > 0) timers.delete(key);
      }
    },
    forget: (run) => {
      for (const [key, timer] of timers) if (timer.run === run) timers.delete(key);
    },
    clear: () => timers.clear(),
    rearm: () => {
      for (const [key, timer] of timers) arm(key, timer);
    },
    size: () => timers.size,
    isFar: (planned) => {
      if (timers.size === 0 || timers.size < planned) return false;
      return Math.min(...[...timers.values()].map(({ at }) => at)) - wall() > FAR_MS;
    },
  };
}

const endings: ReadonlySet<string> = new Set(['step.settled', 'step.failed', 'step.caught', 'step.cancelled', 'wait.left']);

export function endsStep(event: Event): event is OfStep {
  return endings.has(event.type);
}
