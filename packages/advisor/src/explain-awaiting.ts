/** What a step that waits is waiting for. */

import { isQuestion, rolesOf } from '@scriptorium/core';
import type { Explanation, Help } from './explanation.ts';
import { lastOf } from './history.ts';
import type { Entry } from './history.ts';
import { holdOf } from './hold.ts';
import { answerOf, nameOf, nodeOf, reason } from './scene.ts';
import type { Asked, Scene } from './scene.ts';

export function explainAwaiting(scene: Scene, asked: Asked): Explanation {
  const begun = lastOf(scene.history.trail(asked), 'wait.begun');
  if (begun === undefined) throw new RangeError(`${asked.node} waits for nothing`);
  const { timeout } = nodeOf(scene, asked.node);
  const { words, now } = scene;
  const limits = timeout === undefined ? '' : `, until ${words.time(begun.at + timeout)} at most`;
  const hold = holdOf(scene);
  const ask = begun.event.ask === undefined ? [] : [reason(`It asks: ${begun.event.ask}`, begun)];
  return answerOf(scene, asked, {
    standing: hold?.standing ?? 'awaiting',
    answer: `${nameOf(asked)} waits ${whatFor(scene, asked, begun)}${limits}.`,
    because: [
      ...(hold === null ? [] : [hold.reason]),
      reason(`It began to wait ${words.time(begun.at)}, ${words.duration(Math.max(0, now - begun.at))} ago.`, begun),
      ...ask,
    ],
    help: [...answerHelp(scene, asked, begun), ...(hold?.help ?? [])],
  });
}

function whatFor({ words, now, ...scene }: Scene, asked: Asked, { at, event: begun }: Entry<'wait.begun'>): string {
  const { event, until, forMs } = begun;
  if (event === undefined) {
    const due = until ?? at + (forMs ?? 0);
    return due > now ? `until ${words.time(due)} (${words.duration(due - now)} more)` : `until ${words.time(due)}, which is past`;
  }
  const body = nodeOf({ ...scene, words, now }, asked.node).do;
  const awaited = body.k === 'wait' ? body.event : undefined;
  if (awaited === undefined || !isQuestion(awaited))
    return `for the signal '${event}'${awaited?.match === undefined ? '' : ` with ${awaited.match.$}`}`;
  const roles = rolesOf(awaited, begun);
  return `for an answer to '${event}'${roles.length === 0 ? '' : ` from ${roles.join(' or ')}`}`;
}

function answerHelp({ summary: { run } }: Scene, { key }: Asked, { event: { event } }: Entry<'wait.begun'>): readonly Help[] {
  if (event === undefined) return [];
  return [{ command: `waits ${run}`, does: `shows how it is answered${key === null ? '' : ', item by item'}` }];
}
