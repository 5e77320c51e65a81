/** Durable deadlines: the clock decides what is due, one timer of it wakes us. Nothing here outlives the process; after a
 * restart the reducer asks for its timers again. */

import type { Instant } from '@scriptorium/core';
import type { Clock } from './clock.ts';

export interface Timers {
  /** Replaces the timer of the same key. */
  readonly set: (key: string, at: Instant, fire: () => void) => void;
  readonly clear: (key: string) => void;
  readonly close: () => void;
}

export function createTimers(clock: Clock): Timers {
  const due = new Map<string, { readonly at: Instant; readonly fire: () => void }>();
  let armed: { readonly at: Instant; readonly disarm: () => void } | null = null;

  /** Waking too early is harmless, so a cleared timer leaves the clock's timer as it is. */
  function arm(at: Instant): void {
    if (armed !== null && armed.at <= at) return;
    armed?.disarm();
    armed = { at, disarm: clock.after(Math.max(0, at - clock.now()), wake) };
  }

  function wake(): void {
    armed = null;
    const nowMs = clock.now();
    const ready = [...due].filter(([, timer]) => timer.at <= nowMs).toSorted(([, a], [, b]) => a.at - b.at);
    for (const [key] of ready) due.delete(key);
    for (const [, timer] of ready) timer.fire();
    const earliest = due.values().reduce((least, timer) => Math.min(least, timer.at), Number.POSITIVE_INFINITY);
    if (earliest !== Number.POSITIVE_INFINITY) arm(earliest);
  }

  return {
    set: (key, at, fire) => {
      due.set(key, { at, fire });
      arm(at);
    },
    clear: (key) => {
      due.delete(key);
    },
    close: () => {
      due.clear();
      armed?.disarm();
      armed = null;
    },
  };
}
