/**
 * How much of its limit a pool gives out while the service behind it refuses calls: additive increase, multiplicative
 * decrease (Chiu and Jain 1989), without clock or queue. What is adapted is one share of all that is declared, so that
 * it does not matter which of concurrency, rate and tokens the service counts.
 *
 * 1. The share is never above 1, and never below {@link LEAST_SHARE}.
 * 2. It falls only by a refusal, and only when a call was answered since it fell before: a service that answers nothing
 *    is not slow but shut, and is waited for.
 * 3. After {@link ROUND} answered calls it is where the service refused, and from then on each further round adds twice
 *    as much as the one before: a limit that is gone is forgotten after a few rounds, however low it was.
 */

import type { Limit } from '@scriptorium/core';

export interface Adaptation {
  /** Of what is declared, above 0 and below 1. */
  readonly share: number;
  /** What an answered call adds to it. */
  readonly step: number;
  /** Calls answered since the service refused last. */
  readonly answered: number;
  /** Whether that level was held for a while: what is refused from there on is near the limit of the service. */
  readonly isNear: boolean;
}

/** Answered calls until it is back where it was refused: about one call of so many is refused by a service with a fixed limit. */
const ROUND = 50;

/** A level at which so many calls are answered is near the limit; one at which fewer are is far above it. */
const NEAR_ANSWERS = 20;
const FAR_FACTOR = 0.5;
/** Between the 0.7 of RFC 9438, 4.6, for networks and the 0.9 of limiters of services such as Netflix's. */
const NEAR_FACTOR = 0.8;

/** Of 60 a minute 3 are left: enough to notice that the service is back. */
const LEAST_SHARE = 0.05;

/** After a call that the service refused because there were too many; null stands for the whole limit. */
export function afterRefusal(adaptation: Adaptation | null): Adaptation {
  if (adaptation === null) return fallen(1, false);
  const { share, answered, isNear } = adaptation;
  return answered === 0 ? adaptation : fallen(share, isNear || answered >= NEAR_ANSWERS);
}

/** After a call that it answered, while the pool gave out all that it might. */
export function afterAnswer(adaptation: Adaptation | null): Adaptation | null {
  if (adaptation === null) return null;
  const share = adaptation.share + adaptation.step;
  if (share >= 1) return null;
  const answered = adaptation.answered + 1;
  return { ...adaptation, share, answered, step: answered % ROUND === 0 ? adaptation.step * 2 : adaptation.step };
}

/** The limit that holds meanwhile. */
export function admitted(limit: Limit, adaptation: Adaptation | null): Limit {
  if (adaptation === null) return limit;
  const { share } = adaptation;
  const { concurrent, rate, tokens } = limit;
  return {
    ...limit,
    ...(concurrent === undefined ? {} : { concurrent: Math.max(1, Math.floor(concurrent * share)) }),
    ...(rate === undefined ? {} : { rate: { ...rate, n: rate.n * share } }),
    ...(tokens === undefined ? {} : { tokens: { ...tokens, n: Math.max(1, Math.floor(tokens.n * share)) } }),
  };
}

function fallen(from: number, isNear: boolean): Adaptation {
  const share = Math.max(LEAST_SHARE, from * (isNear ? NEAR_FACTOR : FAR_FACTOR));
  return { share, step: Math.max(from - share, LEAST_SHARE) / ROUND, answered: 0, isNear };
}
