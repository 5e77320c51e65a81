/**
 * `until`: a scope of steps, or an `each`, that is done before all of it is.
 *
 * 1. Once it held, that is a fact: what comes after does not undo it, except a fatal error or a compensation that failed.
 * 2. What has not settled by then is cancelled, and what it had done is undone; only then does the step settle.
 */

import { decideCancel, recallChunks } from '../failures/cancelling.ts';
import type { Command } from '../commands.ts';
import { failScope, stuckIn, undoAll } from '../compensation/compensating.ts';
import type { Failure } from '../errors.ts';
import { evaluate } from '../expr/evaluate.ts';
import { Collection } from '../expr/value.ts';
import { expressionFailure } from '../failures/failing.ts';
import { addCounts } from '../items/fan.ts';
import type { Expr } from '../ir.ts';
import type { Names } from '../names.ts';
import type { Place } from '../plan.ts';
import type { Scene } from '../scene.ts';
import type { Counts } from '../events.ts';
import type { FannedStep } from '../state.ts';

/** Whether it holds, or why that cannot be said. */
export function isOver(until: Expr, names: Names): boolean | Failure {
  try {
    return evaluate(until.$, names) === true;
  } catch (error) {
    return expressionFailure(error);
  }
}

/** What `until` of an `each` sees beside the names around it: `ok` and `failed`, of which only the sizes are known yet. */
export function countedNames(step: FannedStep, outer: Names): Names {
  const { succeeded, failed } = countsOf(step);
  const counted = new Map([
    ['ok', new Collection('ok', succeeded, [], () => [])],
    ['failed', new Collection('failed', failed, [], () => [])],
  ]);
  return (name) => counted.get(name) ?? outer(name);
}

function countsOf(step: FannedStep): Counts {
  return [...step.live.values()].reduce((sum, { counts }) => addCounts(sum, counts), step.done);
}

/** Ends what of the scope has not settled; `settle` when nothing of it is left. */
export function endScope(scene: Scene, item: number, place: Place, settle: () => readonly Command[]): readonly Command[] {
  const cancelling = decideCancel(scene, item, place);
  if (cancelling !== null) return cancelling;
  const undoing = place.children.flatMap((child) => undoCutOff(scene, item, child) ?? []);
  if (undoing.length > 0) return undoing;
  const stuck = stuckIn(scene, item, place, cutOff);
  return stuck === null ? settle() : failScope(scene, item, place, stuck);
}

/** Ends the items that have not settled; null when all have. */
export function endItems(scene: Scene, item: number, place: Place, step: FannedStep): readonly Command[] | null {
  return recallChunks(scene, item, place, step, true);
}

/** Why something is cancelled that `until`, a signal or the end of its chunk leaves behind. */
export const cutOff: Failure = { code: 'cancelled', message: 'it was not needed any more' };

/** Undoes what a step had done that is cut off; null when there is nothing, or it has settled. */
export function undoCutOff(scene: Scene, item: number, place: Place): readonly Command[] | null {
  const type = scene.state.open.get(item)?.steps.get(place.node.id)?.type;
  return type === 'entered' || type === 'fanned' || type === 'caught' ? undoAll(scene, item, place, cutOff) : null;
}
