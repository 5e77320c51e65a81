/** Visits of the states of OR scopes: what is remembered of them, and which of them a step belongs to. */

import type { Event } from '../events.ts';
import type { Node } from '../ir.ts';
import { childId } from '../plan.ts';
import type { ItemState, Machine, StateOutput, StepState } from '../state.ts';

type Steps = ItemState['steps'];
type Entered = Extract<StepState, { type: 'entered' }>;

/**
 * The visits of the states around a step, outermost first: `2.1` is the first visit of an inner state in the second of
 * an outer one, and a step without states around it has none. Null for a step of a state that is not the current one.
 * What lies outside of a chunk is told apart by the chunk's own id.
 */
export function iterationOf(steps: Steps | undefined, node: string): string | null {
  let visits = '';
  for (let end = node === '' ? -1 : 0; end !== -1; end = node.indexOf('/', end + 1)) {
    const scope = steps?.get(node.slice(0, end));
    if (scope?.type !== 'entered' || scope.machine === null) continue;
    const { current, visits: known } = scope.machine;
    if (!isWithin(node, childId(node.slice(0, end), current))) return null;
    visits += `${visits === '' ? '' : '.'}${known.get(current) ?? 0}`;
  }
  return visits;
}

/** Whether the visits of what is in the scope are part of an {@link iterationOf}. */
export function isRepeating(scope: Node): boolean {
  return scope.do.k === 'or';
}

/** The item's steps after its OR scope went on with another state: those of the state that was left are forgotten. */
export function enterState(steps: Steps, scope: Entered, event: Extract<Event, { type: 'state.entered' }>): Steps {
  const { node, state, visit, prev } = event;
  const left = scope.machine === null ? null : childId(node, scope.machine.current);
  const machine: Machine = {
    current: state,
    visits: new Map(scope.machine?.visits).set(state, visit),
    prev,
    outputs: outputsOf(steps, node, scope.machine),
    diverted: scope.machine?.diverted === true || (left !== null && steps.get(left)?.type === 'caught'),
    subscribed: false,
    leaving: null,
  };
  const kept = [...steps].filter(([id]) => left === null || !isWithin(id, left));
  return new Map(kept).set(node, { ...scope, machine });
}

/** The latest output of each state that has given one, that of the current state included. */
export function outputsOf(steps: Steps | undefined, scope: string, machine: Machine | null): ReadonlyMap<string, StateOutput> {
  if (machine === null) return new Map();
  const step = steps?.get(childId(scope, machine.current));
  if (step?.type === 'succeeded') return new Map(machine.outputs).set(machine.current, { output: step.output, degraded: step.degraded });
  if (step?.type === 'skipped') return new Map(machine.outputs).set(machine.current, { output: { v: null }, degraded: false });
  return machine.outputs;
}

export function isWithin(id: string, step: string): boolean {
  return step === '' || id === step || id.startsWith(`${step}/`);
}
