/** What is remembered of a step that waits: for its time, for an answer, or, as a scope of states, for what leads out of one. */

import { unreachable } from '../errors.ts';
import type { StepEvent } from '../events.ts';
import type { Instant } from '../json.ts';
import type { StepState, WaitingStep } from '../state.ts';

type OfWait = Exclude<Extract<StepEvent, { type: `wait.${string}` }>, { type: 'wait.answered' }>;
export type WaitChange = OfWait | Extract<StepEvent, { type: 'step.timed_out' | 'state.subscribed' | 'state.unsubscribed' }>;

/** The step after the event; undefined where that does not apply to it any more. `iteration` is the step's own. */
export function evolveWait(step: StepState | undefined, event: WaitChange, iteration: string, at: Instant): StepState | undefined {
  switch (event.type) {
    case 'step.timed_out':
      if ((event.iteration ?? iteration) !== iteration) return undefined;
      return step?.type === 'entered' ? { ...step, timedOut: true } : ended(step, 'timed_out');
    case 'state.subscribed':
    case 'state.unsubscribed': {
      const machine = step?.type === 'entered' ? step.machine : null;
      if (step?.type !== 'entered' || machine?.current !== event.state) return undefined;
      return { ...step, machine: { ...machine, subscribed: event.type === 'state.subscribed' } };
    }
    case 'wait.begun': {
      const due = event.until ?? (event.forMs === undefined ? null : at + event.forMs);
      const roles = event.roles === undefined ? {} : { roles: event.roles };
      return { type: 'waiting', at, due, ask: event.ask ?? null, ...roles, subscribed: false, end: null };
    }
    case 'wait.over':
      return (event.iteration ?? '') === iteration ? ended(step, 'over') : undefined;
    case 'wait.subscribed':
    case 'wait.unsubscribed':
      return step?.type === 'waiting' ? { ...step, subscribed: event.type === 'wait.subscribed' } : undefined;
    case 'wait.left':
      return step?.type === 'waiting' ? { type: 'aborted', attempt: 0, since: step.at, losses: 0, crashes: 0 } : undefined;
    default:
      return unreachable(event);
  }
}

/** What comes first ends it. */
function ended(step: StepState | undefined, type: 'over' | 'timed_out'): WaitingStep | undefined {
  return step?.type === 'waiting' && step.end === null ? { ...step, end: { type } } : undefined;
}
