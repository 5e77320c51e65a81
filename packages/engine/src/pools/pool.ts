/**
 * Who may start now. A pool hands out permits under a concurrency and a rate that may change at any moment, to those who
 * wait in {@link Turns}.
 *
 * 1. At every instant `used` ≤ the concurrency at the moment of each grant; a lowered limit takes nothing back, it
 *    drains.
 * 2. Two starts are at least `per / n` apart, measured where the start really happens, whichever run they belong to.
 * 3. A permit is returned exactly once.
 * 4. While the breaker is open nothing is granted; half open, one call at a time; then no more at once than its ramp
 *    allows. Only calls that were granted since the breaker last changed its state move it.
 */

import type { BreakerStatus, Instant, Limit, Ms } from '@scriptorium/core';
import { afterCall, afterCooldown, breakerOf, closeBreaker, closedBreaker, statusOf, widthOf } from './breaker.ts';
import type { Breaker } from './breaker.ts';
import { Turns } from './turns.ts';
import type { Claim } from './turns.ts';

/**
 * Starts travel from here to the service: a little more than the exact spacing on average keeps a strict one content. A
 * start that came late is caught up out of this reserve, never below the exact spacing.
 */
const SPACING_MARGIN = 1.04;

export interface Ticket extends Claim {
  /** Called when the permit is granted, at most once. */
  readonly grant: (permit: Permit) => void;
  /** Called instead while the breaker is open, at most once; without it the ticket waits. */
  readonly refuse?: (breaker: BreakerStatus) => void;
}

export interface Permit {
  /** The work starts at this moment: the next start is spaced from here. */
  readonly start: (nowMs: number) => void;
  /** Whether the service answered: the code of its failure, or null. Calls that say nothing about it are not reported. */
  readonly report: (code: string | null, nowMs: Instant) => void;
  readonly release: () => void;
}

export class Pool {
  readonly #waiters = new Turns<Ticket>();
  readonly #refusable = new Set<Ticket>();
  readonly #changed: (breaker: BreakerStatus) => void;
  #limit: Limit;
  #used = 0;
  #nextStartAt: number;
  /** Granted, but not started yet: until then the next start cannot be spaced. */
  #unstarted = 0;
  #breaker: Breaker = closedBreaker;
  /** Counts the states that the breaker has been in. */
  #era = 0;
  /** Permits of this era that are out. */
  #usedInEra = 0;

  /**
   * `notBefore`: the earliest first start, for a pool whose earlier starts are not known. `changed` is told of every
   * state of the breaker and every step of its ramp.
   */
  constructor(limit: Limit, notBefore: number, changed: (breaker: BreakerStatus) => void = () => undefined) {
    this.#limit = limit;
    this.#nextStartAt = notBefore;
    this.#changed = changed;
  }

  get limit(): Limit {
    return this.#limit;
  }

  get used(): number {
    return this.#used;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  get breaker(): BreakerStatus {
    return statusOf(this.#breaker);
  }

  change(limit: Limit): void {
    this.#limit = limit;
    if (limit.breaker === undefined) this.#become(closedBreaker);
  }

  /** Sets the breaker as it was when the last engine ended; nobody is told. */
  restore(breaker: BreakerStatus): void {
    this.#breaker = breakerOf(breaker);
  }

  /** Ends a cool-down, or the trying after it, by hand. */
  close(): void {
    this.#become(this.#breaker.type === 'closed' ? { ...closedBreaker, ramp: this.#breaker.ramp } : closeBreaker(this.#limit));
  }

  /** Returns how to withdraw while still waiting. */
  enter(ticket: Ticket): () => void {
    this.#waiters.enter(ticket);
    if (ticket.refuse !== undefined) this.#refusable.add(ticket);
    return () => {
      this.#waiters.leave(ticket);
      this.#refusable.delete(ticket);
    };
  }

  /** Grants what can be granted at `nowMs`; returns when to ask again because of the rate or a cool-down, or null. */
  serve(nowMs: number): Instant | null {
    if (this.waiting > 0) this.#become(afterCooldown(this.#breaker, nowMs));
    if (this.#breaker.type === 'open') {
      this.#refuse();
      return this.waiting > 0 ? this.#breaker.until : null;
    }
    const spacing = spacingOf(this.#limit);
    while (this.waiting > 0 && this.#hasRoom()) {
      if (spacing > 0 && this.#unstarted > 0) return null;
      if (spacing > 0 && nowMs < this.#nextStartAt) return this.#nextStartAt;
      const ticket = this.#waiters.take();
      if (ticket === null) return null;
      this.#refusable.delete(ticket);
      ticket.grant(this.#permit());
    }
    return null;
  }

  #hasRoom(): boolean {
    if (this.#used >= (this.#limit.concurrent ?? Number.POSITIVE_INFINITY)) return false;
    // What is still out from before the breaker opened does not keep the one call back that tries the service.
    const used = this.#breaker.type === 'half_open' ? this.#usedInEra : this.#used;
    return used < widthOf(this.#breaker);
  }

  #refuse(): void {
    const tickets = [...this.#refusable];
    this.#refusable.clear();
    for (const ticket of tickets) {
      if (this.#waiters.leave(ticket)) ticket.refuse?.(statusOf(this.#breaker));
    }
  }

  #permit(): Permit {
    let started = false;
    let held = true;
    const era = this.#era;
    this.#used += 1;
    this.#usedInEra += 1;
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
      report: (code, nowMs) => {
        if (held && era === this.#era) this.#become(afterCall(this.#breaker, code, this.#limit, nowMs));
      },
      release: () => {
        if (!held) return;
        held = false;
        this.#used -= 1;
        if (era === this.#era) this.#usedInEra -= 1;
        end();
      },
    };
  }

  #become(breaker: Breaker): void {
    const [before, after] = [statusOf(this.#breaker), statusOf(breaker)];
    this.#breaker = breaker;
    if (before.state === after.state && before.ramp === after.ramp) return;
    if (before.state !== after.state) {
      this.#era += 1;
      this.#usedInEra = 0;
    }
    this.#changed(after);
  }
}

function spacingOf(limit: Limit): Ms {
  return limit.rate === undefined ? 0 : limit.rate.per / limit.rate.n;
}
