/**
 * What a scope undoes when it fails: the steps inside it that completed and say `compensate`, as far as they can be known
 * from the events alone. A compensation is run by the scope that fails, as its `index`-th one, under an id of its own.
 *
 * 1. What completed is noted in the order of its completion, with the input of its compensation; nothing else of it is
 *    kept. A chunk hands the notes of its items on when it settles, by reference.
 * 2. What a scope undoes belongs to no scope around it any more, nor does what lies inside a step that failed.
 */

import type { Undoable } from './compensation-event.ts';
import type { Event } from '../events.ts';
import type { Instant } from '../json.ts';
import type { ItemState, StepState } from '../state.ts';
import { isWithin, iterationOf } from '../scopes/visiting.ts';

export type Undoing = Extract<StepState, { type: 'undoing' }>;

/** The nearest step around `id` that is being undone. */
export function undoingAround(steps: ItemState['steps'] | undefined, id: string): { readonly node: string; readonly step: Undoing } | null {
  for (let node = id; node !== '';) {
    node = node.slice(0, Math.max(0, node.lastIndexOf('/')));
    const step = steps?.get(node);
    if (step?.type === 'undoing') return { node, step };
  }
  return null;
}

/** Whether it belongs to this very instance of the step, and not to one of another visit. */
export function isInside(undoable: Undoable, node: string, iteration: string): boolean {
  if (!isWithin(undoable.node, node)) return false;
  return iteration === '' || undoable.iteration === iteration || undoable.iteration.startsWith(`${iteration}.`);
}

export function countUndoable(undoable: readonly Undoable[]): number {
  return undoable.reduce((sum, entry) => sum + (entry.type === 'call' ? 1 : entry.count), 0);
}

/** The item once the step `node` begins to undo what completed inside: its own steps are forgotten. */
export function beginUndoing(item: ItemState, event: Extract<Event, { type: 'compensation.begun' }>, at: Instant): ItemState {
  const { node, error, pages, total, pageSize } = event;
  const kept = [...item.steps].filter(([id]) => id !== node && !isWithin(id, node));
  const undoing: Undoing = { type: 'undoing', at, error, pages, total, pageSize, index: 0 };
  return { steps: new Map(kept).set(node, undoing), undoable: without(item, node) };
}

/** The item after a compensation succeeded: on to the next. */
export function endUndo(item: ItemState, id: string): ItemState {
  const around = undoingAround(item.steps, id);
  if (around === null) return item;
  const steps = new Map(item.steps).set(around.node, { ...around.step, index: around.step.index + 1 });
  steps.delete(id);
  return { ...item, steps };
}

/** What can still be undone when the step is over, or undone already. */
export function without({ steps, undoable }: ItemState, node: string): readonly Undoable[] {
  if (undoable.length === 0) return undoable;
  const iteration = iterationOf(steps, node) ?? '';
  return undoable.filter((entry) => !isInside(entry, node, iteration));
}
