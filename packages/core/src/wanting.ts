/** Whether an attempt that waited for its pool is still what the state asks for. */

import type { AttemptId } from './commands.ts';
import { undoingAround } from './compensation/compensation.ts';
import type { Flow } from './ir.ts';
import { placeOf, planOf } from './plan.ts';
import type { Place } from './plan.ts';
import type { ActorState, StepState } from './state.ts';
import { parseUndoId } from './compensation/undo-id.ts';
import { iterationOf } from './scopes/visiting.ts';

export function isWanted(flow: Flow, state: ActorState, { item, node, attempt, iteration }: AttemptId): boolean {
  if (state.results.has(item)) return false;
  const steps = state.open.get(item)?.steps;
  if (iterationOf(steps, node) !== iteration) return false;
  const undo = parseUndoId(node);
  if (undo !== null) return undoingAround(steps, node)?.step.index === undo.index && isNext(steps?.get(node), attempt);
  if (state.status !== 'running') return false;
  const place = placeOf(planOf(flow), node);
  return isNext(steps?.get(node), attempt) && isScopeOpen(state, steps, place);
}

function isNext(step: StepState | undefined, attempt: number): boolean {
  return step === undefined ? attempt === 1 : step.type === 'again' && attempt === step.attempt + 1;
}

function isScopeOpen(state: ActorState, steps: ReadonlyMap<string, StepState> | undefined, place: Place): boolean {
  const isItem = state.kind.type === 'chunk' && state.kind.node === place.node.id;
  if (place.catches !== null && steps?.get(place.catches.node.id)?.type !== 'caught') return false;
  if (isItem || (state.kind.type === 'chunk' && state.kind.node === place.catches?.node.id)) return true;
  const { scope } = place;
  if (scope === null) return true;
  const around = steps?.get(scope.node.id);
  if (around?.type !== 'entered' || around.timedOut || around.ended || (around.machine !== null && around.machine.leaving !== null))
    return false;
  const failing = scope.children.some((sibling) => {
    const type = steps?.get(sibling.node.id)?.type;
    return type === 'failed' || type === 'cancelled';
  });
  return !failing && isScopeOpen(state, steps, scope);
}
