/** Until when an attempt may start, and whether its result is still waited for. */

import { iterationOf } from '@scriptorium/core';
import type { ActorState, Event } from '@scriptorium/core';
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
