/** Time as the engine knows it: the one place where the platform's clock and timers come in. */

import type { Instant, Ms } from '@scriptorium/core';

export interface Clock {
  readonly now: () => Instant;
  /** Calls `fire` once, so many milliseconds from now; returns how to take that back. */
  readonly after: (ms: Ms, fire: () => void) => () => void;
  /** Calls `turn` once, soon: after what is going on now, with what has arrived until then. */
  readonly soon: (turn: () => void) => void;
}

/** `setTimeout` fires at once beyond 2^31 − 1 ms, so longer waits are made in steps. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: Date.now,
  after: (ms, fire) => {
    let handle: NodeJS.Timeout;
    const wait = (left: Ms): void => {
      handle = left > MAX_DELAY_MS ? setTimeout(() => wait(left - MAX_DELAY_MS), MAX_DELAY_MS) : setTimeout(fire, left);
    };
    wait(ms);
    return () => clearTimeout(handle);
  },
  soon: (turn) => void setImmediate(turn),
};
