/** Ends whatever runs below a step. */

import type { Command } from '../commands.ts';
import { decideUndoing } from '../compensation/compensating.ts';
import { unsubscribeState, unsubscribeWait } from '../waits/delivering.ts';
import { isGrave } from '../errors.ts';
import type { Failure } from '../errors.ts';
import { isCaught } from './failing.ts';
import { chunkId } from '../events.ts';
import type { Event } from '../events.ts';
import { placeOf } from '../plan.ts';
import type { Place } from '../plan.ts';
import { append, iterationIn } from '../scene.ts';
import type { Scene } from '../scene.ts';
import type { FannedStep } from '../state.ts';

/** The commands that end it, none when all has been asked for already, or null when nothing runs any more. */
export function decideCancel(scene: Scene, item: number, place: Place): readonly Command[] | null {
  const step = scene.state.open.get(item)?.steps.get(place.node.id);
  switch (step?.type) {
    case 'running':
      return [{ k: 'cancel', item, node: place.node.id, attempt: step.attempt, iteration: iterationIn(scene, item, place) }];
    case 'waiting':
      return [step.subscribed ? unsubscribeWait(scene, item, place) : append({ type: 'wait.left', item, node: place.node.id })];
    case 'fanned':
      return recallChunks(scene, item, place, step);
    case 'entered': {
      const current = step.machine?.subscribed === true ? place.steps.get(step.machine.current) : undefined;
      const mail = current === undefined ? null : [unsubscribeState(scene, item, current)];
      return together([mail, ...place.children.map((child) => decideCancel(scene, item, child))]);
    }
    case 'undoing':
      return decideUndoing(scene, item, step, (error) => [append(endOf(scene, item, place, error))]);
    case 'caught': {
      const body = place.node.catch[step.catch]?.do;
      return body === undefined ? null : decideCancel(scene, item, placeOf(scene.plan, body.id));
    }
    default:
      return null;
  }
}

/**
 * What was cancelled is so when it is undone, and so is what would have gone on with its `catch`: it is cut off in there as
 * it would be a moment later. What had failed for good, or could not be undone, has failed.
 */
function endOf(scene: Scene, item: number, place: Place, error: Failure): Event {
  const at = { item, node: place.node.id };
  if (error.code === 'cancelled') return { ...at, type: 'step.cancelled', reason: error.message };
  if (isGrave(error) || !isCaught(scene, item, place, error)) return { ...at, type: 'step.failed', error };
  return { ...at, type: 'step.cancelled', reason: `it was not needed any more when ${error.code} was to be caught` };
}

/** As {@link decideCancel}, for the chunks of one fanned step; with `undo` each item undoes what it had done. */
export function recallChunks(scene: Scene, item: number, place: Place, step: FannedStep, undo = false): readonly Command[] | null {
  if (step.live.size === 0) return null;
  const node = place.node.id;
  const iteration = iterationIn(scene, item, place);
  return [...step.live]
    .filter(([, live]) => !live.cancelling)
    .map(([chunk]) => ({
      k: 'tell',
      own: { type: 'chunk.recalled', item, node, chunk },
      to: chunkId(scene.state.id, item, node, chunk, iteration),
      event: { type: 'chunk.cancelling', reason: `${node} was cancelled`, ...(undo ? { undo } : {}) },
    }));
}

function together(parts: readonly (readonly Command[] | null)[]): readonly Command[] | null {
  const active = parts.filter((part) => part !== null);
  return active.length === 0 ? null : active.flat();
}
