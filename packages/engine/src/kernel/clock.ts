/** Time as the engine knows it: the one place where the platform's clock and timers come in. */

import type { Instant, Ms } from '@scriptorium/core';

export interface Clock {
  /** The wall clock, which somebody may put forward or back. */
  readonly now: () => Instant;
  /** Since some moment; never goes back. */
  readonly elapsed: () => Ms;
  /** Calls `fire` once, so many milliseconds from now; returns how to take that back. */
  readonly after: (ms: Ms, fire: () => void) => () => void;
  /** Calls `turn` once, soon: after what is going on now, with what has arrived until then. */
  readonly soon: (turn: () => void) => void;
}

/** `setTimeout` fires at once beyond 2^31 − 1 ms, so longer waits are made in steps. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
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

/** Time that stands still now and then. */
export interface HeldTime {
  readonly now: () => Instant;
  /** Does the work at one moment: when it began. */
  readonly hold: (work: () => void) => void;
}

export function heldTime(time: () => Instant): HeldTime {
  let held: Instant | null = null;
  return {
    now: () => held ?? time(),
    hold: (work) => {
      held = time();
      try {
        work();
      } finally {
        held = null;
      }
    },
  };
}

/** What is later than this by the wall clock was written by a clock that was wrong, and is not believed. */
const MOST_AHEAD_MS: Ms = 24 * 3_600_000;
/** The pace of time while the wall clock is behind it. */
const CATCHING_UP = 0.5;

/**
 * The time of an engine: that of its wall clock, but never before what it said already, nor before `since`, the time of
 * the last event that is recorded. Where the clock was put back, time goes on at half its pace until the clock has caught
 * up, so that what waits for so long waits for twice as long at most, and not for as long as the clock was put back.
 * Where it is more than a day behind, it is believed.
 */
export function steadyTime({ now, elapsed }: Clock, since: Instant): () => Instant {
  let [said, saidAt] = [since, elapsed()];
  return () => {
    const wall = now();
    // Within a millisecond there is nothing to catch up.
    if (wall === said) return wall;
    const at = elapsed();
    const next = said + (at - saidAt) * CATCHING_UP;
    said = next - wall > MOST_AHEAD_MS ? wall : Math.max(wall, next);
    saidAt = at;
    return Math.floor(said);
  };
}
