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

import { attemptKey } from './commands.ts';
import type { Command, Values } from './commands.ts';
import { decideCancel } from './cancelling.ts';
import { unreachable } from './errors.ts';
import type { Failure } from './errors.ts';
import type { Event } from './events.ts';
import { evaluate } from './expr/evaluate.ts';
import { fill } from './expr/template.ts';
import { expressionFailure, failStep } from './failing.ts';
import { decideStates } from './entering.ts';
import { decideFan, decideOpen } from './fanning.ts';
import type { Flow, Mode } from './ir.ts';
import { carry, childOutput, itemRow, namesOf } from './names.ts';
import type { Names } from './names.ts';
import { placeOf, planOf } from './plan.ts';
import type { Place } from './plan.ts';
import { isRefusable } from './refusing.ts';
import { decideErred, startBy } from './retrying.ts';
import { append, iterationIn } from './scene.ts';
import type { Scene } from './scene.ts';
import type { ActorState, StepState } from './state.ts';

export interface DecideOptions {
  /** Items that changed since the last call; absent: look at all. What concerns the actor as a whole is always looked at. */
  readonly focus?: readonly number[];
  /** Whether the host already carries out the dispatch with this {@link attemptKey}: its input is not evaluated again. */
  readonly underway?: (key: string) => boolean;
}

export function decide(flow: Flow, state: ActorState, values: Values, options: DecideOptions = {}): readonly Command[] {
  if (state.status === 'settled') return [];
  const scene: Scene = { flow, plan: planOf(flow), state, values, mode: modeOf(state), underway: options.underway ?? (() => false) };
  return state.kind.type === 'root' ? decideRoot(scene, state.kind) : decideChunk(scene, state.kind, options.focus);
}

function decideRoot(scene: Scene, kind: Extract<ActorState['kind'], { type: 'root' }>): readonly Command[] {
  const { state, plan } = scene;
  const root = placeOf(plan, '');
  if (kind.held === 'interrupted') return [];
  if (state.status === 'cancelling') {
    const commands = decideCancel(scene, 0, root);
    return commands ?? [settleRun('cancelled', null, { code: 'cancelled', message: 'the run was cancelled' })];
  }
  const step = state.open.get(0)?.steps.get('');
  if (step?.type === 'succeeded')
    return [{ k: 'append', event: { type: 'run.settled', status: 'succeeded', output: step.output, error: null } }];
  if (step?.type === 'failed') return [settleRun('failed', null, step.error)];
  return decideStep(scene, 0, root);
}

function settleRun(status: 'failed' | 'cancelled', output: null, error: Failure): Command {
  return { k: 'append', event: { type: 'run.settled', status, output, error } };
}

function decideChunk(
  scene: Scene,
  kind: Extract<ActorState['kind'], { type: 'chunk' }>,
  focus: readonly number[] | undefined,
): readonly Command[] {
  const { state, plan } = scene;
  const place = placeOf(plan, kind.node);
  const commands: Command[] = [];
  const items = focus === undefined ? [...state.open.keys()] : focus.filter((item) => state.open.has(item));
  for (const item of items)
    commands.push(...(state.status === 'cancelling' ? cancelItem(scene, item, place) : decideStep(scene, item, place)));
  const cancelling = state.status === 'cancelling';
  if (cancelling ? state.open.size === 0 : state.results.size === kind.size) return [settleChunk(scene, kind)];
  if (!cancelling) commands.push(...openItems(scene, kind, place), ...reportChunk(scene, kind));
  return commands;
}

function cancelItem(scene: Scene, item: number, place: Place): readonly Command[] {
  return (
    decideCancel(scene, item, place) ?? [append({ type: 'step.cancelled', item, node: place.node.id, reason: 'the chunk was cancelled' })]
  );
}

/** As many unopened items, in order, as there are free slots. */
function openItems(scene: Scene, kind: Extract<ActorState['kind'], { type: 'chunk' }>, place: Place): readonly Command[] {
  const { state } = scene;
  const commands: Command[] = [];
  let free = kind.granted - kind.returned - state.open.size;
  for (let item = kind.next; item < kind.size && free > 0; item += 1) {
    if (state.open.has(item) || state.results.has(item)) continue;
    free -= 1;
    commands.push(...decideStep(scene, item, place));
  }
  return commands;
}

/** Tells the parent when an item failed, or when slots are left over because no item waits for one. */
function reportChunk(scene: Scene, kind: Extract<ActorState['kind'], { type: 'chunk' }>): readonly Command[] {
  const { state } = scene;
  const unopened = kind.size - state.results.size - state.open.size;
  const busy = Math.min(kind.granted - kind.returned, state.open.size + unopened);
  const returned = kind.granted - busy;
  if (returned === kind.returned && state.counts.failed === kind.reported.failed) return [];
  const event: Event = { ...reportOf(scene, kind), returned, page: null };
  return [{ k: 'tell', own: event, to: kind.parent.actor, event }];
}

function settleChunk(scene: Scene, kind: Extract<ActorState['kind'], { type: 'chunk' }>): Command {
  const { state, values } = scene;
  const rows = Array.from({ length: kind.size }, (_, item) => {
    const key = itemRow(state, item, values).key;
    const result = state.results.get(item) ?? { status: 'cancelled' as const };
    switch (result.status) {
      case 'succeeded':
        return { key, status: result.status, output: result.output, ...(result.degraded ? { degraded: true as const } : {}) };
      case 'failed':
        return { key, status: result.status, error: result.error };
      default:
        return { key, status: result.status };
    }
  });
  const cancelled = state.counts.cancelled + kind.size - state.results.size;
  return {
    k: 'settle',
    rows,
    to: kind.parent.actor,
    report: { ...reportOf(scene, kind), counts: { ...state.counts, cancelled }, returned: kind.granted },
  };
}

function reportOf(
  scene: Scene,
  kind: Extract<ActorState['kind'], { type: 'chunk' }>,
): Omit<Extract<Event, { type: 'chunk.reported' }>, 'page'> {
  const { state, values } = scene;
  const failure = kind.failure === null ? null : { key: itemRow(state, kind.failure.item, values).key, error: kind.failure.error };
  return {
    type: 'chunk.reported',
    item: kind.parent.item,
    node: kind.node,
    chunk: kind.chunk,
    counts: state.counts,
    returned: kind.returned,
    failure,
  };
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
      return step.crashes > MAX_CRASHES
        ? failStep(scene, item, place, quarantined(step.losses))
        : dispatch(scene, item, place, step.attempt + 1);
    case 'entered':
      return decideScope(scene, item, place, step);
    case 'fanned':
      return decideFan(scene, item, place, step);
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

/** A step with a larger share in the ends of engine and worker is set aside with its input. */
export const MAX_CRASHES = 3;

function quarantined(losses: number): Failure {
  return { code: 'quarantined', message: `the engine or its worker ended during ${losses} attempts of this step` };
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
        throw new Error(`this engine does not run '${node.do.k}' steps`);
      default:
        return unreachable(node.do);
    }
  } catch (error) {
    return failStep(scene, item, place, expressionFailure(error));
  }
}

function dispatch(scene: Scene, item: number, place: Place, attempt: number): readonly Command[] {
  const { node } = place;
  const id = { item, node: node.id, attempt, iteration: iterationIn(scene, item, place) };
  if (node.do.k !== 'call' || scene.underway(attemptKey(id))) return [];
  try {
    const input = fill(node.do.with, namesOf(scene.plan, scene.state, item, place, scene.values));
    const key = scene.state.kind.type === 'chunk' ? itemRow(scene.state, item, scene.values).key : null;
    return [
      {
        k: 'dispatch',
        ...id,
        uses: node.do.uses,
        input,
        key,
        pool: node.limit ?? null,
        timeoutMs: node.timeout ?? null,
        startBy: startBy(node, scene.state.open.get(item)?.steps.get(node.id)),
        refusable: node.limit !== undefined && isRefusable(place),
      },
    ];
  } catch (error) {
    return failStep(scene, item, place, expressionFailure(error));
  }
}

function decideScope(scene: Scene, item: number, place: Place, step: Extract<StepState, { type: 'entered' }>): readonly Command[] {
  const { node } = place;
  const states = scene.state.open.get(item)?.steps;
  const children = [...place.steps.values()];
  const failure = step.timedOut ? timeoutOf(node.timeout ?? 0) : firstFailure(children, states);
  if (failure !== null) return decideCancel(scene, item, place) ?? failStep(scene, item, place, failure);
  const timer: readonly Command[] =
    node.timeout === undefined ? [] : [{ k: 'timer', at: step.at + node.timeout, event: { type: 'step.timed_out', item, node: node.id } }];
  if (node.do.k === 'or') {
    const names = scopeNames(scene, item, place);
    return [...timer, ...decideStates(scene, item, place, step, names, (state) => decideStep(scene, item, state))];
  }
  const commands: Command[] = [];
  for (const child of children) {
    const known = states?.get(child.node.id);
    if (known === undefined && !child.node.needs.every((need) => isSettled(states?.get(place.steps.get(need)?.node.id ?? need)))) continue;
    commands.push(...decideStep(scene, item, child));
  }
  if (children.every((child) => isSettled(states?.get(child.node.id)))) return settleScope(scene, item, place, children);
  return [...commands, ...timer];
}

function settleScope(scene: Scene, item: number, place: Place, children: readonly Place[]): readonly Command[] {
  const { node } = place;
  if (node.do.k !== 'and') return [];
  const states = scene.state.open.get(item)?.steps;
  const degraded = children.some((child) => {
    const state = states?.get(child.node.id);
    return state?.type === 'succeeded' && state.degraded;
  });
  try {
    const output = fill(node.do.output, scopeNames(scene, item, place));
    return [append({ type: 'step.settled', item, node: node.id, output: carry(output), degraded })];
  } catch (error) {
    return failStep(scene, item, place, expressionFailure(error));
  }
}

/** The names inside a scope, which its `output` is read with: its own steps first, then what the scope itself sees. */
function scopeNames(scene: Scene, item: number, place: Place): Names {
  const outer = namesOf(scene.plan, scene.state, item, place, scene.values);
  const states = scene.state.open.get(item)?.steps;
  return (name) => {
    const own = childOutput(states, place, name, scene.values);
    return own === undefined ? outer(name) : own.value;
  };
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

function firstFailure(children: readonly Place[], states: ReadonlyMap<string, StepState> | undefined): Failure | null {
  for (const child of children) {
    const state = states?.get(child.node.id);
    if (state?.type === 'failed') return state.error;
    if (state?.type === 'cancelled') return { code: 'cancelled', message: `${child.node.id} was cancelled` };
  }
  return null;
}

function isSettled(step: StepState | undefined): boolean {
  return step?.type === 'succeeded' || step?.type === 'skipped';
}

function timeoutOf(timeoutMs: number): Failure {
  return { code: 'timeout', message: `the scope took longer than its timeout of ${timeoutMs} ms` };
}

/** The root keeps the mode in its options; a chunk was given `run` with its env. */
function modeOf(state: ActorState): Mode {
  if (state.kind.type === 'root') return state.kind.options.mode;
  const run = state.kind.env['run'];
  const value = run !== undefined && 'v' in run ? (run.v as { readonly mode?: Mode }) : {};
  return value.mode ?? 'flexible';
}
