/**
 * Items that only wait are alike: those of one `each` begin to within moments, and nothing is known of them but since when
 * and for what. One value stands for all that are the same in everything, so that a hundred thousand of them are few.
 */

import { ListMap } from '../list-map.ts';
import type { ItemState, StepState, WaitingStep } from '../state.ts';

/** What was made last, of waits that the root has not been told of and of those that it has: the two come in turns. */
const latest: { told: ItemState | null; untold: ItemState | null } = { told: null, untold: null };

/** The item itself, or the one that was made before it, if they are the same. */
export function oneOfAlike(item: ItemState): ItemState {
  const own = onlyWaitOf(item);
  if (own === null) return item;
  const turn = own.step.subscribed ? 'told' : 'untold';
  const before = latest[turn];
  const known = before === null ? null : onlyWaitOf(before);
  if (before !== null && known?.name === own.name && isSame(known.step, own.step)) return before;
  latest[turn] = item;
  return item;
}

/** Null where the item has another step, or something to undo. */
function onlyWaitOf({ steps, undoable }: ItemState): { readonly name: string; readonly step: WaitingStep } | null {
  if (undoable.length > 0 || steps.size !== 1 || !(steps instanceof ListMap)) return null;
  const [name, step] = [(steps as ListMap<string, StepState>).names[0], steps.held as StepState];
  return name !== undefined && step.type === 'waiting' ? { name, step } : null;
}

function isSame(left: WaitingStep, right: WaitingStep): boolean {
  return (Object.keys(left) as (keyof WaitingStep)[]).every((field) => left[field] === right[field]);
}
