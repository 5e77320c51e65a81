/**
 * Progress of a run as a fold of its events: the same counters for the terminal, `status`, NDJSON and the report.
 *
 * Invariants:
 * 1. For items and for every stage, `total = succeeded + failed + skipped + cancelled + waiting + running`, after every event.
 * 2. Memory grows with what is in flight, never with what has settled.
 * 3. The view belongs to whoever folds it: {@link evolveProgress} changes it in place, because it runs once per event.
 *    What leaves, by {@link showProgress}, is a copy. The view is plain data and can be cloned structurally.
 */

import type { Board, OpenStage, Position, Stage } from './board.ts';
import {
  beginWaiting,
  closeChunk,
  closeFan,
  countBusy,
  endWaiting,
  enterStage,
  itemsOf,
  keyOf,
  markRunning,
  noteKey,
  openChunk,
  openFan,
  positionOf,
  settleItem,
  settleStage,
  startBoard,
  suspend,
} from './board.ts';
import { estimate } from './estimate.ts';
import type { Recorded, StepEvent } from '../events.ts';
import { ROOT } from '../events.ts';
import type { Progress, RunUsage, StageProgress } from './figures.ts';
import type { ErrorGroups, Spot } from './grouping.ts';
import { attemptErred, forgetActor, forgetItem, noGroups, showGroups, stepErred, stepSettled } from './grouping.ts';
import { addDuration, percentile } from './histogram.ts';
import type { Budget, Flow } from '../ir.ts';
import type { Instant, Ms } from '../json.ts';
import { childId } from '../plan.ts';
import { plannedId } from '../compensation/undo-id.ts';
import { addUsage } from '../budgets/usage.ts';
import { foldSpending, noSpending } from './spending.ts';
import type { Spending } from './spending.ts';
import { add, mark } from './rows.ts';
import type { Outcome } from './rows.ts';
import type { Pace } from './pace.ts';
import { activeMs, beginPace, credit, itemsPerMinute, tick } from './pace.ts';

/**
 * To be raised whenever the view of the same events is another one, or has another shape: a view that was kept by another
 * version is none. `state-text.test.ts` notices.
 */
export const PROGRESS_VERSION = 6;

export interface ProgressView {
  readonly board: Board;
  /** When the attempts now running started, by actor, item and step. */
  readonly attempts: Map<string, Instant>;
  /** Steps that wait around the fans and in chunks of an inner `each`, by actor, item and step; for the others see the board. */
  readonly waits: Set<string>;
  readonly errors: ErrorGroups;
  readonly pace: Pace;
  readonly spending: Spending;
  readonly budget: Budget | null;
  /** The share that was done when the run ended before its work did. */
  finalFraction: number | null;
}

/** Stages are known from the definition, their totals once their `each` opens. */
export function startProgress(flow: Flow): ProgressView {
  return {
    board: startBoard(flow),
    attempts: new Map(),
    waits: new Set(),
    errors: noGroups(),
    pace: beginPace(),
    spending: noSpending(),
    budget: flow.budget ?? null,
    finalFraction: null,
  };
}

/** Folds one event of the run into the view, which is changed in place and returned. Events come in the journal's order. */
export function evolveProgress(view: ProgressView, recorded: Recorded): ProgressView {
  const { actor, at, event } = recorded;
  const { board, pace } = view;
  tick(pace, at, event);
  switch (event.type) {
    case 'run.interrupted':
    case 'run.parked':
    case 'run.forked':
    case 'run.rolled_back':
      suspend(board);
      view.attempts.clear();
      if (event.type === 'run.forked') view.spending.inherited = view.spending.used;
      break;
    case 'run.settled':
      if (event.status !== 'succeeded') view.finalFraction = estimate(board, pace, view.attempts, at).fraction;
      for (const node of board.fans.keys()) closeFan(board, node);
      view.attempts.clear();
      view.waits.clear();
      view.errors.trails.clear();
      break;
    case 'chunk.started':
      openChunk(board, actor, event);
      break;
    case 'chunk.settled':
      credit(pace, closeChunk(board, actor), null);
      forgetActor(view.errors, actor);
      break;
    case 'run.started':
    case 'run.configured':
    case 'run.paused':
    case 'run.resumed':
    case 'run.cancelling':
    case 'run.code_changed':
    case 'run.migrated':
    case 'actor.migrated':
    case 'actor.rolled_back':
    case 'chunk.granted':
    case 'chunk.cancelling':
    case 'chunk.reported':
    case 'chunk.spawned':
    case 'chunk.slots':
    case 'chunk.recalled':
    case 'signal.received':
    case 'signal.awaited':
    case 'signal.unawaited':
    case 'signal.matched':
    case 'signal.returned':
      break;
    default:
      foldStep(view, actor, at, event);
  }
  return view;
}

/** What the view says at an instant not before its last event. */
export function showProgress(view: ProgressView, at: Instant): Progress {
  const { board, pace } = view;
  const { fraction, eta } = estimate(board, pace, view.attempts, at);
  const stages = [...board.stages.values()].filter((stage) => !stage.fallback || stage.tally.total > 0);
  return {
    at,
    items: itemsOf(board),
    stages: stages.map(showStage),
    errors: showGroups(view.errors),
    fraction: view.finalFraction ?? fraction,
    eta: pace.ended ? { lowMs: 0, highMs: 0 } : eta,
    usage: usageOf(view),
    awaiting: board.awaiting + view.waits.size,
    itemsPerMinute: itemsPerMinute(pace, activeMs(pace, at)),
  };
}

/** Each field by its name: it is shown for every stage whenever anybody looks, and to spread a tally takes ten times as long. */
function showStage({ id, tally, retries, attempts, used }: Stage): StageProgress {
  const { total, waiting, running, succeeded, failed, skipped, cancelled, degraded, reused } = tally;
  const ms = { count: attempts.count, total: attempts.total, p50: percentile(attempts, 0.5), p95: percentile(attempts, 0.95) };
  return { id, total, waiting, running, succeeded, failed, skipped, cancelled, degraded, reused, retries, ms, used };
}

function usageOf({ spending: { used, reserved, inherited }, budget }: ProgressView): RunUsage {
  return inherited === null ? { used, reserved, budget } : { used, reserved, budget, inherited };
}

type Step = Exclude<StepEvent, { type: 'chunk.spawned' | 'chunk.slots' | 'chunk.recalled' }>;

function foldStep(view: ProgressView, actor: string, at: Instant, event: Step): void {
  const { board } = view;
  const position = positionOf(board, actor, event);
  const id = `${actor}|${event.item}|${event.node}`;
  const used = foldSpending(view.spending, id, event);
  if (used !== null && position !== null && position.stage !== null) position.stage.stage.used = addUsage(position.stage.stage.used, used);
  if (position === null && (actor !== ROOT || board.actors.has(ROOT))) return;
  if (position !== null && event.type === 'attempt.started' && event.key !== null) noteKey(position, event.key);
  foldErrors(view, actor, event, position);
  foldBusy(view, id, event, position);
  const workMs = foldAttempt(view, id, at, event, position);
  if (workMs !== null) credit(view.pace, 0, workMs);
  if (position === null) foldAround(board, event);
  else foldPosition(view, actor, event, position);
}

/** Steps of the root before, after and around the fans. */
function foldAround(board: Board, event: Step): void {
  if (event.type === 'each.opened') openFan(board, event.node, event.total);
  else if (outcomeOf(event) !== null) closeFan(board, event.node);
}

function foldPosition(view: ProgressView, actor: string, event: Step, position: Position): void {
  const outcome = outcomeOf(event);
  const degraded = event.type === 'step.settled' && event.degraded;
  if (outcome === null || position.about === 'inside') {
    if (event.type !== 'attempt.lost' && event.type !== 'retry.due' && event.type !== 'retry.expired' && event.type !== 'step.timed_out')
      markRunning(position);
    if (event.type === 'state.entered' && position.about === 'item') enterStage(position, childId(event.node, event.state));
    return;
  }
  if (position.about === 'item') {
    settleItem(view.board, position.actor, position.number, outcome, degraded);
    forgetItem(view.errors, actor, event.item);
    credit(view.pace, 1, null);
  } else if (position.stage !== null) {
    if (outcome !== 'cancelled' && outcome !== 'skipped') markRunning(position);
    settleStage(position.stage, outcome, degraded);
    if (position.actor.fan.node === '') credit(view.pace, 1, null);
  }
}

function foldBusy(view: ProgressView, id: string, event: Step, position: Position | null): void {
  if (event.type === 'attempt.started') count(position, 'attempts', 1);
  else if (attemptEnds.has(event.type) && view.attempts.has(id)) count(position, 'attempts', -1);
  if (event.type === 'wait.begun' && beginWait(view, id, event.node, position)) count(position, 'waits', 1);
  else if (waitEnds.has(event.type) && endWait(view, id, event.node, position)) count(position, 'waits', -1);
}

function count(position: Position | null, what: 'attempts' | 'waits', by: 1 | -1): void {
  if (position !== null) countBusy(position, what, by);
}

function beginWait({ board, waits }: ProgressView, id: string, node: string, position: Position | null): boolean {
  if (position?.own === true) return beginWaiting(board, position, node);
  return !waits.has(id) && waits.add(id).has(id);
}

function endWait({ board, waits }: ProgressView, id: string, node: string, position: Position | null): boolean {
  return position?.own === true ? endWaiting(board, position, node) : waits.delete(id);
}

const attemptEnds: ReadonlySet<Step['type']> = new Set(['attempt.succeeded', 'attempt.failed', 'attempt.lost', 'attempt.continued']);
const waitEnds: ReadonlySet<Step['type']> = new Set([
  'wait.over',
  'wait.left',
  'step.settled',
  'step.failed',
  'step.caught',
  'step.cancelled',
]);

/** Returns the work of the attempt that the event ended, or null. */
function foldAttempt(view: ProgressView, id: string, at: Instant, event: Step, position: Position | null): Ms | null {
  const open: OpenStage | null = position?.stage ?? null;
  switch (event.type) {
    case 'attempt.started':
      view.attempts.set(id, at);
      if (position !== null) mark(position.item, 'attempted');
      if (open !== null) mark(open, 'attempted');
      if (open !== null && event.attempt > 1 && event.reason !== 'continued') open.stage.retries += 1;
      return null;
    case 'attempt.reused':
      if (position !== null) mark(position.item, 'reused');
      if (open !== null) mark(open, 'reused');
      return null;
    case 'attempt.succeeded':
    case 'attempt.failed':
    case 'attempt.continued':
      view.attempts.delete(id);
      if (open === null) return null;
      add(open, 'workMs', event.ms);
      if (event.type === 'attempt.succeeded') addDuration(open.stage.attempts, event.ms);
      return event.ms;
    case 'attempt.lost':
      view.attempts.delete(id);
      return null;
    default:
      return null;
  }
}

function foldErrors({ errors }: ProgressView, actor: string, event: Step, position: Position | null): void {
  switch (event.type) {
    case 'attempt.failed':
      attemptErred(errors, spotOf(actor, event, position), event.error);
      break;
    case 'step.failed':
    case 'step.caught':
      stepErred(errors, spotOf(actor, event, position), event.error, event.type === 'step.caught');
      break;
    default:
      if (errors.trails.size > 0 && outcomeOf(event) !== null) stepSettled(errors, spotOf(actor, event, position));
  }
}

function spotOf(actor: string, { item, node }: Step, position: Position | null): Spot {
  return { actor, item, node: plannedId(node), key: position === null ? null : keyOf(position) };
}

function outcomeOf(event: Step): Outcome | null {
  switch (event.type) {
    case 'attempt.succeeded':
    case 'attempt.reused':
    case 'step.settled':
      return 'succeeded';
    case 'step.failed':
      return 'failed';
    case 'step.skipped':
      return 'skipped';
    case 'step.cancelled':
      return 'cancelled';
    default:
      return null;
  }
}
