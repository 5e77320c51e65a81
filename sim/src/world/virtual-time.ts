/**
 * The time of a simulated world, and the order of all that happens in it.
 *
 * 1. One thing happens at a time. Of those that are ready at once, chance takes one.
 * 2. Time moves only when nothing is ready; the wall clock may jump, and what waits for time does not notice.
 * 3. What belongs to an engine that is held up waits, and what belongs to one that died never happens.
 */

import type { Instant, Ms } from '@scriptorium/core';
import type { Clock } from '@scriptorium/engine';

/** Whose turns and timers they are. */
export interface Owner {
  state: 'live' | 'held' | 'dead';
}

export interface VirtualTime {
  /** The wall clock. */
  readonly now: () => Instant;
  /** Since the beginning; never goes back. */
  readonly mono: () => Ms;
  readonly jump: (byMs: Ms) => void;
  readonly clockOf: (owner: Owner) => Clock;
  /** Lets one thing happen; false when nothing can. */
  readonly step: () => boolean;
  /** Time passes while something goes on: what was due meanwhile happens late. */
  readonly spend: (ms: Ms) => void;
  /** How long nothing happens from now on, if nobody does anything; null for ever. */
  readonly rest: () => Ms | null;
  /** How much waits for time. */
  readonly timers: () => number;
}

interface Happening {
  readonly due: Ms;
  readonly owner: Owner;
  readonly fire: () => void;
}

/** `choose` gives a number below the one it is given. */
export function createVirtualTime(startAt: Instant, choose: (below: number) => number): VirtualTime {
  const happenings = new Set<Happening>();
  let mono: Ms = 0;
  let offset: Ms = 0;
  const put = (owner: Owner, due: Ms, fire: () => void): (() => void) => {
    const happening = { due, owner, fire };
    if (owner.state !== 'dead') happenings.add(happening);
    return () => happenings.delete(happening);
  };
  const now = (): Instant => startAt + mono + offset;
  return {
    now,
    mono: () => mono,
    jump: (byMs) => {
      offset += byMs;
    },
    clockOf: (owner) => ({
      now,
      elapsed: () => mono,
      after: (ms, fire) => put(owner, mono + Math.max(0, Math.ceil(ms)), fire),
      soon: (turn) => void put(owner, mono, turn),
    }),
    step: () => {
      let earliest = Number.POSITIVE_INFINITY;
      let ready: Happening[] = [];
      for (const happening of happenings) {
        const { owner, due } = happening;
        if (owner.state === 'dead') happenings.delete(happening);
        if (owner.state !== 'live') continue;
        const at = Math.max(due, mono);
        if (at < earliest) [earliest, ready] = [at, []];
        if (at === earliest) ready.push(happening);
      }
      const next = ready[ready.length > 1 ? choose(ready.length) : 0];
      if (next === undefined) return false;
      happenings.delete(next);
      mono = Math.max(mono, earliest);
      next.fire();
      return true;
    },
    spend: (ms) => {
      mono += ms;
    },
    rest: () => {
      const dues = [...happenings].flatMap(({ owner, due }) => (owner.state === 'live' ? [due] : []));
      return dues.length === 0 ? null : Math.max(0, Math.min(...dues) - mono);
    },
    timers: () => happenings.size,
  };
}
