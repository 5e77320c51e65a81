/**
 * Steps that wait: for a while, until an instant, or for an event.
 *
 * 1. Times come from events: a wait is due so long after it began, or at the instant that was written down then.
 * 2. Signals answer a wait for an event, and people may; a question is answered by whom it is put to, and by no signal.
 * 3. A wait that is over tells the root so before anything follows from it: nobody gives it a signal any more.
 * 4. A wait whose time has come is over at once, also when the engine was not there at that moment.
 */

import type { Command } from '../commands.ts';
import { subscribeWait, unsubscribeWait } from './delivering.ts';
import { parseDuration, parseInstant } from '../duration.ts';
import type { Failure } from '../errors.ts';
import { fill } from '../expr/template.ts';
import type { Value } from '../expr/value.ts';
import { failStep } from '../failures/failing.ts';
import type { Body, Node, WaitEvent } from '../ir.ts';
import type { Names } from '../names.ts';
import type { Place } from '../plan.ts';
import { append, iterationIn } from '../scene.ts';
import type { Scene } from '../scene.ts';
import type { WaitingStep } from '../state.ts';

type WaitBody = Extract<Body, { k: 'wait' }>;

/** Raises what the evaluator raises. */
export function beginWait(scene: Scene, item: number, place: Place, body: WaitBody, names: Names): readonly Command[] {
  const begun = { type: 'wait.begun', item, node: place.node.id } as const;
  if (body.for !== undefined) {
    const given = fill(body.for, names);
    const ms = typeof given === 'number' ? given : typeof given === 'string' ? parseDuration(given) : undefined;
    if (ms === undefined) return failStep(scene, item, place, noTime(place, 'for', given, 'a duration such as 90s or 1h30m'));
    return [append({ ...begun, forMs: ms })];
  }
  if (body.event !== undefined) {
    const { name: event, ask, to } = body.event;
    const asked = ask === undefined ? {} : { ask: String(fill(ask, names)) };
    const whom = 'expr' in to ? { roles: (fill(to, names) as readonly Value[]).map(String) } : {};
    return [append({ ...begun, event, ...asked, ...whom })];
  }
  const given = body.until === undefined ? null : fill(body.until, names);
  const until = typeof given === 'string' ? parseInstant(given) : undefined;
  if (until === undefined)
    return failStep(scene, item, place, noTime(place, 'until', given, 'an instant with its zone such as 2026-12-24T18:00:00Z'));
  return [append({ ...begun, until })];
}

export function decideWait(scene: Scene, item: number, place: Place, body: WaitBody, step: WaitingStep): readonly Command[] {
  const { node } = place;
  const at = { item, node: node.id };
  if (step.end !== null && step.subscribed) return [unsubscribeWait(scene, item, place)];
  switch (step.end?.type) {
    case 'answered':
      return [append({ ...at, type: 'step.settled', output: step.end.output, degraded: false })];
    case 'over':
      return [append({ ...at, type: 'step.settled', output: { v: null }, degraded: false })];
    case 'timed_out':
      return failStep(scene, item, place, tooLong(node));
    case undefined: {
      const iteration = iterationIn(scene, item, place);
      const of = { ...at, ...(iteration === '' ? {} : { iteration }) };
      const { event } = body;
      return [
        ...(event === undefined || step.subscribed || isQuestion(event)
          ? []
          : [subscribeWait(scene, item, place, event.name, event.match)]),
        ...(step.due === null ? [] : [{ k: 'timer', at: step.due, event: { ...of, type: 'wait.over' } } as const]),
        ...(node.timeout === undefined
          ? []
          : [{ k: 'timer', at: step.at + node.timeout, event: { ...of, type: 'step.timed_out' } } as const]),
      ];
    }
  }
}

/** Whether a wait is a question to somebody, and not for a signal. */
export function isQuestion({ ask, to }: WaitEvent): boolean {
  return ask !== undefined || 'expr' in to || to.length > 0;
}

/** The roles that may answer, as far as they are known: of one that has begun, all of them. */
export function rolesOf({ to }: Pick<WaitEvent, 'to'>, begun?: { readonly roles?: readonly string[] }): readonly string[] {
  return begun?.roles ?? ('expr' in to ? [] : to);
}

function noTime(place: Place, key: string, given: unknown, wanted: string): Failure {
  return { code: 'expression', message: `\`${key}\` of ${place.node.id} is ${JSON.stringify(given)}, which is not ${wanted}` };
}

function tooLong({ id, timeout = 0 }: Node): Failure {
  return { code: 'timeout', message: `${id} waited longer than its timeout of ${timeout} ms` };
}
