/**
 * Why a step is where it is: waiting, tried again, skipped, failed, caught, reused. Pure over the journal's events;
 * every sentence rests on events that are named beside it.
 */

import { errorKinds, planOf, unreachable } from '@scriptorium/core';
import type { ErrorCode, Failure, StartReason } from '@scriptorium/core';
import { readText, valuesRead } from './condition-values.ts';
import type { Explanation, Help, Reason } from './explanation.ts';
import { explainAwaiting } from './explain-awaiting.ts';
import { explainCall } from './explain-call.ts';
import { explainUndoing, undoneReasons } from './explain-undoing.ts';
import { explainBackOff, explainQueued, explainUnbegun, timeoutText } from './explain-waiting.ts';
import { evidenceOf, lastOf } from './history.ts';
import type { Entry, Spot } from './history.ts';
import { holdOf } from './hold.ts';
import { answerOf, endSentence, lastEvent, nameOf, nodeOf, reason, reasonOn, standingOf } from './scene.ts';
import type { Asked, Scene } from './scene.ts';

/** How far a chain of skipped steps is followed. */
const MAX_CHAIN = 8;

/** Raises a RangeError for a step that the flow does not have. */
export function explainStep(scene: Scene, asked: Asked): Explanation {
  const standing = standingOf(scene, asked);
  const node = nodeOf(scene, asked.node);
  switch (standing) {
    case 'waiting':
    case 'not_reached':
    case 'paused':
    case 'interrupted':
    case 'parked':
      return explainUnbegun(scene, asked);
    case 'queued':
      return explainQueued(scene, asked, againReasons(scene, asked));
    case 'awaiting':
      return explainAwaiting(scene, asked);
    case 'backing_off':
      return explainBackOff(scene, asked);
    case 'running':
      return node.do.k === 'call' && lastEvent(scene, asked)?.event.type === 'attempt.started'
        ? explainAttempt(scene, asked)
        : explainScope(scene, asked);
    case 'succeeded':
    case 'degraded':
      return explainSuccess(scene, asked);
    case 'reused':
      return explainReuse(scene, asked);
    case 'skipped':
      return explainSkip(scene, asked);
    case 'failed':
      return explainFailure(scene, asked);
    case 'cancelled':
      return explainCancel(scene, asked);
    default:
      return unreachable(standing);
  }
}

const startReasons: { readonly [reason in Exclude<StartReason, 'first'>]: string } = {
  continued: 'the one before did a part of the work',
  retry: 'the one before failed and its retry policy allows another',
  engine_ended: 'the engine ended during the one before, whose result is unknown',
  worker_ended: 'the worker ended during the one before, whose result is unknown',
  stopped: 'the one before was aborted when the engine was stopped',
  rewound: 'the one before was under way where the run was taken back to, or forked',
};

const losses: { readonly [reason in Entry<'attempt.lost'>['event']['reason']]: string } = {
  engine: 'the engine ended during it',
  worker: 'its worker ended during it',
  cancelled: 'it was cancelled',
  stopped: 'it was aborted when the engine was stopped',
  rewound: 'it was under way where the run was taken back to, or forked',
};

/** Why it was, or will be, run more than once. */
function againReasons({ history }: Scene, asked: Asked): readonly Reason[] {
  return history.trail(asked).flatMap((recorded): readonly Reason[] => {
    const { event } = recorded;
    if (event.type === 'attempt.started' && event.reason !== 'first')
      return [reason(`Attempt ${event.attempt} was made because ${startReasons[event.reason]}.`, recorded)];
    if (event.type === 'attempt.lost')
      return [reason(`Attempt ${event.attempt} ended without a result: ${losses[event.reason]}.`, recorded)];
    if (event.type === 'attempt.failed')
      return [reason(endSentence(`Attempt ${event.attempt} failed: ${event.error.code}: ${event.error.message}`), recorded)];
    return [];
  });
}

function explainAttempt(scene: Scene, asked: Asked): Explanation {
  const started = lastOf(scene.history.trail(asked), 'attempt.started');
  if (started === undefined) throw new RangeError(`${asked.node} does not run`);
  const { words, now, summary } = scene;
  const { attempt, handler, child } = started.event;
  if (child !== undefined) return explainCall(scene, asked, started, child);
  const limits = timeoutText(nodeOf(scene, asked.node), words.duration);
  const hold = summary.status === 'interrupted' || summary.status === 'parked' ? holdOf(scene) : null;
  if (hold !== null)
    return answerOf(scene, asked, {
      standing: hold.standing,
      answer: `${nameOf(asked)} was running when the run was interrupted; it is run again when the run goes on.`,
      because: [hold.reason, reason(`Attempt ${attempt} began ${words.time(started.at)}.`, started)],
      help: hold.help,
    });
  return answerOf(scene, asked, {
    standing: 'running',
    answer: `${nameOf(asked)} is running: attempt ${attempt} of ${handler}, for ${words.duration(now - started.at)}${limits}.`,
    because: [reason(`Attempt ${attempt} began ${words.time(started.at)}.`, started), ...againReasons(scene, asked)],
    help: [{ command: `logs ${summary.run} --follow`, does: 'shows what happens' }],
  });
}

/** A scope, a fan or a fallback that is at work: what in it has not settled. */
function explainScope(scene: Scene, asked: Asked): Explanation {
  const trail = scene.history.trail(asked);
  const caught = lastOf(trail, 'step.caught');
  const opened = lastOf(trail, 'each.opened');
  const last = trail.at(-1);
  const begun = lastOf(trail, 'compensation.begun');
  if (begun !== undefined && last === begun) return explainUndoing(scene, asked, begun);
  if (caught !== undefined && last === caught) {
    const body = nodeOf(scene, asked.node).catch[caught.event.catch]?.do;
    const told = reason(endSentence(`It failed with ${caught.event.error.code}: ${caught.event.error.message}`), caught);
    if (body === undefined)
      return answerOf(scene, asked, { standing: 'running', answer: `${nameOf(asked)} is in its catch.`, because: [told] });
    const inner = explainStep(scene, { ...asked, node: body.id });
    return answerOf(scene, asked, {
      standing: 'running',
      answer: `${nameOf(asked)} failed, and its catch number ${caught.event.catch + 1} works in its stead.`,
      because: [
        told,
        reasonOn(
          inner.answer,
          inner.because.flatMap(({ evidence }) => evidence),
        ),
      ],
      help: inner.help,
    });
  }
  if (opened !== undefined) return explainFan(scene, asked, opened);
  const children = planOf(scene.flow).get(asked.node)?.children ?? [];
  const open = children.flatMap(({ node }) => {
    const spot = { ...asked, node: node.id };
    const standing = standingOf(scene, spot);
    return ['succeeded', 'reused', 'degraded', 'skipped'].includes(standing) ? [] : [{ spot, standing }];
  });
  const hold = holdOf(scene);
  const list = open.map(({ spot, standing }) => `${spot.node} (${standing.replaceAll('_', ' ')})`).join(', ');
  return answerOf(scene, asked, {
    standing: hold?.standing ?? 'running',
    answer: `${nameOf(asked)} goes on: it waits for ${list || 'its end'}.`,
    because: [
      ...(hold === null ? [] : [hold.reason]),
      ...untilReasons(scene, asked),
      ...open.flatMap(({ spot, standing }) =>
        standing === 'waiting' ? [] : [reasonOn(explainStep(scene, spot).answer, evidenceOf(lastEvent(scene, spot)))],
      ),
    ],
    help: hold?.help ?? open.slice(0, 1).map(({ spot }) => whyHelp(scene, { ...spot })),
  });
}

function explainFan(scene: Scene, asked: Asked, opened: Entry<'each.opened'>): Explanation {
  const reports = scene.history.reports(asked);
  const sum = (count: 'succeeded' | 'failed' | 'skipped' | 'cancelled'): number =>
    reports.reduce((total, { event }) => total + event.counts[count], 0);
  const { items } = scene.summary.progress;
  const known = asked.actor === 'root' && items.total === opened.event.total;
  const done = known ? items.succeeded + items.failed + items.skipped + items.cancelled : sum('succeeded') + sum('failed') + sum('skipped');
  const failed = known ? items.failed : sum('failed');
  const { total, workers, tolerate } = opened.event;
  const hold = holdOf(scene);
  return answerOf(scene, asked, {
    standing: hold?.standing ?? 'running',
    answer: `${nameOf(asked)} goes on: ${done} of ${total} items have settled, ${failed} of them failed (${tolerate === null ? 'any number' : tolerate} tolerated).`,
    because: [
      ...(hold === null ? [] : [hold.reason]),
      ...untilReasons(scene, asked),
      reason(`It works on ${workers} items at once.`, opened),
      ...reports.flatMap(({ event }) => (event.failure === null ? [] : [firstFailure(event.failure)])).slice(0, 1),
    ],
    help: hold?.help ?? [{ command: `why ${scene.summary.run} ${asked.node} <item>`, does: 'says it of one item' }],
  });
}

/** A scope or an `each` that is done before all of it is, and ends what is left. */
function untilReasons(scene: Scene, asked: Asked): readonly Reason[] {
  const trail = scene.history.trail(asked);
  const ended = lastOf(trail, 'step.ended');
  const begun = lastOf(trail, 'step.entered') ?? lastOf(trail, 'each.opened');
  if (ended === undefined || (begun !== undefined && begun.gseq > ended.gseq)) return [];
  const { each, do: body } = nodeOf(scene, asked.node);
  const until = each?.until ?? (body.k === 'and' ? body.until : undefined);
  const held = until === undefined ? 'Its `until` holds' : `Its \`until\` holds: ${until.$}`;
  return [reason(`${held}. What has not settled is cut off, and what that did is undone.`, ended)];
}

function firstFailure({ key, error }: { readonly key: string; readonly error: Failure }): Reason {
  return { says: endSentence(`The first to fail was ${key}: ${error.code}: ${error.message}`), evidence: [] };
}

function explainSuccess(scene: Scene, asked: Asked): Explanation {
  const trail = scene.history.trail(asked);
  const caught = lastOf(trail, 'step.caught');
  const last = trail.at(-1);
  const attempts = trail.filter(({ event }) => event.type === 'attempt.started').length;
  if (caught !== undefined) {
    const { error, catch: number } = caught.event;
    return answerOf(scene, asked, {
      standing: 'degraded',
      answer: `${nameOf(asked)} failed with ${error.code}, and its catch number ${number + 1} gave its result.`,
      because: [
        reason(endSentence(`It failed: ${error.message}`), caught),
        reason('The result of the catch stands in for it.', last),
        ...againReasons(scene, asked),
      ],
      help: fixHelp(scene, error),
    });
  }
  const degraded = last?.event.type === 'step.settled' && last.event.degraded;
  return answerOf(scene, asked, {
    standing: degraded ? 'degraded' : 'succeeded',
    answer:
      attempts > 1
        ? `${nameOf(asked)} succeeded with attempt ${attempts}.`
        : `${nameOf(asked)} succeeded${degraded ? '; something in it came by a fallback' : ''}.`,
    because: [
      ...againReasons(scene, asked),
      ...(degraded ? fallbacksIn(scene, asked) : []),
      reason('It has settled.', last),
      ...undoneReasons(scene, asked),
    ],
  });
}

function fallbacksIn(scene: Scene, asked: Asked): readonly Reason[] {
  const children = planOf(scene.flow).get(asked.node)?.children ?? [];
  return children.flatMap(({ node }) => {
    const spot = { ...asked, node: node.id };
    return standingOf(scene, spot) === 'degraded' ? [reasonOn(explainStep(scene, spot).answer, evidenceOf(lastEvent(scene, spot)))] : [];
  });
}

function explainReuse(scene: Scene, asked: Asked): Explanation {
  const reused = lastOf(scene.history.trail(asked), 'attempt.reused');
  if (reused === undefined) throw new RangeError(`${asked.node} was not reused`);
  const { do: body } = nodeOf(scene, asked.node);
  const handler = body.k === 'call' ? body.uses : 'its handler';
  return answerOf(scene, asked, {
    standing: 'reused',
    answer: `${nameOf(asked)} was not run: its result is that of run ${reused.event.reusedFrom}.`,
    because: [reason(`${handler} is pure, and had the same input in the same version in run ${reused.event.reusedFrom}.`, reused)],
    help: [{ command: `retry ${scene.summary.run} --fresh`, does: 'runs everything anew, in a new run' }],
  });
}

function explainSkip(scene: Scene, asked: Asked): Explanation {
  const skipped = lastOf(scene.history.trail(asked), 'step.skipped');
  if (skipped === undefined) throw new RangeError(`${asked.node} was not skipped`);
  return answerOf(scene, asked, {
    standing: 'skipped',
    answer: `${nameOf(asked)} was skipped, because ${skipWords(scene, asked)}.`,
    because: skipReasons(scene, asked, MAX_CHAIN),
  });
}

function skipWords(scene: Scene, asked: Asked): string {
  const skipped = lastOf(scene.history.trail(asked), 'step.skipped');
  const condition = nodeOf(scene, asked.node).if;
  if (condition === undefined) return skipped?.event.reason ?? 'its condition was false';
  const values = readText(valuesRead(scene.flow, scene.history, asked, condition));
  return `its \`if\` was false: ${condition.$}${values === '' ? '' : ` (${values})`}`;
}

/** The condition with what it read, and where that came from a skipped step, why that one was. */
function skipReasons(scene: Scene, asked: Asked, left: number): readonly Reason[] {
  const skipped = lastOf(scene.history.trail(asked), 'step.skipped');
  const condition = nodeOf(scene, asked.node).if;
  if (condition === undefined || left === 0) return [reason(endSentence(skipped?.event.reason ?? 'It was skipped'), skipped)];
  const values = valuesRead(scene.flow, scene.history, asked, condition);
  const own = reason(`The condition was: ${condition.$}`, skipped);
  const read = values.flatMap(({ path, shown, message, from, evidence }): readonly Reason[] => {
    const origin = from === null ? path : `${path}, of the step ${from.node},`;
    if (from !== null && standingOf(scene, from) === 'skipped') {
      const why = skipReasons(scene, { ...from, key: asked.key }, left - 1);
      return [reasonOn(`${origin} is null, because ${from.node} was skipped.`, evidence), ...why];
    }
    if (message !== null) return [reasonOn(endSentence(`${from?.node ?? path} says so: ${message}`), evidence)];
    return [reasonOn(shown === null ? `${origin} is kept outside of the journal's events.` : `${origin} is ${shown}.`, evidence)];
  });
  return [own, ...read];
}

function explainFailure(scene: Scene, asked: Asked): Explanation {
  const trail = scene.history.trail(asked);
  const failed = lastOf(trail, 'step.failed');
  if (failed === undefined) throw new RangeError(`${asked.node} has not failed`);
  const { error } = failed.event;
  const caught = lastOf(trail, 'step.caught');
  return answerOf(scene, asked, {
    standing: 'failed',
    answer: endSentence(`${nameOf(asked)} failed: ${error.code}: ${error.message}`),
    because: [
      ...againReasons(scene, asked),
      ...(caught === undefined ? [] : [reason(endSentence(`Its catch took the error ${caught.event.error.code}, and failed too`), caught)]),
      ...causesBelow(scene, asked, error),
      reason(retryWords(scene, asked, error), failed),
      caughtAbove(scene, asked),
    ],
    help: [
      ...fixHelp(scene, error),
      { command: `retry ${scene.summary.run} --failed`, does: 'works on what failed again, reusing the rest' },
    ],
  });
}

function retryWords(scene: Scene, asked: Spot, error: Failure): string {
  const { retry } = nodeOf(scene, asked.node);
  const failures = scene.history.trail(asked).filter(({ event }) => event.type === 'attempt.failed').length;
  if (failures === 0) return 'It failed without an attempt of its own.';
  if (retry.length === 0) return 'The step has no retry policy.';
  const covered = failures > 1;
  return covered ? `Its retry policy allows no more after ${failures} failed attempts.` : `Its retry policy does not cover ${error.code}.`;
}

/** For a scope: the step in it that failed first. */
function causesBelow(scene: Scene, asked: Asked, error: Failure): readonly Reason[] {
  const children = planOf(scene.flow).get(asked.node)?.children ?? [];
  const failed = children.map(({ node }) => ({ ...asked, node: node.id })).filter((spot) => standingOf(scene, spot) === 'failed');
  return failed
    .filter((spot) => lastOf(scene.history.trail(spot), 'step.failed')?.event.error.code === error.code)
    .slice(0, 1)
    .map((spot) => reason(`${spot.node} in it failed first.`, lastEvent(scene, spot)));
}

/** Which catch around the step took the failure, if any did. */
function caughtAbove(scene: Scene, asked: Asked): Reason {
  const border = scene.history.chunk(asked.actor)?.event.node ?? '';
  for (let at = planOf(scene.flow).get(asked.node) ?? null; at !== null; at = at.scope) {
    const spot = { ...asked, node: at.node.id };
    const caught = lastOf(scene.history.trail(spot), 'step.caught');
    if (caught !== undefined && at.node.id !== asked.node) return reason(`The catch of ${at.node.id} took the failure.`, caught);
    if (at.node.id === border) break;
  }
  const item = asked.key === null ? undefined : lastEvent(scene, { ...asked, node: border });
  return asked.key === null
    ? reason('No catch around it took the failure.')
    : reason(`No catch around it took the failure, so the item ${asked.key} failed.`, item);
}

function explainCancel(scene: Scene, asked: Asked): Explanation {
  const last = lastEvent(scene, asked);
  const why = last?.event.type === 'step.cancelled' ? last.event.reason : 'its attempt was cancelled';
  const hold = holdOf(scene);
  const sibling = failedBeside(scene, asked);
  return answerOf(scene, asked, {
    standing: 'cancelled',
    answer: endSentence(`${nameOf(asked)} was cancelled: ${why}`),
    because: [
      ...(hold === null ? [] : [hold.reason]),
      ...(sibling === null ? [] : [sibling]),
      reason('It was ended, and its result is not used.', last),
    ],
    help: hold?.help ?? [],
  });
}

/** A scope whose step failed cancels what runs beside it. */
function failedBeside(scene: Scene, asked: Asked): Reason | null {
  const siblings = planOf(scene.flow).get(asked.node)?.scope?.children ?? [];
  const failed = siblings.map(({ node }) => ({ ...asked, node: node.id })).find((spot) => standingOf(scene, spot) === 'failed');
  return failed === undefined
    ? null
    : reason(`${failed.node} beside it failed, which ends the scope around both.`, lastEvent(scene, failed));
}

function fixHelp({ summary }: Scene, error: Failure): readonly Help[] {
  const fix = error.fix ?? (error.code in errorKinds ? errorKinds[error.code as ErrorCode].fix : undefined);
  return fix === undefined ? [] : [{ command: `logs ${summary.run} --errors`, does: fix }];
}

function whyHelp({ summary }: Scene, { node, key }: Asked): Help {
  return { command: `why ${summary.run} ${node}${key === null ? '' : ` ${key}`}`, does: 'says what that one waits for' };
}
