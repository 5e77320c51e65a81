/** What is due, until when an attempt may start, and whether its result is still waited for. */

import { iterationOf } from '@scriptorium/core';
import type { ActorState, Command, Event, Instant } from '@scriptorium/core';
import type { LiveRun } from './live-run.ts';

export function expiryOf(live: LiveRun, key: string): string {
  return `${live.id}/${key}/expiry`;
}

/** Whether the actor still waits for this result, so that it will not be dropped as late. */
export function isAwaited(state: ActorState | undefined, event: Event): boolean {
  if (!('item' in event)) return false;
  const steps = state?.open.get(event.item)?.steps;
  const step = steps?.get(event.node);
  if (event.type === 'attempt.succeeded') return step?.type === 'running' && step.attempt === event.attempt;
  if (event.type !== 'attempt.reused' || iterationOf(steps, event.node) !== (event.iteration ?? '')) return false;
  return step === undefined || step.type === 'again';
}

type Timer = Extract<Command, { k: 'timer' }>;

/**
 * Of each item that of which the time came first; it is asked about what else is due once that has been heard. Several
 * instants are past at once when the clock leaps or no engine was there, and a timeout that came first comes first then too.
 */
export function firstDue(timers: readonly Timer[], now: Instant): { readonly due: readonly Timer[]; readonly later: readonly Timer[] } {
  const firsts = new Map<number, Instant>();
  for (const { at, event } of timers) firsts.set(event.item, Math.min(at, firsts.get(event.item) ?? at));
  const isDue = ({ at, event }: Timer): boolean => at <= now && at === firsts.get(event.item);
  return { due: timers.filter(isDue), later: timers.filter((timer) => !isDue(timer)) };
}
