/**
 * Who may start now. A pool hands out permits under a concurrency and a rate that may change at any moment; those who
 * wait are served run by run, so that a large run does not starve a small one.
 *
 * 1. At every instant `used` ≤ the concurrency at the moment of each grant; a lowered limit takes nothing back, it
 *    drains.
 * 2. Two starts are at least `per / n` apart, measured where the start really happens, whichever run they belong to.
 * 3. A permit is returned exactly once.
 */

import type { Limit, Ms } from '@scriptorium/core';

/** Starts travel from here to the service; a little more than the exact spacing keeps a strict service content. */
const SPACING_MARGIN = 1.04;

export interface Ticket {
  readonly run: string;
  /** Called when the permit is granted, at most once. */
  readonly grant: (permit: Permit) => void;
}

export interface Permit {
  /** The work starts at this moment: the next start is spaced from here. */
  readonly start: (nowMs: number) => void;
  readonly release: () => void;
}

export interface Pool {
  readonly limit: Limit;
  readonly used: number;
  readonly waiting: number;
  readonly change: (limit: Limit) => void;
  /** Returns how to withdraw while still waiting. */
  readonly enter: (ticket: Ticket) => () => void;
  /** Grants what can be granted at `nowMs`; returns when to ask again because of the rate, or null. */
  readonly serve: (nowMs: number) => Ms | null;
}

/** `notBefore`: the earliest first start, for a pool whose earlier starts are not known. */
export function createPool(limit: Limit, notBefore: number): Pool {
  const queues = new Map<string, Set<Ticket>>();
  let current = limit;
  let used = 0;
  let waiting = 0;
  let nextStartAt = notBefore;
  let unstarted = 0;

  function permit(): Permit {
    let started = false;
    let held = true;
    used += 1;
    unstarted += 1;
    const start = (nowMs: number): void => {
      if (started) return;
      started = true;
      unstarted -= 1;
      nextStartAt = Math.max(nextStartAt, nowMs) + spacingOf(current);
    };
    return {
      start,
      release: () => {
        if (!held) return;
        held = false;
        used -= 1;
        if (!started) {
          started = true;
          unstarted -= 1;
        }
      },
    };
  }

  /** The longest unserved run first: its queue goes to the end of the map after each grant. */
  function take(): Ticket | null {
    for (const [run, queue] of queues) {
      const [ticket] = queue;
      queues.delete(run);
      if (ticket === undefined) continue;
      queue.delete(ticket);
      if (queue.size > 0) queues.set(run, queue);
      waiting -= 1;
      return ticket;
    }
    return null;
  }

  return {
    get limit() {
      return current;
    },
    get used() {
      return used;
    },
    get waiting() {
      return waiting;
    },
    change: (next) => {
      current = next;
    },
    enter: (ticket) => {
      const queue = queues.get(ticket.run) ?? new Set();
      queues.set(ticket.run, queue.add(ticket));
      waiting += 1;
      return () => {
        if (queue.delete(ticket)) waiting -= 1;
      };
    },
    serve: (nowMs) => {
      const spacing = spacingOf(current);
      while (waiting > 0 && used < (current.concurrent ?? Number.POSITIVE_INFINITY)) {
        if (spacing > 0 && unstarted > 0) return null;
        if (spacing > 0 && nowMs < nextStartAt) return nextStartAt;
        const ticket = take();
        if (ticket === null) return null;
        ticket.grant(permit());
      }
      return null;
    },
  };
}

function spacingOf(limit: Limit): Ms {
  return limit.rate === undefined ? 0 : (limit.rate.per / limit.rate.n) * SPACING_MARGIN;
}
