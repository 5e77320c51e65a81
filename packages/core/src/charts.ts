/**
 * Which states runs, steps, attempts and breakers have, and what leads from one to another. The code does not run on these
 * charts: tests hold them against what happens, so that none is missing and none is there that cannot be.
 */

export interface Transition {
  /** Empty where it begins. */
  readonly from: string;
  /** The type of the event; for breakers what happened. */
  readonly event: string;
  readonly to: string;
}

export type Chart = readonly Transition[];

export const charts: { readonly [name in 'run' | 'step' | 'attempt' | 'breaker']: Chart } = {
  run: chart(`
    - run.started running
    running run.paused paused
    running run.interrupted interrupted
    running run.parked parked
    running run.rolled_back interrupted
    running run.cancelling cancelling
    running run.settled succeeded
    running run.settled failed
    paused run.resumed running
    paused run.interrupted interrupted
    paused run.cancelling cancelling
    interrupted run.resumed running
    interrupted run.forked running
    parked run.resumed running
    cancelling run.settled cancelled
    cancelling run.settled failed
  `),
  step: chart(`
    pending step.skipped skipped
    pending step.settled succeeded
    pending step.caught caught
    pending step.failed failed
    pending attempt.started running
    pending attempt.reused succeeded
    pending attempt.failed erred
    pending step.entered entered
    pending each.opened fanned
    pending wait.begun waiting
    running attempt.succeeded succeeded
    running attempt.failed erred
    running attempt.lost again
    running attempt.noted running
    running attempt.continued again
    running attempt.lost aborted
    erred retry.due again
    erred step.caught caught
    erred step.failed failed
    erred step.cancelled cancelled
    again attempt.started running
    again attempt.reused succeeded
    again attempt.failed erred
    again retry.expired erred
    again step.caught caught
    again step.failed failed
    again step.cancelled cancelled
    aborted step.cancelled cancelled
    entered state.entered entered
    entered state.subscribed entered
    entered state.unsubscribed entered
    entered state.signalled entered
    entered step.timed_out entered
    entered step.ended entered
    entered step.settled succeeded
    entered step.caught caught
    entered step.failed failed
    entered step.cancelled cancelled
    entered compensation.begun undoing
    fanned chunk.spawned fanned
    fanned chunk.slots fanned
    fanned chunk.reported fanned
    fanned chunk.recalled fanned
    fanned step.ended fanned
    fanned step.settled succeeded
    fanned step.caught caught
    fanned step.failed failed
    fanned compensation.begun undoing
    waiting wait.subscribed waiting
    waiting wait.answered waiting
    waiting wait.unsubscribed waiting
    waiting wait.over waiting
    waiting step.timed_out waiting
    waiting step.settled succeeded
    waiting step.caught caught
    waiting step.failed failed
    waiting wait.left aborted
    undoing step.caught caught
    undoing step.failed failed
    undoing step.cancelled cancelled
    caught step.settled succeeded
    caught step.failed failed
    caught step.cancelled cancelled
  `),
  attempt: chart(`
    asked attempt.started running
    asked attempt.reused reused
    asked attempt.failed failed
    asked retry.expired expired
    running attempt.succeeded succeeded
    running attempt.failed failed
    running attempt.lost lost
    running attempt.noted running
    running attempt.continued continued
  `),
  breaker: chart(`
    closed failures open
    closed success closed
    closed failure closed
    open cooldown half_open
    open by_hand closed
    half_open success closed
    half_open failure open
    half_open by_hand closed
  `),
};

function chart(lines: string): Chart {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [from = '', event = '', to = ''] = line.trim().split(' ');
      return { from: from === '-' ? '' : from, event, to };
    });
}
