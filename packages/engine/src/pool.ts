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

/**
 * Starts travel from here to the service: a little more than the exact spacing on average keeps a strict one content. A
 * start that came late is caught up out of this reserve, never below the exact spacing.
 */
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

export class Pool {
  readonly #queues = new Map<string, Set<Ticket>>();
  #limit: Limit;
  #used = 0;
  #waiting = 0;
  #nextStartAt: number;
  /** Granted, but not started yet: until then the next start cannot be spaced. */
  #unstarted = 0;

  /** `notBefore`: the earliest first start, for a pool whose earlier starts are not known. */
  constructor(limit: Limit, notBefore: number) {
    this.#limit = limit;
    this.#nextStartAt = notBefore;
  }

  get limit(): Limit {
    return this.#limit;
  }

  get used(): number {
    return this.#used;
  }

  get waiting(): number {
    return this.#waiting;
  }

  change(limit: Limit): void {
    this.#limit = limit;
  }

  /** Returns how to withdraw while still waiting. */
  enter(ticket: Ticket): () => void {
    const queue = this.#queues.get(ticket.run) ?? new Set();
    this.#queues.set(ticket.run, queue.add(ticket));
    this.#waiting += 1;
    return () => {
      if (queue.delete(ticket)) this.#waiting -= 1;
    };
  }

  /** Grants what can be granted at `nowMs`; returns when to ask again because of the rate, or null. */
  serve(nowMs: number): Ms | null {
    const spacing = spacingOf(this.#limit);
    while (this.#waiting > 0 && this.#used < (this.#limit.concurrent ?? Number.POSITIVE_INFINITY)) {
      if (spacing > 0 && this.#unstarted > 0) return null;
      if (spacing > 0 && nowMs < this.#nextStartAt) return this.#nextStartAt;
      const ticket = this.#take();
      if (ticket === null) return null;
      ticket.grant(this.#permit());
    }
    return null;
  }

  /** The longest unserved run first: its queue goes to the end of the map after each grant. */
  #take(): Ticket | null {
    for (const [run, queue] of this.#queues) {
      const [ticket] = queue;
      this.#queues.delete(run);
      if (ticket === undefined) continue;
      queue.delete(ticket);
      if (queue.size > 0) this.#queues.set(run, queue);
      this.#waiting -= 1;
      return ticket;
    }
    return null;
  }

  #permit(): Permit {
    let started = false;
    let held = true;
    this.#used += 1;
    this.#unstarted += 1;
    const end = (): void => {
      if (!started) this.#unstarted -= 1;
      started = true;
    };
    return {
      start: (nowMs) => {
        if (started) return;
        end();
        const spacing = spacingOf(this.#limit);
        this.#nextStartAt = Math.max(this.#nextStartAt + spacing * SPACING_MARGIN, nowMs + spacing);
      },
      release: () => {
        if (!held) return;
        held = false;
        this.#used -= 1;
        end();
      },
    };
  }
}

function spacingOf(limit: Limit): Ms {
  return limit.rate === undefined ? 0 : limit.rate.per / limit.rate.n;
}
