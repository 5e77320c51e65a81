/** What a step that waits is waiting for. */

import type { Explanation } from './explanation.ts';
import { lastOf } from './history.ts';
import { holdOf } from './hold.ts';
import { timeoutText } from './explain-waiting.ts';
import { answerOf, nameOf, nodeOf, reason } from './scene.ts';
import type { Asked, Scene } from './scene.ts';

export function explainAwaiting(scene: Scene, asked: Asked): Explanation {
  const begun = lastOf(scene.history.trail(asked), 'wait.begun');
  if (begun === undefined) throw new RangeError(`${asked.node} waits for nothing`);
  const { words, now } = scene;
  const { forMs, until } = begun.event;
  const due = until ?? begun.at + (forMs ?? 0);
  const length = forMs === undefined ? '' : ` for ${words.duration(forMs)}`;
  const limits = timeoutText(nodeOf(scene, asked.node), words.duration);
  const hold = holdOf(scene);
  const left = due > now ? `until ${words.time(due)} (${words.duration(due - now)} more)` : `until ${words.time(due)}, which is past`;
  return answerOf(scene, asked, {
    standing: hold?.standing ?? 'awaiting',
    answer: `${nameOf(asked)} waits ${left}${limits}.`,
    because: [...(hold === null ? [] : [hold.reason]), reason(`It began to wait${length} ${words.time(begun.at)}.`, begun)],
    help: hold?.help ?? [],
  });
}
