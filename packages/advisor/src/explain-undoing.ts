/** What is undone, and by what: of a scope that failed, and of a step that had completed. */

import { compensationId, planOf } from '@scriptorium/core';
import type { Explanation, Reason } from './explanation.ts';
import { lastOf } from './history.ts';
import type { Entry, StepEntry } from './history.ts';
import { holdOf } from './hold.ts';
import { answerOf, endSentence, nameOf, reason } from './scene.ts';
import type { Asked, Scene } from './scene.ts';

/** A scope that has failed and undoes what had been done inside. */
export function explainUndoing(scene: Scene, asked: Asked, begun: Entry<'compensation.begun'>): Explanation {
  const { error, total } = begun.event;
  const inside = [...planOf(scene.flow).values()].filter(({ undoes, node }) => undoes !== null && isWithin(node.id, asked.node));
  const trails = inside.flatMap(({ node }) => scene.history.trailsOf(node.id));
  const since = trails
    .filter(({ spot }) => spot.actor === asked.actor && spot.item === asked.item)
    .flatMap(({ trail }) => trail.filter(({ gseq }) => gseq > begun.gseq))
    .toSorted((a, b) => a.gseq - b.gseq);
  const done = since.filter(({ event }) => event.type === 'attempt.succeeded').length;
  const hold = holdOf(scene);
  return answerOf(scene, asked, {
    standing: hold?.standing ?? 'running',
    answer: `${nameOf(asked)} failed, and undoes what had been done in it: ${done} of ${total} compensations are made.`,
    because: [
      ...(hold === null ? [] : [hold.reason]),
      reason(endSentence(`It failed with ${error.code}: ${error.message}`), begun),
      ...since.slice(-1).map((last) => reason(endSentence(lastWords(last)), last)),
    ],
    help: hold?.help ?? [{ command: `logs ${scene.summary.run} --follow`, does: 'shows what happens' }],
  });
}

function isWithin(id: string, step: string): boolean {
  return step === '' || id.startsWith(`${step}/`);
}

function lastWords({ event }: StepEntry): string {
  const name = event.node.slice(0, event.node.lastIndexOf('/'));
  if (event.type === 'attempt.failed') return `Undoing ${name} failed with ${event.error.code}: ${event.error.message}`;
  return event.type === 'attempt.succeeded' ? `The last to be undone is ${name}` : `${name} is next`;
}

/** Why a step that completed does not count any more. */
export function undoneReasons({ history }: Scene, { node, key }: Asked): readonly Reason[] {
  const undone = history.trailsOf(compensationId(node)).flatMap(({ trail }) => {
    const isOurs = trail.some(({ event }) => event.type === 'attempt.started' && event.key === key);
    const succeeded = isOurs ? lastOf(trail, 'attempt.succeeded') : undefined;
    return succeeded === undefined ? [] : [reason('What it did was undone afterwards.', succeeded)];
  });
  return undone.slice(-1);
}
