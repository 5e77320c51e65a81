/**
 * Undoing what a scope had done before it failed: gathering the compensations, and running them one after another.
 *
 * 1. A scope fails only after what had completed inside was undone, in reverse order of completion, each call once.
 * 2. A compensation is tried as its own `retry` says. When it fails for good, what completed before it stays as it is:
 *    the scope, and every scope around it, fails with `compensation_failed` and undoes nothing more.
 * 3. Compensations are not cancelled: they go on when the run is, and when the `each` around them is recalled.
 */

import { attemptKey } from '../commands.ts';
import type { Command } from '../commands.ts';
import { isInside } from './compensation.ts';
import type { Undoing } from './compensation.ts';
import type { Undoable, UndoCall } from './compensation-event.ts';
import type { Failure } from '../errors.ts';
import { fill } from '../expr/template.ts';
import { expressionFailure, failStep } from '../failures/failing.ts';
import { CHUNK_SIZE, fanFailure } from '../items/fan.ts';
import { carry, namesOf, readCarried } from '../names.ts';
import { goingOn } from '../parts/going-on.ts';
import { placeOf } from '../plan.ts';
import type { Place } from '../plan.ts';
import { decideErred, startBy } from '../failures/retrying.ts';
import { append, isSuspect, iterationIn, keyIn, MAX_CRASHES, quarantined } from '../scene.ts';
import type { Scene } from '../scene.ts';
import type { Completion } from '../state.ts';
import { compensationId, undoId } from './undo-id.ts';
import { iterationOf } from '../scopes/visiting.ts';

/** How many of the steps that stay as they are a failure lists. */
const MAX_LISTED = 50;

/** Notes how each step that completed would be undone, while all that its compensation reads is there. */
export function noteCompletions(scene: Scene): readonly Command[] {
  return scene.state.completed.map((completion) => append({ type: 'compensation.noted', ...noteOf(scene, completion) }));
}

function noteOf(scene: Scene, { item, node, output }: Completion): Pick<UndoCall, 'node' | 'key' | 'input' | 'error'> & { item: number } {
  const { plan, state, values } = scene;
  const place = placeOf(plan, compensationId(node));
  const outer = namesOf(plan, state, item, place, values);
  const own = place.undoes?.name;
  const about = { item, node, key: keyIn(scene, item) };
  if (place.node.do.k !== 'call') throw new Error(`the compensation of ${node} is no call`);
  try {
    const input = fill(place.node.do.with, (name) => (name === own ? readCarried(output, values) : outer(name)));
    return { ...about, input: carry(input), error: null };
  } catch (error) {
    return { ...about, input: { v: null }, error: expressionFailure(error) };
  }
}

/** For a scope or an `each` in which nothing runs any more: undoes what completed inside, if anything, and fails it. */
export function failScope(scene: Scene, item: number, place: Place, error: Failure): readonly Command[] {
  return undoAll(scene, item, place, error) ?? failStep(scene, item, place, stuckIn(scene, item, place, error) ?? error);
}

/** The command that begins to undo what completed inside; null when there is nothing that may be undone. */
export function undoAll(scene: Scene, item: number, place: Place, error: Failure): readonly Command[] | null {
  if (stuckIn(scene, item, place, error) !== null) return null;
  const rows = undoableIn(scene, item, place);
  if (rows.length === 0) return null;
  const at = { item, node: place.node.id };
  const begun = { type: 'compensation.begun', ...at, error, total: rows.length, pageSize: CHUNK_SIZE } as const;
  return [{ k: 'open', ...at, rows, opened: begun }];
}

/** The failure of a compensation inside that no `catch` took, with what therefore stays as it is; null without one. */
export function stuckIn(scene: Scene, item: number, place: Place, error: Failure): Failure | null {
  const stuck = error.code === 'compensation_failed' ? error : brokenIn(scene, item, place);
  return stuck === null ? null : leave(stuck, undoableIn(scene, item, place));
}

function brokenIn(scene: Scene, item: number, place: Place): Failure | null {
  const step = scene.state.open.get(item)?.steps.get(place.node.id);
  switch (step?.type) {
    case 'failed':
      return step.error.code === 'compensation_failed' ? step.error : null;
    case 'fanned': {
      const failure = fanFailure(place, step);
      return failure?.code === 'compensation_failed' ? failure : null;
    }
    case 'entered':
      for (const child of place.children) {
        const broken = brokenIn(scene, item, child);
        if (broken !== null) return broken;
      }
      return null;
    case 'caught': {
      const body = place.node.catch[step.catch]?.do;
      return body === undefined ? null : brokenIn(scene, item, placeOf(scene.plan, body.id));
    }
    default:
      return null;
  }
}

/** The calls that this instance of the step would undo, the latest first. */
function undoableIn(scene: Scene, item: number, place: Place): readonly UndoCall[] {
  const known = scene.state.open.get(item)?.undoable ?? [];
  if (known.length === 0) return [];
  const iteration = iterationIn(scene, item, place);
  const own = known.filter((undoable) => isInside(undoable, place.node.id, iteration));
  return callsOf(own, scene.values.read).toReversed();
}

/** In the order of completion. Where two completed in the same millisecond, the one that was heard of first comes first. */
function callsOf(undoable: readonly Undoable[], read: (ref: string) => unknown): readonly UndoCall[] {
  return undoable
    .flatMap((entry) => (entry.type === 'call' ? [entry] : callsOf(read(entry.page) as readonly Undoable[], read)))
    .toSorted((a, b) => a.at - b.at);
}

/** One step of undoing; `end` says what the step comes to when that is over. */
export function decideUndoing(scene: Scene, item: number, step: Undoing, end: (error: Failure) => readonly Command[]): readonly Command[] {
  if (step.index === step.total) return end(step.error);
  const call = callAt(scene, step, step.index);
  const undo = placeOfCall(scene, call, step.index);
  const known = scene.state.open.get(item)?.steps.get(undo.node.id);
  if (call.error !== null) return end(failed(scene, step, call, call.error));
  switch (known?.type) {
    case undefined:
      return dispatchUndo(scene, item, undo, call, 1);
    case 'again':
      return known.crashes > MAX_CRASHES
        ? failStep(scene, item, undo, quarantined(known.losses, known.error))
        : dispatchUndo(scene, item, undo, call, known.attempt + 1);
    case 'erred':
      return decideErred(scene, item, undo, known);
    case 'failed':
      return end(failed(scene, step, call, known.error));
    default:
      return [];
  }
}

function callAt({ values }: Scene, { pages, pageSize }: Undoing, index: number): UndoCall {
  const page = (values.read(pages) as readonly string[])[Math.floor(index / pageSize)];
  const call = page === undefined ? undefined : (values.read(page) as readonly UndoCall[])[index % pageSize];
  if (call === undefined) throw new Error(`there is no compensation ${index}`);
  return call;
}

/** The compensation as a step of the scope that runs it. */
function placeOfCall({ plan }: Scene, { node }: UndoCall, index: number): Place {
  const place = placeOf(plan, compensationId(node));
  return { ...place, node: { ...place.node, id: undoId(node, index) } };
}

function dispatchUndo(scene: Scene, item: number, { node }: Place, call: UndoCall, attempt: number): readonly Command[] {
  const around = scene.state.open.get(item)?.steps;
  const id = { item, node: node.id, attempt, iteration: iterationOf(around, node.id) ?? '' };
  if (node.do.k !== 'call' || scene.underway(attemptKey(id))) return [];
  const { uses, flow = null } = node.do;
  const pool = node.limit ?? null;
  const input = readCarried(call.input, scene.values);
  const timeoutMs = node.timeout ?? null;
  const until = startBy(node, around?.get(node.id));
  const asked = { uses, flow, input, key: call.key, pool, timeoutMs, startBy: until } as const;
  // Nothing that would do for other calls may keep a compensation from being made: no budget, breaker or earlier result.
  const alone = isSuspect(around?.get(node.id));
  const rest = { refusable: false, undoable: false, budgets: [], cache: null } as const;
  return [{ k: 'dispatch', ...id, ...asked, alone, ...rest, ...goingOn(around?.get(node.id), scene.values) }];
}

/** The compensation failed for good; those after it are not made. */
function failed(scene: Scene, step: Undoing, { node, key }: UndoCall, { code, message }: Failure): Failure {
  const rest = Array.from({ length: Math.min(step.total - step.index - 1, MAX_LISTED) }, (_, offset) =>
    callAt(scene, step, step.index + 1 + offset),
  );
  const left = step.total - step.index - 1;
  const name = nameOf({ node, key });
  return {
    code: 'compensation_failed',
    message: `${name} could not be undone: ${code}: ${message}${left === 0 ? '' : `; ${left} before it ${left === 1 ? 'was' : 'were'} left as they are`}`,
    details: {
      step: node,
      key,
      error: { code, message },
      after: { code: step.error.code, message: step.error.message },
      left,
      notUndone: rest.map(({ node: other, key: otherKey }) => nameOf({ node: other, key: otherKey })),
    },
  };
}

/** The failure as the scope around has it: with what would have been undone there. */
function leave(error: Failure, calls: readonly UndoCall[]): Failure {
  if (calls.length === 0) return error;
  const known = Array.isArray(error.details?.['notUndone']) ? (error.details['notUndone'] as readonly string[]) : [];
  const left = Number(error.details?.['left'] ?? 0) + calls.length;
  return { ...error, details: { ...error.details, left, notUndone: [...known, ...calls.map(nameOf)].slice(0, MAX_LISTED) } };
}

function nameOf({ node, key }: Pick<UndoCall, 'node' | 'key'>): string {
  return key === null ? node : `${node} [${key}]`;
}
