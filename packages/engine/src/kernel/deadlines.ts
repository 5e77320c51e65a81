/** Which timers a step has, and when nothing is waited for any more. */

import { iterationOf } from '@scriptorium/core';
import type { ActorState, Event } from '@scriptorium/core';
import type { LiveRun } from './live-run.ts';

type OfStep = Extract<Event, { readonly item: number; readonly node: string }>;

export function timerKey(run: string, actor: string, type: string, { item, node }: Pick<OfStep, 'item' | 'node'>): string {
  return `${run}/${actor}/${type}/${item}:${node}`;
}

export const deadlines = ['step.timed_out', 'wait.over'] as const;
const ends: ReadonlySet<Event['type']> = new Set(['step.settled', 'step.failed', 'step.cancelled', 'step.caught', 'wait.left']);

/** A step that has ended needs no deadline any more. */
export function endsStep(event: Event): event is OfStep {
  return ends.has(event.type);
}

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
