/**
 * OR scopes: one state at a time, each followed by the first `next` that holds.
 *
 * 1. A state is left only when nothing inside it runs any more.
 * 2. Guards and targets see the state's own new output and its `visits`.
 * 3. A signal that leads out of a state cancels what runs in it, and only then the next state is entered.
 * 4. A state that is entered beyond its `max` does nothing: it fails with `loop.exceeded`, which its own catch may take.
 */

import { decideCancel } from '../failures/cancelling.ts';
import type { Command } from '../commands.ts';
import { failScope } from '../compensation/compensating.ts';
import { undoCutOff } from './ending.ts';
import { subscribeState, unsubscribeState } from '../waits/delivering.ts';
import type { Failure } from '../errors.ts';
import type { Carried } from '../carried.ts';
import { evaluate } from '../expr/evaluate.ts';
import { fill } from '../expr/template.ts';
import { expressionFailure, failStep } from '../failures/failing.ts';
import { carry, namesOf } from '../names.ts';
import type { Names } from '../names.ts';
import type { Place } from '../plan.ts';
import { append } from '../scene.ts';
import type { Scene } from '../scene.ts';
import type { Machine, StepState } from '../state.ts';
import { outputsOf } from './visiting.ts';

/** `inside` are the names that the scope's `output` is read with; `decideState` says what one of its states asks for. */
export function decideStates(
  scene: Scene,
  item: number,
  place: Place,
  step: Extract<StepState, { type: 'entered' }>,
  inside: Names,
  decideState: (state: Place) => readonly Command[],
): readonly Command[] {
  const { machine } = step;
  if (machine === null) {
    const [first] = place.steps.keys();
    return first === undefined ? [] : [enter(item, place, null, first, null)];
  }
  const state = stateOf(place, machine.current);
  if (machine.leaving !== null) {
    const to = state.node.events?.[machine.leaving];
    if (to === undefined) return failStep(scene, item, place, lost(`${state.node.id} has no way out for the signal ${machine.leaving}`));
    return (
      decideCancel(scene, item, state) ??
      undoCutOff(scene, item, state) ?? [enter(item, place, machine, to, latestOf(scene, item, place, machine))]
    );
  }
  const known = scene.state.open.get(item)?.steps.get(state.node.id);
  const names = Object.keys(state.node.events ?? {});
  const listening = names.length === 0 || machine.subscribed ? [] : [subscribeState(scene, item, state, names)];
  const isOver = known?.type === 'succeeded' || known?.type === 'skipped' || (known?.type === 'caught' && isWayOut(state, known.catch));
  if (isOver && machine.subscribed) return [unsubscribeState(scene, item, state)];
  switch (known?.type) {
    case undefined: {
      const visits = machine.visits.get(machine.current) ?? 0;
      const { max } = state.node;
      return max !== undefined && visits > max ? failStep(scene, item, state, exceeded(state, max)) : [...listening, ...decideState(state)];
    }
    case 'succeeded':
    case 'skipped':
      return leave(scene, item, place, machine, state, inside);
    case 'caught': {
      const to = state.node.catch[known.catch]?.to;
      return to === undefined
        ? [...listening, ...decideState(state)]
        : [enter(item, place, machine, to, latestOf(scene, item, place, machine))];
    }
    default:
      return [...listening, ...decideState(state)];
  }
}

function isWayOut({ node }: Place, entry: number): boolean {
  return node.catch[entry]?.to !== undefined;
}

function stateOf(place: Place, name: string): Place {
  const state = place.steps.get(name);
  if (state === undefined) throw new Error(`the flow has no state '${name}' in '${place.node.id}'`);
  return state;
}

function enter(item: number, place: Place, machine: Machine | null, state: string, prev: Carried | null): Command {
  const visit = (machine?.visits.get(state) ?? 0) + 1;
  return append({ type: 'state.entered', item, node: place.node.id, state, visit, prev });
}

/** What the current state last gave, in this visit or an earlier one. */
function latestOf(scene: Scene, item: number, place: Place, machine: Machine): Carried | null {
  return outputsOf(scene.state.open.get(item)?.steps, place.node.id, machine).get(machine.current)?.output ?? null;
}

function exceeded(state: Place, max: number): Failure {
  return { code: 'loop.exceeded', message: `${state.node.id} was to be entered more than ${max} time${max === 1 ? '' : 's'}` };
}

/** The state is done: on to the next, or the scope is done with it. */
function leave(scene: Scene, item: number, place: Place, machine: Machine, state: Place, inside: Names): readonly Command[] {
  try {
    if (state.node.next === undefined) return [settle(scene, item, place, machine, inside)];
    const names = namesOf(scene.plan, scene.state, item, state, scene.values);
    const next = state.node.next.find((entry) => entry.if === undefined || evaluate(entry.if.$, names) === true);
    if (next === undefined) return failScope(scene, item, place, lost(`no \`next\` of ${state.node.id} holds`));
    const to = typeof next.to === 'string' ? next.to : evaluate(next.to.$, names);
    if (typeof to !== 'string' || !place.steps.has(to)) {
      return failScope(
        scene,
        item,
        place,
        lost(`the \`next\` of ${state.node.id} gives ${JSON.stringify(to)}, which is none of its states`),
      );
    }
    return [enter(item, place, machine, to, latestOf(scene, item, place, machine))];
  } catch (error) {
    return failScope(scene, item, place, expressionFailure(error));
  }
}

function lost(message: string): Failure {
  return { code: 'expression', message };
}

function settle(scene: Scene, item: number, place: Place, machine: Machine, inside: Names): Command {
  const { node } = place;
  const outputs = outputsOf(scene.state.open.get(item)?.steps, node.id, machine);
  const degraded = machine.diverted || [...outputs.values()].some((latest) => latest.degraded);
  const own = outputs.get(machine.current)?.output ?? { v: null };
  const output = node.do.k === 'or' && node.do.output !== undefined ? carry(fill(node.do.output, inside)) : own;
  return append({ type: 'step.settled', item, node: node.id, output, degraded });
}
