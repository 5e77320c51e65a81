/**
 * Scopes: which steps of an AND scope are ready, and what a scope comes to. One of states goes on in {@link decideStates}.
 *
 * 1. A step is ready when everything it needs has settled.
 * 2. It is done when all have settled, or as soon as its `until` holds.
 * 3. A scope settles, and fails, only when nothing inside it runs any more.
 */

import { decideCancel } from '../failures/cancelling.ts';
import type { Command } from '../commands.ts';
import { failScope, stuckIn } from '../compensation/compensating.ts';
import { cutOff, endScope, isOver } from './ending.ts';
import { decideStates } from './entering.ts';
import type { Failure } from '../errors.ts';
import { fill } from '../expr/template.ts';
import { expressionFailure } from '../failures/failing.ts';
import { carry, childOutput, namesOf } from '../names.ts';
import type { Names } from '../names.ts';
import type { Instant } from '../json.ts';
import type { Place } from '../plan.ts';
import { append, iterationIn } from '../scene.ts';
import type { DecideStep, Scene } from '../scene.ts';
import type { StepState } from '../state.ts';

export function decideScope(
  scene: Scene,
  item: number,
  place: Place,
  step: Extract<StepState, { type: 'entered' }>,
  decideStep: DecideStep,
): readonly Command[] {
  const { node, children } = place;
  const states = scene.state.open.get(item)?.steps;
  if (step.ended) return endScope(scene, item, place, () => settleScope(scene, item, place, children));
  const isLeaving = step.machine !== null && step.machine.leaving !== null;
  const failure = step.timedOut
    ? timeoutOf(node.timeout ?? 0)
    : isLeaving
      ? stuckIn(scene, item, place, cutOff)
      : firstFailure(children, states);
  if (failure !== null) return decideCancel(scene, item, place) ?? failScope(scene, item, place, failure);
  const over = node.do.k === 'and' && node.do.until !== undefined ? isOver(node.do.until, scopeNames(scene, item, place)) : false;
  if (over === true) return [append({ type: 'step.ended', item, node: node.id })];
  const hindrance = over || (isLeaving ? null : firstCancelled(children, states));
  if (hindrance !== null) return decideCancel(scene, item, place) ?? failScope(scene, item, place, hindrance);
  const timer = node.timeout === undefined ? [] : [timerOf(scene, item, place, step.at + node.timeout)];
  if (node.do.k === 'or') {
    const names = scopeNames(scene, item, place);
    return [...timer, ...decideStates(scene, item, place, step, names, (state) => decideStep(item, state))];
  }
  const commands: Command[] = [];
  let areSettled = true;
  for (const child of children) {
    const known = states?.get(child.node.id);
    if (isSettled(known)) continue;
    areSettled = false;
    if (known === undefined && !child.node.needs.every((need) => isSettled(states?.get(place.steps.get(need)?.node.id ?? need)))) continue;
    const asked = decideStep(item, child);
    if (asked.some((command) => isFailureOf(command, item, child))) {
      // What has begun goes on until the scope ends; nothing begins any more.
      const begun = children.filter((one) => one === child || states?.has(one.node.id) === true);
      return begun.flatMap((one) => decideStep(item, one));
    }
    commands.push(...asked);
  }
  return areSettled ? settleScope(scene, item, place, children) : [...commands, ...timer];
}

function timerOf(scene: Scene, item: number, place: Place, at: Instant): Command {
  const { id: node } = place.node;
  const iteration = iterationIn(scene, item, place);
  return { k: 'timer', at, event: { type: 'step.timed_out', item, node, ...(iteration === '' ? {} : { iteration }) } };
}

function isFailureOf(command: Command, item: number, { node }: Place): boolean {
  return command.k === 'append' && command.event.type === 'step.failed' && command.event.item === item && command.event.node === node.id;
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
    return failScope(scene, item, place, expressionFailure(error));
  }
}

/** The names inside a scope, which its `output` is read with: its own steps first, then what the scope itself sees. */
function scopeNames(scene: Scene, item: number, place: Place): Names {
  const outer = namesOf(scene.plan, scene.state, item, place, scene.values);
  // Where the scope may be over before all of it has settled, what has not is null.
  const missing = place.node.do.k === 'and' && place.node.do.until !== undefined ? null : undefined;
  const states = scene.state.open.get(item)?.steps;
  return (name) => {
    const own = childOutput(states, place, name, scene.values);
    return own === undefined ? outer(name) : own.value === undefined ? missing : own.value;
  };
}

function firstFailure(children: readonly Place[], states: ReadonlyMap<string, StepState> | undefined): Failure | null {
  for (const child of children) {
    const state = states?.get(child.node.id);
    if (state?.type === 'failed') return state.error;
  }
  return null;
}

/** What was cancelled was so because of what failed, which is the reason then. */
function firstCancelled(children: readonly Place[], states: ReadonlyMap<string, StepState> | undefined): Failure | null {
  const child = children.find(({ node }) => states?.get(node.id)?.type === 'cancelled');
  return child === undefined ? null : { code: 'cancelled', message: `${child.node.id} was cancelled` };
}

function isSettled(step: StepState | undefined): boolean {
  return step?.type === 'succeeded' || step?.type === 'skipped';
}

function timeoutOf(timeoutMs: number): Failure {
  return { code: 'timeout', message: `the scope took longer than its timeout of ${timeoutMs} ms` };
}
