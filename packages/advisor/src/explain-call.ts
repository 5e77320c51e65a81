/** Why a step that calls a flow is where it is: what it waits for, the run that does the work can tell. */

import type { Explanation } from './explanation.ts';
import type { Entry } from './history.ts';
import { holdOf } from './hold.ts';
import { answerOf, nameOf, reason } from './scene.ts';
import type { Asked, Scene } from './scene.ts';

export function explainCall(scene: Scene, asked: Asked, started: Entry<'attempt.started'>, child: string): Explanation {
  const { words, now, summary } = scene;
  const { handler } = started.event;
  const hold = summary.status === 'interrupted' || summary.status === 'parked' ? holdOf(scene) : null;
  const begun = reason(`Run ${child} of ${handler} began ${words.time(started.at)}.`, started);
  const look = { command: `why ${child}`, does: 'explains where that run is' };
  if (hold !== null)
    return answerOf(scene, asked, {
      standing: hold.standing,
      answer: `${nameOf(asked)} waits for run ${child}, which goes on where it was together with this one.`,
      because: [hold.reason, begun],
      help: [...hold.help, look],
    });
  return answerOf(scene, asked, {
    standing: 'running',
    answer: `${nameOf(asked)} waits for run ${child} of ${handler}, for ${words.duration(now - started.at)}.`,
    because: [begun],
    help: [look],
  });
}
