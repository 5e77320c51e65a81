/** Durable deadlines: the wall clock decides what is due, one platform timer wakes us. Nothing here outlives the process;
 * after a restart the reducer asks for its timers again. */

import type { Instant } from '@scriptorium/core';

/** `setTimeout` fires at once beyond 2^31 − 1 ms, so longer waits are made in steps. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export interface Timers {
  /** Replaces the timer of the same key. */
  readonly set: (key: string, at: Instant, fire: () => void) => void;
  readonly clear: (key: string) => void;
  readonly close: () => void;
}

export function createTimers(now: () => Instant): Timers {
  const due = new Map<string, { readonly at: Instant; readonly fire: () => void }>();
  let armed: { readonly at: Instant; readonly handle: NodeJS.Timeout } | null = null;

  /** Waking too early is harmless, so a cleared timer leaves the platform's timer as it is. */
  function arm(at: Instant): void {
    if (armed !== null && armed.at <= at) return;
    if (armed !== null) clearTimeout(armed.handle);
    armed = { at, handle: setTimeout(wake, Math.min(Math.max(0, at - now()), MAX_DELAY_MS)) };
  }

  function wake(): void {
    armed = null;
    const nowMs = now();
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
      if (armed !== null) clearTimeout(armed.handle);
      armed = null;
    },
  };
}
