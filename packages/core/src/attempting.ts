/** What the attempts of a step make of its state, but for the result of the last one. */

import { unreachable } from './errors.ts';
import type { Event, StartReason } from './events.ts';
import type { Instant } from './json.ts';
import { withNotes } from './parts/part.ts';
import type { StepState } from './state.ts';

type OfAttempts =
  | 'attempt.started'
  | 'attempt.failed'
  | 'attempt.lost'
  | 'attempt.noted'
  | 'attempt.continued'
  | 'retry.due'
  | 'retry.expired';
type Running = Extract<StepState, { type: 'running' }>;
/** What a step keeps from one attempt to the next. */
type Tries = Pick<Running, 'since' | 'losses' | 'crashes' | 'notes' | 'parts'>;

/** The step after the event; undefined where that does not apply to it any more. */
export function evolveAttempt(
  step: StepState | undefined,
  event: Extract<Event, { type: OfAttempts }>,
  at: Instant,
): StepState | undefined {
  const { attempt } = event;
  switch (event.type) {
    case 'attempt.started':
      return start(step, event, at);
    case 'attempt.failed':
      return isUnstarted(step, attempt) || isCurrent(step, attempt)
        ? { type: 'erred', error: event.error, at, attempt, ...triesOf(step, at) }
        : undefined;
    case 'attempt.lost':
      return isCurrent(step, attempt) ? lose(step, event) : undefined;
    case 'attempt.noted':
      return isCurrent(step, attempt) ? { ...step, notes: withNotes(step.notes, [event.note]) } : undefined;
    case 'attempt.continued':
      return isCurrent(step, attempt) ? goOn(step, event, at) : undefined;
    case 'retry.due':
      return step?.type === 'erred' && step.attempt === attempt
        ? { type: 'again', reason: 'retry', error: step.error, attempt, ...triesOf(step, at) }
        : undefined;
    case 'retry.expired':
      return step?.type === 'again' && step.attempt === attempt && step.error !== null
        ? { type: 'erred', error: step.error, at, attempt, ...triesOf(step, at) }
        : undefined;
    default:
      return unreachable(event);
  }
}

export function isCurrent(step: StepState | undefined, attempt: number): step is Running {
  return step?.type === 'running' && step.attempt === attempt;
}

/** Whether it waits for this attempt, which can fail without a start when its pool refuses it. */
function isUnstarted(step: StepState | undefined, attempt: number): boolean {
  return attempt === (step === undefined ? 1 : step.type === 'again' ? step.attempt + 1 : null);
}

function start(step: StepState | undefined, event: Extract<Event, { type: 'attempt.started' }>, at: Instant): StepState {
  const { attempt, undoable, child } = event;
  const call = step?.type === 'again' && step.call !== undefined ? { call: step.call } : {};
  return { type: 'running', startedAt: at, undoable: undoable === true, child: child ?? null, ...call, attempt, ...triesOf(step, at) };
}

/** A part of the work is done: the time for retries counts from here. */
function goOn(step: Running, { attempt, notes, call }: Extract<Event, { type: 'attempt.continued' }>, at: Instant): StepState {
  const { losses, crashes, parts = 0 } = step;
  const next = call === undefined ? {} : { call };
  const known = { notes: withNotes(step.notes, notes), parts: parts + 1 };
  return { type: 'again', reason: 'continued', error: null, ...next, attempt, since: at, losses, crashes, ...known };
}

function lose(step: Running, { reason, among, why: how }: Extract<Event, { type: 'attempt.lost' }>): StepState {
  const { attempt, since, crashes } = step;
  const losses = step.losses + 1;
  const kept = { ...partsOf(step), ...(step.call === undefined ? {} : { call: step.call }) };
  switch (reason) {
    case 'cancelled':
      return { type: 'aborted', attempt, since, losses, crashes };
    case 'stopped':
    case 'rewound':
      return { type: 'again', reason, error: null, attempt, since, losses, crashes, ...kept };
    case 'engine':
    case 'worker': {
      const why: StartReason = reason === 'engine' ? 'engine_ended' : 'worker_ended';
      const error = how === undefined ? null : { code: 'lost', message: how };
      return { type: 'again', reason: why, error, attempt, since, losses, crashes: crashes + 1 / among, ...kept };
    }
    default:
      return unreachable(reason);
  }
}

function triesOf(step: StepState | undefined, at: Instant): Tries {
  return step !== undefined && 'losses' in step
    ? { since: step.since, losses: step.losses, crashes: step.crashes, ...partsOf(step) }
    : { since: at, losses: 0, crashes: 0 };
}

function partsOf({ notes, parts }: Tries): Pick<Tries, 'notes' | 'parts'> {
  return { ...(notes === undefined ? {} : { notes }), ...(parts === undefined ? {} : { parts }) };
}
