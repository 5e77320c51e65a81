/** What becomes of a step that cannot go on: the first catch that covers the failure, or the failure itself. */

import type { Command } from '../commands.ts';
import { isGrave, matchesError } from '../errors.ts';
import type { Failure } from '../errors.ts';
import { evaluate } from '../expr/evaluate.ts';
import { ExprFailure } from '../expr/failure.ts';
import { namesOf } from '../names.ts';
import type { Names } from '../names.ts';
import type { Place } from '../plan.ts';
import { append } from '../scene.ts';
import type { Scene } from '../scene.ts';

export function failStep(scene: Scene, item: number, place: Place, error: Failure): readonly Command[] {
  const at = { item, node: place.node.id };
  const index = catchIndex(scene, item, place, error);
  return [append(index === -1 ? { ...at, type: 'step.failed', error } : { ...at, type: 'step.caught', error, catch: index })];
}

/** Whether the step has a catch that covers the failure. */
export function isCaught(scene: Scene, item: number, place: Place, error: Failure): boolean {
  return catchIndex(scene, item, place, error) !== -1;
}

/** Turns what the evaluator threw into a failure of the step; anything else is a fault of the program. */
export function expressionFailure(error: unknown): Failure {
  if (!(error instanceof ExprFailure)) throw error;
  return {
    code: 'expression',
    message: error.source === '' ? error.message : `${error.message} in \${ ${error.source} }`,
    details: { source: error.source, from: error.from, to: error.to },
  };
}

/** Whether the step is an `each` as a whole, and not one of its items. */
function isWhole(scene: Scene, place: Place): boolean {
  const { kind } = scene.state;
  return place.node.each !== undefined && !(kind.type === 'chunk' && kind.node === place.node.id);
}

/** A grave error is caught only by an entry that names it; in STRICT a broken contract is never caught. */
function catchIndex(scene: Scene, item: number, place: Place, error: Failure): number {
  if (scene.mode === 'strict' && error.code.startsWith('contract.')) return -1;
  const whole = isWhole(scene, place);
  const { each } = place.node;
  return place.node.catch.findIndex((entry) => {
    // A body replaces the result of each item; going on with another state concerns the step as a whole.
    if (entry.to === undefined ? whole : each !== undefined && !whole) return false;
    const covers = isGrave(error) ? entry.errors.includes(error.code) : entry.errors.length === 0 || matchesError(entry.errors, error.code);
    return covers && (entry.if === undefined || holds(scene, item, place, entry.if.$, error));
  });
}

function holds(scene: Scene, item: number, place: Place, source: string, error: Failure): boolean {
  const outer = namesOf(scene.plan, scene.state, item, place, scene.values);
  const { code, message, details } = error;
  const names: Names = (name) => (name === 'error' ? { code, message, ...(details === undefined ? {} : { details }) } : outer(name));
  try {
    return evaluate(source, names) === true;
  } catch (failure) {
    expressionFailure(failure);
    return false;
  }
}
