/** What is remembered of a step that waits. */

import { unreachable } from './errors.ts';
import type { StepEvent } from './events.ts';
import type { Instant } from './json.ts';
import type { StepState } from './state.ts';

export type WaitEvent = Extract<StepEvent, { type: `wait.${string}` }>;

/** The step after the event; undefined where that does not apply to it any more. `iteration` is the step's own. */
export function evolveWait(step: StepState | undefined, event: WaitEvent, iteration: string, at: Instant): StepState | undefined {
  if (event.type === 'wait.begun') {
    const due = event.until ?? (event.forMs === undefined ? null : at + event.forMs);
    return { type: 'waiting', at, due, end: null };
  }
  if (step?.type !== 'waiting') return undefined;
  switch (event.type) {
    case 'wait.over':
      return step.end === null && (event.iteration ?? '') === iteration ? { ...step, end: 'over' } : undefined;
    case 'wait.left':
      return { type: 'aborted', attempt: 0, since: step.at, losses: 0, crashes: 0 };
    default:
      return unreachable(event);
  }
}
