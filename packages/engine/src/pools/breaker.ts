/**
 * The state chart of a pool's breaker, without clock or queue: closed → open → half open → closed or open again. After
 * Michael Nygard, Release It! (2007); the ramp after closing keeps those who waited from coming back all at once.
 *
 * 1. Only failures of the service in a row open it; each success begins the count anew.
 * 2. The cool-down is always the same, so an instant says all that must outlive the process.
 * 3. A ramp doubles after as many successes in a row as it allows calls at once; a failure begins that count anew.
 */

import { unreachable } from '@scriptorium/core';
import type { BreakerStatus, Instant, Limit } from '@scriptorium/core';

export type Breaker =
  | { readonly type: 'closed'; readonly failures: number; readonly code: string | null; readonly ramp: Ramp | null }
  | { readonly type: 'open'; readonly failures: number; readonly code: string | null; readonly until: Instant }
  | { readonly type: 'half_open'; readonly failures: number; readonly code: string | null };

interface Ramp {
  /** How many calls may be under way at once. */
  readonly width: number;
  readonly successes: number;
}

/** A ramp of a pool without a concurrency ends here. */
const WIDEST_RAMP = 64;

export const closedBreaker: Extract<Breaker, { type: 'closed' }> = { type: 'closed', failures: 0, code: null, ramp: null };

/** After a call that the service did (`code` null) or did not answer. */
export function afterCall(breaker: Breaker, code: string | null, limit: Limit, nowMs: Instant): Breaker {
  if (limit.breaker === undefined || breaker.type === 'open') return breaker;
  if (code !== null) {
    const failures = breaker.failures + 1;
    if (breaker.type === 'half_open' || failures >= limit.breaker.failures)
      return { type: 'open', failures, code, until: nowMs + limit.breaker.cooldown };
    return { ...breaker, failures, code, ramp: breaker.ramp === null ? null : { ...breaker.ramp, successes: 0 } };
  }
  if (breaker.type === 'half_open') return closeBreaker(limit);
  return { ...closedBreaker, ramp: breaker.ramp === null ? null : widen(breaker.ramp, limit) };
}

/** Half open once the cool-down is over. */
export function afterCooldown(breaker: Breaker, nowMs: Instant): Breaker {
  return breaker.type === 'open' && nowMs >= breaker.until
    ? { type: 'half_open', failures: breaker.failures, code: breaker.code }
    : breaker;
}

/** Closed at the foot of its ramp. */
export function closeBreaker(limit: Limit): Breaker {
  return { ...closedBreaker, ramp: rampOf(1, limit) };
}

/** Calls that it allows at once. */
export function widthOf(breaker: Breaker): number {
  switch (breaker.type) {
    case 'closed':
      return breaker.ramp?.width ?? Number.POSITIVE_INFINITY;
    case 'half_open':
      return 1;
    case 'open':
      return 0;
    default:
      return unreachable(breaker);
  }
}

export function statusOf(breaker: Breaker): BreakerStatus {
  return {
    state: breaker.type,
    until: breaker.type === 'open' ? breaker.until : null,
    failures: breaker.failures,
    code: breaker.code,
    ramp: breaker.type === 'closed' ? (breaker.ramp?.width ?? null) : null,
  };
}

/** The breaker that a status was taken of; a ramp goes on from where it was. */
export function breakerOf({ state, until, failures, code, ramp }: BreakerStatus): Breaker {
  switch (state) {
    case 'closed':
      return { type: state, failures, code, ramp: ramp === null ? null : { width: ramp, successes: 0 } };
    case 'open':
      return { type: state, failures, code, until: until ?? 0 };
    case 'half_open':
      return { type: state, failures, code };
    default:
      return unreachable(state);
  }
}

function widen(ramp: Ramp, limit: Limit): Ramp | null {
  const successes = ramp.successes + 1;
  return successes < ramp.width ? { ...ramp, successes } : rampOf(ramp.width * 2, limit);
}

function rampOf(width: number, limit: Limit): Ramp | null {
  return width < (limit.concurrent ?? WIDEST_RAMP) ? { width, successes: 0 } : null;
}
