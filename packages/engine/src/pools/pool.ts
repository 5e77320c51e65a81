/**
 * Who may start now. A pool hands out permits under a concurrency, a rate and tokens in a time that may change at any
 * moment, to those who wait in {@link Turns}.
 *
 * 1. At every instant `used` ≤ the concurrency at the moment of each grant; a lowered limit takes nothing back, it
 *    drains.
 * 2. Two starts are at least `per / n` apart, measured where the start really happens, whichever run they belong to.
 * 3. A permit is returned exactly once.
 * 4. While the breaker is open nothing is granted; half open, one call at a time; then no more at once than its ramp
 *    allows. Only calls that were granted since the breaker last changed its state move it.
 * 5. While the service refuses calls because there are too many, the pool gives out a part of its limit, and nothing
 *    before the moment that the service named. Only calls that were granted since that part last fell make it fall again.
 * 6. A call that needs more tokens than are left waits, and those behind it with it.
 */

import type { AdaptedLimit, AdaptedStatus, BreakerStatus, Instant, Limit, Ms } from '@scriptorium/core';
import { admitted, afterAnswer, afterRefusal } from './adaptation.ts';
import type { Adaptation } from './adaptation.ts';
import { afterCall, afterCooldown, breakerOf, closeBreaker, closedBreaker, statusOf, widthOf } from './breaker.ts';
import type { Breaker } from './breaker.ts';
import { TokenWindow } from './token-window.ts';
import { Turns } from './turns.ts';
import type { Claim } from './turns.ts';

/**
 * Starts travel from here to the service: a little more than the exact spacing on average keeps a strict one content. A
 * start that came late is caught up out of this reserve, never below the exact spacing.
 */
const SPACING_MARGIN = 1.04;

/** A service that wants to be left alone for longer is asked by one call nevertheless: its limit may be of one model, or one key. */
const MAX_HELD_MS = 60_000;

export interface Ticket extends Claim {
  /** Tokens that the call may use; none unless given. */
  readonly tokens?: number;
  /** Called when the permit is granted, at most once. */
  readonly grant: (permit: Permit) => void;
  /** Called instead while the breaker is open, at most once; without it the ticket waits. */
  readonly refuse?: (breaker: BreakerStatus) => void;
}

export interface Permit {
  /** The work starts at this moment: the next start is spaced from here. */
  readonly start: (nowMs: number) => void;
  /**
   * Whether the service answered: the code of its failure, or null, and when it wants to be asked again. Calls that say
   * nothing about it are not reported.
   */
  readonly report: (code: string | null, nowMs: Instant, retryAfterMs?: Ms) => void;
  /** What the call used has to be told before the permit is released; else it has used nothing. */
  readonly settle: (tokens: number, nowMs: Instant) => void;
  readonly release: () => void;
}

/** That of who needs no place in any pool. */
export const freePermit: Permit = { start: () => undefined, report: () => undefined, settle: () => undefined, release: () => undefined };

/** Told of what is to outlive the process. */
export interface PoolListener {
  /** Of every state of the breaker and every step of its ramp. */
  readonly breaker: (breaker: BreakerStatus) => void;
  /** Of every fall of what is given out, and of each round on the way back. */
  readonly adapted: (adapted: AdaptedLimit) => void;
}

export class Pool {
  readonly #tokens = new TokenWindow();
  readonly #waiters = new Turns<Ticket>();
  readonly #refusable = new Set<Ticket>();
  readonly #listener: PoolListener;
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
  #adaptation: Adaptation | null = null;
  /** What is given out of the limit. */
  #admitted: Limit;
  /** Counts how often that fell. */
  #falls = 0;
  #heldUntil: Instant = 0;

  /** `notBefore`: the earliest first start, for a pool whose earlier starts are not known. */
  constructor(limit: Limit, notBefore: number, listener: PoolListener = { breaker: () => undefined, adapted: () => undefined }) {
    this.#limit = limit;
    this.#admitted = limit;
    this.#nextStartAt = notBefore;
    this.#listener = listener;
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

  /** Null where the whole limit is given out. */
  adapted(nowMs: Instant): AdaptedStatus | null {
    const until = this.#heldUntil > nowMs ? this.#heldUntil : null;
    if (this.#adaptation === null && until === null) return null;
    return { share: this.#adaptation?.share ?? 1, limit: this.#admitted, until };
  }

  /** Tokens that count at this moment. */
  tokens(nowMs: Instant): number {
    return this.#tokens.counted(nowMs);
  }

  /** Another limit is given out as a whole until its service refuses that as well. */
  change(limit: Limit): void {
    this.#limit = limit;
    this.#adaptTo(null);
    if (limit.breaker === undefined) this.#become(closedBreaker);
  }

  /** Sets the breaker as it was when the last engine ended; nobody is told. */
  restore(breaker: BreakerStatus): void {
    this.#breaker = breakerOf(breaker);
  }

  /** As {@link restore}, for what is given out of the limit. */
  adaptAgain({ share, step, until }: AdaptedLimit): void {
    this.#adaptTo({ share, step, answered: 0, isNear: true });
    this.#heldUntil = until ?? 0;
  }

  /** Tokens that calls have used which are not known here any more. */
  recall(tokens: number, at: Instant): void {
    if (this.#limit.tokens !== undefined) this.#tokens.add(tokens, this.#limit.tokens, at);
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
    if (nowMs < this.#heldUntil) return this.waiting > 0 ? this.#heldUntil : null;
    const spacing = spacingOf(this.#admitted);
    while (this.waiting > 0 && this.#hasRoom()) {
      if (spacing > 0 && this.#unstarted > 0) return null;
      if (spacing > 0 && nowMs < this.#nextStartAt) return this.#nextStartAt;
      const tokensAt = this.#roomForTokens(nowMs);
      if (tokensAt === null || tokensAt > nowMs) return tokensAt;
      const ticket = this.#waiters.take();
      if (ticket === null) return null;
      this.#refusable.delete(ticket);
      ticket.grant(this.#permit(ticket.tokens ?? 0));
    }
    return null;
  }

  #hasRoom(): boolean {
    if (this.#used >= (this.#admitted.concurrent ?? Number.POSITIVE_INFINITY)) return false;
    // What is still out from before the breaker opened does not keep the one call back that tries the service.
    const used = this.#breaker.type === 'half_open' ? this.#usedInEra : this.#used;
    return used < widthOf(this.#breaker);
  }

  /** When there are tokens for who is next; null where that depends on calls under way. */
  #roomForTokens(nowMs: Instant): Instant | null {
    const { tokens } = this.#admitted;
    return tokens === undefined ? nowMs : this.#tokens.roomAt(this.#waiters.peek()?.tokens ?? 0, tokens, nowMs);
  }

  #refuse(): void {
    const tickets = [...this.#refusable];
    this.#refusable.clear();
    for (const ticket of tickets) {
      if (this.#waiters.leave(ticket)) ticket.refuse?.(statusOf(this.#breaker));
    }
  }

  #permit(estimate: number): Permit {
    let started = false;
    let held = true;
    const [era, falls] = [this.#era, this.#falls];
    const { tokens } = this.#limit;
    const reservation = tokens === undefined ? null : this.#tokens.reserve(estimate, tokens);
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
        const spacing = spacingOf(this.#admitted);
        this.#nextStartAt = Math.max(this.#nextStartAt + spacing * SPACING_MARGIN, nowMs + spacing);
      },
      report: (code, nowMs, retryAfterMs = 0) => {
        if (!held) return;
        if (era === this.#era) this.#become(afterCall(this.#breaker, code, this.#limit, nowMs));
        if (code === 'rate_limited') this.#hold(nowMs + Math.min(retryAfterMs, MAX_HELD_MS));
        if (falls === this.#falls) this.#learn(code);
      },
      settle: (used, nowMs) => reservation?.settle(used, nowMs),
      release: () => {
        if (!held) return;
        held = false;
        reservation?.drop();
        this.#used -= 1;
        if (era === this.#era) this.#usedInEra -= 1;
        end();
      },
    };
  }

  /** Steps without a pool of their own meet in one that has no limit: what one service says is not about the others. */
  #hold(until: Instant): void {
    if (Object.keys(this.#limit).length > 0) this.#heldUntil = Math.max(this.#heldUntil, until);
  }

  #learn(code: string | null): void {
    const before = this.#adaptation;
    const { concurrent, rate, tokens } = this.#limit;
    const adapts = concurrent !== undefined || rate !== undefined || tokens !== undefined;
    if (code === 'rate_limited' && adapts) this.#adaptTo(afterRefusal(before));
    // Calls of a pool that could have given out more say nothing about how much the service would take.
    else if (code === null && (this.waiting > 0 || this.#used * 2 > (this.#admitted.concurrent ?? Number.POSITIVE_INFINITY)))
      this.#adaptTo(afterAnswer(before));
    const after = this.#adaptation;
    if (after === before) return;
    const fell = (after?.share ?? 1) < (before?.share ?? 1);
    if (fell) this.#falls += 1;
    if (!fell && after?.step === before?.step) return;
    this.#listener.adapted({
      share: after?.share ?? 1,
      step: after?.step ?? 0,
      until: fell && this.#heldUntil > 0 ? this.#heldUntil : null,
    });
  }

  #adaptTo(adaptation: Adaptation | null): void {
    this.#adaptation = adaptation;
    this.#admitted = admitted(this.#limit, adaptation);
  }

  #become(breaker: Breaker): void {
    const [before, after] = [statusOf(this.#breaker), statusOf(breaker)];
    this.#breaker = breaker;
    if (before.state === after.state && before.ramp === after.ramp) return;
    if (before.state !== after.state) {
      this.#era += 1;
      this.#usedInEra = 0;
    }
    this.#listener.breaker(after);
  }
}

function spacingOf(limit: Limit): Ms {
  return limit.rate === undefined ? 0 : limit.rate.per / limit.rate.n;
}
