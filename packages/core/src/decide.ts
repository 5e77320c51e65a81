/**
 * Says what the host must do now. Commands follow from the state alone: nothing is remembered between calls, so
 * recovery is fold, then decide.
 *
 * Boundary: evaluates expressions, but reads no clock and makes no id; times come from events, chance from the names of
 * run, step and attempt.
 *
 * 1. An attempt is asked for only after everything it needs has settled, and again until its start is a fact.
 * 2. Retry, then catch, then fail, in that order.
 * 3. A scope settles only when nothing inside it runs any more.
 * 4. A failing scope starts nothing new and cancels what runs.
 */

import { budgetsAround } from './budgets/budgeting.ts';
import { attemptKey } from './commands.ts';
import type { CacheKey, Command, Values } from './commands.ts';
import { decideCancel } from './failures/cancelling.ts';
import { decideChunk } from './items/chunking.ts';
import { decideUndoing, noteCompletions, stuckIn, undoAll } from './compensation/compensating.ts';
import { deliver, handBack } from './waits/delivering.ts';
import { unreachable } from './errors.ts';
import type { Failure } from './errors.ts';
import { evaluate } from './expr/evaluate.ts';
import { fill } from './expr/template.ts';
import type { Value } from './expr/value.ts';
import { expressionFailure, failStep } from './failures/failing.ts';
import { decideFan, decideOpen } from './items/fanning.ts';
import type { Flow, Mode } from './ir.ts';
import type { Json } from './json.ts';
import { carry, namesOf } from './names.ts';
import { goingOn } from './parts/going-on.ts';
import { MAX_PARTS } from './parts/part.ts';
import { placeOf, planOf } from './plan.ts';
import type { Place } from './plan.ts';
import { isRefusable } from './failures/refusing.ts';
import { decideErred, startBy } from './failures/retrying.ts';
import { append, isSuspect, iterationIn, keyIn, MAX_CRASHES, quarantined } from './scene.ts';
import type { Scene } from './scene.ts';
import { decideScope } from './scopes/scoping.ts';
import type { ActorState, StepState } from './state.ts';
import { beginWait, decideWait } from './waits/waiting.ts';

export interface DecideOptions {
  /** Items that changed since the last call; absent: look at all. What concerns the actor as a whole is always looked at. */
  readonly focus?: readonly number[] | undefined;
  /** Whether the host already carries out the dispatch with this {@link attemptKey}: its input is not evaluated again. */
  readonly underway?: (key: string) => boolean;
}

export function decide(flow: Flow, state: ActorState, values: Values, options: DecideOptions = {}): readonly Command[] {
  if (state.status === 'settled' && state.returns.length === 0) return [];
  const scene: Scene = { flow, plan: planOf(flow), state, values, mode: modeOf(state), underway: options.underway ?? (() => false) };
  if (state.returns.length > 0) return handBack(scene);
  if (state.kind.type === 'root') return decideRoot(scene, state.kind);
  return decideChunk(scene, state.kind, options.focus, (item, place) => decideStep(scene, item, place));
}

function decideRoot(scene: Scene, kind: Extract<ActorState['kind'], { type: 'root' }>): readonly Command[] {
  const { state, plan } = scene;
  const root = placeOf(plan, '');
  if (kind.held === 'interrupted' || kind.held === 'parked') return [];
  if (state.completed.length > 0) return noteCompletions(scene);
  if (state.status === 'cancelling')
    return decideCancel(scene, 0, root) ?? undoAll(scene, 0, root, cancelled) ?? settleCancelled(scene, root);
  const step = state.open.get(0)?.steps.get('');
  if (step?.type === 'succeeded')
    return [{ k: 'append', event: { type: 'run.settled', status: 'succeeded', output: step.output, error: null } }];
  if (step?.type === 'failed') return [settleRun('failed', null, step.error)];
  // What the root's own steps come to is settled first, so that nobody is given a signal who waits no longer.
  const commands = decideStep(scene, 0, root);
  return commands.some(({ k }) => k === 'append' || k === 'tell') ? commands : [...commands, ...deliver(scene, kind)];
}

const cancelled: Failure = { code: 'cancelled', message: 'the run was cancelled' };

/** A run of which something could not be undone does not pass for one that was cleanly cancelled. */
function settleCancelled(scene: Scene, root: Place): readonly Command[] {
  const stuck = stuckIn(scene, 0, root, cancelled);
  return [stuck === null ? settleRun('cancelled', null, cancelled) : settleRun('failed', null, stuck)];
}

function settleRun(status: 'failed' | 'cancelled', output: null, error: Failure): Command {
  return { k: 'append', event: { type: 'run.settled', status, output, error } };
}

/** What one step of one item asks for now. For the step whose items a chunk holds: the item as a whole. */
function decideStep(scene: Scene, item: number, place: Place): readonly Command[] {
  const { node } = place;
  const step = scene.state.open.get(item)?.steps.get(node.id);
  if (step === undefined) return begin(scene, item, place);
  switch (step.type) {
    case 'erred':
      return decideErred(scene, item, place, step);
    case 'again':
      if (step.crashes > MAX_CRASHES) return failStep(scene, item, place, quarantined(step.losses, step.error));
      if ((step.parts ?? 0) > MAX_PARTS) return failStep(scene, item, place, tooManyParts(place));
      return dispatch(scene, item, place, step.attempt + 1);
    case 'entered':
      return decideScope(scene, item, place, step, (child, at) => decideStep(scene, child, at));
    case 'waiting':
      return node.do.k === 'wait' ? decideWait(scene, item, place, node.do, step) : [];
    case 'fanned':
      return decideFan(scene, item, place, step);
    case 'undoing':
      return decideUndoing(scene, item, step, (error) => failStep(scene, item, place, error));
    case 'caught':
      return decideCaught(scene, item, place, step);
    case 'aborted':
      return [append({ type: 'step.cancelled', item, node: node.id, reason: 'the attempt was cancelled' })];
    case 'running':
    case 'succeeded':
    case 'skipped':
    case 'failed':
    case 'cancelled':
      return [];
    default:
      return unreachable(step);
  }
}

/** `true` is the input; null and false keep this call out of the cache. */
function cacheKey(value: Value): CacheKey | null {
  if (value === null || value === false) return null;
  return value === true ? { by: 'input' } : { by: 'key', key: (carry(value) as { readonly v: Json }).v };
}

function begin(scene: Scene, item: number, place: Place): readonly Command[] {
  const { node } = place;
  const at = { item, node: node.id };
  const isItem = scene.state.kind.type === 'chunk' && scene.state.kind.node === node.id;
  const names = namesOf(scene.plan, scene.state, item, place, scene.values);
  try {
    if (!isItem && node.if !== undefined && evaluate(node.if.$, names) !== true) {
      return [append({ ...at, type: 'step.skipped', reason: `if: ${node.if.$} is false` })];
    }
    if (!isItem && node.each !== undefined) return decideOpen(scene, item, place, names);
    switch (node.do.k) {
      case 'call':
        return dispatch(scene, item, place, 1);
      case 'value':
        return [append({ ...at, type: 'step.settled', output: carry(fill(node.do.value, names)), degraded: false })];
      case 'and':
      case 'or':
        return [append({ ...at, type: 'step.entered' })];
      case 'wait':
        return beginWait(scene, item, place, node.do, names);
      default:
        return unreachable(node.do);
    }
  } catch (error) {
    return failStep(scene, item, place, expressionFailure(error));
  }
}

function tooManyParts({ node }: Place): Failure {
  return { code: 'loop.exceeded', message: `the work of ${node.id} has not ended after ${MAX_PARTS} parts` };
}

function dispatch(scene: Scene, item: number, place: Place, attempt: number): readonly Command[] {
  const { node } = place;
  const step = scene.state.open.get(item)?.steps.get(node.id);
  const iteration = iterationIn(scene, item, place);
  if (node.do.k !== 'call' || scene.underway(attemptKey({ item, node: node.id, attempt, iteration }))) return [];
  try {
    const names = namesOf(scene.plan, scene.state, item, place, scene.values);
    const account = step?.type === 'again' ? step.call?.account : undefined;
    const budgets = budgetsAround(scene.flow, scene.state, item, place);
    return [
      {
        k: 'dispatch',
        item,
        node: node.id,
        attempt,
        iteration,
        key: keyIn(scene, item),
        startBy: startBy(node, step),
        budgets: account === undefined ? budgets : [...budgets, account],
        alone: isSuspect(step),
        undoable: node.compensate !== undefined,
        uses: node.do.uses,
        flow: node.do.flow ?? null,
        input: fill(node.do.with, names),
        pool: node.limit ?? null,
        timeoutMs: node.timeout ?? null,
        refusable: node.limit !== undefined && isRefusable(place),
        cache: node.cache === undefined ? null : cacheKey(fill(node.cache, names)),
        ...goingOn(step, scene.values),
      },
    ];
  } catch (error) {
    return failStep(scene, item, place, expressionFailure(error));
  }
}

function decideCaught(scene: Scene, item: number, place: Place, step: Extract<StepState, { type: 'caught' }>): readonly Command[] {
  const entry = place.node.catch[step.catch];
  if (entry?.do === undefined) return [];
  const body = placeOf(scene.plan, entry.do.id);
  const state = scene.state.open.get(item)?.steps.get(body.node.id);
  const at = { item, node: place.node.id };
  if (state?.type === 'succeeded') return [append({ ...at, type: 'step.settled', output: state.output, degraded: true })];
  if (state?.type === 'skipped') return [append({ ...at, type: 'step.settled', output: { v: null }, degraded: true })];
  if (state?.type === 'failed') return [append({ ...at, type: 'step.failed', error: state.error })];
  return decideStep(scene, item, body);
}

/** The root keeps the mode in its options; a chunk was given `run` with its env. */
function modeOf(state: ActorState): Mode {
  if (state.kind.type === 'root') return state.kind.options.mode;
  const run = state.kind.env['run'];
  const value = run !== undefined && 'v' in run ? (run.v as { readonly mode?: Mode }) : {};
  return value.mode ?? 'flexible';
}
