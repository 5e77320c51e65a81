/** What the end of an attempt means, whether a handler did its work or a run of its own. */

import { isServiceError, placeOf, planOf } from '@scriptorium/core';
import type { Event, Failure, Instant, Json } from '@scriptorium/core';
import type { Contracts } from '../calls/contracts.ts';
import { contractFailure } from '../calls/failures.ts';
import type { LiveRun } from '../kernel/live-run.ts';
import type { Permit } from '../pools/pool.ts';

export type Ended = Extract<Event, { type: 'attempt.succeeded' | 'attempt.failed' | 'attempt.lost' | 'attempt.continued' }>;

/** What the end of an attempt says about the service behind its pool, if anything, and the tokens that it used. */
export function reportTo(permit: Permit | null, event: Ended, nowMs: Instant): void {
  if (event.type === 'attempt.succeeded' || event.type === 'attempt.continued') permit?.report(null, nowMs);
  else if (event.type === 'attempt.failed' && isServiceError(event.error.code))
    permit?.report(event.error.code, nowMs, event.error.retryAfterMs);
  permit?.settle(event.used?.tokens ?? 0, nowMs);
}

/** What the step asks of its result beyond the handler's own contract. */
export function brokenReturns(contracts: Contracts, live: LiveRun, node: string, output: Json): Failure | null {
  const { returns } = placeOf(planOf(live.flow), node).node;
  if (returns === true) return null;
  const problems = contracts.compile(returns)(output);
  return problems.length === 0 ? null : contractFailure('contract.output', `the result of ${node}`, problems);
}
