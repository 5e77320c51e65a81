/** What the journal says of the start of an attempt, or of one that does not come about. */

import type { ActorState, BreakerStatus, Event, Failure, Instant } from '@scriptorium/core';
import type { Underway } from './live-run.ts';

/** `state` is that of its actor before the start; `handler` is `name@version`. */
export function startOf(
  { dispatch, reserved, budgets, input }: Underway,
  state: ActorState | undefined,
  handler: string,
): Extract<Event, { type: 'attempt.started' }> {
  const { item, node, attempt, key, undoable } = dispatch;
  const before = state?.open.get(item)?.steps.get(node);
  const reason = before?.type === 'again' ? before.reason : 'first';
  const first = { type: 'attempt.started', item, node, attempt, handler, key, reason, ...(input === null ? {} : { input }) } as const;
  const start = undoable ? { ...first, undoable } : first;
  if (reserved === null) return start;
  return budgets.length === 0 ? { ...start, reserved } : { ...start, reserved, budgets: budgets.map(({ id }) => id) };
}

/** The time for a retry is over. */
export function expired({ item, node, attempt }: Underway['dispatch']): Event {
  return { type: 'retry.expired', item, node, attempt: attempt - 1 };
}

/** The attempt fails before it has begun. */
export function unstarted({ item, node, attempt }: Underway['dispatch'], error: Failure): Event {
  return { type: 'attempt.failed', item, node, attempt, error, ms: 0 };
}

export function openFailure(pool: string, { failures, code, until }: BreakerStatus, nowMs: Instant): Failure {
  const retryAfterMs = Math.max(0, (until ?? nowMs) - nowMs);
  const message = `the breaker of the pool '${pool}' is open, after ${failures} failures in a row (the last: ${code})`;
  return { code: 'limit.open', message, details: { pool, until }, retryAfterMs };
}
