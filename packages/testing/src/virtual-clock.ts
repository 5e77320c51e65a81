/** Time that stands still until it is moved. What is due at the same instant happens in the order in which it was asked for. */

import type { Instant } from '@scriptorium/core';
import type { Clock } from '@scriptorium/engine';

export interface VirtualClock extends Clock {
  /** When the next thing is due; null when nothing is. */
  readonly next: () => Instant | null;
  /** Moves to `at` and lets the first thing happen that is due by then, if any; never moves back. */
  readonly moveTo: (at: Instant) => void;
  /** Forgets everything that is due: the engine that asked for it has ended. */
  readonly clear: () => void;
}

export function createVirtualClock(start: Instant): VirtualClock {
  const due = new Set<{ readonly at: Instant; readonly fire: () => void }>();
  let now = start;
  const first = (): { readonly at: Instant; readonly fire: () => void } | null =>
    [...due].reduce<{ readonly at: Instant; readonly fire: () => void } | null>(
      (least, one) => (least === null || one.at < least.at ? one : least),
      null,
    );
  return {
    now: () => now,
    elapsed: () => now,
    after: (ms, fire) => {
      const timer = { at: now + Math.max(0, ms), fire };
      due.add(timer);
      return () => due.delete(timer);
    },
    soon: (turn) => void setImmediate(turn),
    next: () => first()?.at ?? null,
    moveTo: (at) => {
      now = Math.max(now, at);
      const timer = first();
      if (timer === null || timer.at > now) return;
      due.delete(timer);
      timer.fire();
    },
    clear: () => due.clear(),
  };
}
