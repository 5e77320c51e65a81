/** Why a step has not begun, or not begun again: other steps, a place in its `each`, its pool, a back-off. */

import { planOf, ROOT } from '@scriptorium/core';
import type { Node, Place, PoolStatus } from '@scriptorium/core';
import { budgetReasons } from './budget-reason.ts';
import type { Explanation, Help, Reason, Standing } from './explanation.ts';
import { evidenceOf, lastOf } from './history.ts';
import type { Spot } from './history.ts';
import { holdOf } from './hold.ts';
import { answerOf, lastEvent, nameOf, nextTry, nodeOf, reason, reasonOn, standingOf } from './scene.ts';
import type { Asked, Scene } from './scene.ts';

/** A step whose trail is empty. */
export function explainUnbegun(scene: Scene, asked: Asked): Explanation {
  const ended = endedAround(scene, asked);
  const hold = holdOf(scene);
  if (ended !== null) return answerOf(scene, asked, { standing: 'not_reached', answer: `${nameOf(asked)} never began.`, because: [ended] });
  if (scene.summary.endedAt !== null)
    return answerOf(scene, asked, {
      standing: 'not_reached',
      answer: `${nameOf(asked)} never began: the run ${scene.summary.status} before.`,
      because: [...(hold === null ? [] : [hold.reason]), reason(`The run ${scene.summary.status}.`, scene.history.run.at(-1))],
      help: hold?.help ?? [],
    });
  return withHold(scene, asked, slotAnswer(scene, asked) ?? needsAnswer(scene, asked) ?? poolAnswer(scene, asked, []));
}

/** What keeps the whole run comes before what keeps the step. */
function withHold(scene: Scene, asked: Asked, explanation: Explanation): Explanation {
  const hold = holdOf(scene);
  if (hold === null) return explanation;
  const { because, help } = explanation;
  const answer = `${nameOf(asked)} does not begin, because the run is ${scene.summary.status}.`;
  return { ...explanation, standing: hold.standing, answer, because: [hold.reason, ...because], help: [...hold.help, ...help] };
}

/** A scope around the step that has ended, so that nothing in it begins any more. */
function endedAround(scene: Scene, asked: Asked): Reason | null {
  const border = scene.history.chunk(asked.actor)?.event.node ?? null;
  for (let at = planOf(scene.flow).get(asked.node) ?? null; at !== null && at.node.id !== border; at = at.scope) {
    const { scope } = at;
    if (scope === null) break;
    const spot = { ...asked, node: scope.node.id };
    const standing = standingOf(scene, spot);
    if (standing === 'waiting' || standing === 'awaiting' || standing === 'running' || standing === 'not_reached') continue;
    return reason(`The scope around it, ${nameOf({ ...spot, key: asked.key })}, has ${ends[standing] ?? 'ended'}.`, lastEvent(scene, spot));
  }
  return null;
}

const ends: { readonly [standing in Standing]?: string } = {
  failed: 'failed',
  cancelled: 'been cancelled',
  skipped: 'been skipped',
  succeeded: 'ended',
  degraded: 'ended by a fallback',
};

/** An item that was not opened yet waits for one of the places of its `each`. */
function slotAnswer(scene: Scene, asked: Asked): Explanation | null {
  const chunk = scene.history.chunk(asked.actor);
  const fan = chunk?.event.node ?? outermostFan(asked.actor);
  if (fan === null) return null;
  const opened = scene.history.trail({ ...asked, node: fan }).length > 0;
  if (opened) return null;
  const parent: Spot = { actor: chunk?.event.parent.actor ?? ROOT, item: chunk?.event.parent.item ?? 0, node: fan };
  const each = lastOf(scene.history.trail(parent), 'each.opened');
  if (each === undefined) return null;
  const { waiting, running } = scene.summary.progress.items;
  const crowd = parent.actor === ROOT ? `: ${running} items are open and ${waiting} wait` : '';
  return answerOf(scene, asked, {
    standing: 'waiting',
    answer: `${nameOf(asked)} waits for a place: \`${fan}\` works on ${each.event.workers} items at once${crowd}.`,
    because: [reason(`The \`each\` of ${fan} opened ${each.event.total} items with workers: ${each.event.workers}.`, each)],
    help: [{ command: `watch ${scene.summary.run}`, does: 'shows how items are taken up, in their order' }],
  });
}

/** `root/0:books:3` names the step in its own id, before the chunk has begun. */
function outermostFan(actor: string): string | null {
  return /^root\/0:([^/:]+):\d+$/.exec(actor)?.[1]?.replaceAll('.', '/') ?? null;
}

function needsAnswer(scene: Scene, asked: Asked): Explanation | null {
  const place = planOf(scene.flow).get(asked.node);
  if (place === undefined) return null;
  const open = openNeeds(scene, asked, place);
  const around = place.scope;
  if (
    open.length === 0 &&
    around !== null &&
    isInside(scene, asked, around) &&
    lastEvent(scene, { ...asked, node: around.node.id }) === undefined
  )
    return answerOf(scene, asked, {
      standing: 'waiting',
      answer: `${nameOf(asked)} waits for the scope around it, ${around.node.id}, to begin.`,
      because: explainUnbegun(scene, { ...asked, node: around.node.id }).because,
    });
  if (open.length === 0) return null;
  const names = open.map(({ name, standing }) => `${name} (${standing.replaceAll('_', ' ')})`);
  return answerOf(scene, asked, {
    standing: 'waiting',
    answer: `${nameOf(asked)} waits for ${names.join(', ')}.`,
    because: open.map(({ name, spot, standing }) =>
      reason(`${name} must settle first; it is ${standing.replaceAll('_', ' ')}.`, lastEvent(scene, spot)),
    ),
    help: open.slice(0, 1).map(({ spot }) => ({
      command: `why ${scene.summary.run} ${spot.node}${asked.key === null ? '' : ` ${asked.key}`}`,
      does: 'says what that one waits for',
    })),
  });
}

function isInside(scene: Scene, asked: Asked, scope: Place): boolean {
  const border = scene.history.chunk(asked.actor)?.event.node;
  return border === undefined || (scope.node.id !== border && scope.node.id.startsWith(border)) || scope.node.id === border;
}

interface OpenNeed {
  readonly name: string;
  readonly spot: Spot;
  readonly standing: Standing;
}

function openNeeds(scene: Scene, asked: Asked, place: Place): readonly OpenNeed[] {
  if (scene.history.chunk(asked.actor)?.event.node === asked.node) return [];
  return place.node.needs.flatMap((name) => {
    const sibling = place.scope?.steps.get(name);
    if (sibling === undefined) return [];
    const spot = { ...asked, node: sibling.node.id };
    const standing = standingOf(scene, spot);
    return isDone(standing) ? [] : [{ name: sibling.node.id, spot, standing }];
  });
}

function isDone(standing: Standing): boolean {
  return standing === 'succeeded' || standing === 'reused' || standing === 'degraded' || standing === 'skipped';
}

/** A step that may start as soon as its pool has a place. */
export function explainQueued(scene: Scene, asked: Asked, before: readonly Reason[]): Explanation {
  return withHold(scene, asked, poolAnswer(scene, asked, before));
}

function poolAnswer(scene: Scene, asked: Asked, before: readonly Reason[]): Explanation {
  const node = nodeOf(scene, asked.node);
  const pool = scene.pools.find((one) => one.pool === node.limit);
  const budgets = budgetReasons(scene, asked.node);
  if (node.limit === undefined || pool === undefined)
    return answerOf(scene, asked, {
      standing: 'queued',
      answer: `${nameOf(asked)} has all it needs and is about to start${node.limit === undefined ? '' : `, once its pool ${node.limit} lets it`}.`,
      because: [...before, ...budgets],
    });
  const breaker = breakerReason(scene, pool);
  return answerOf(scene, asked, {
    standing: 'queued',
    answer: `${nameOf(asked)} waits for the pool ${pool.pool}: ${usage(pool)}.`,
    because: [
      ...before,
      ...breaker,
      reason(`The pool lets ${allowance(pool)}; ${pool.waiting} attempts wait for it, of all runs.`),
      ...budgets,
    ],
    help: breaker.length === 0 ? raise(pool) : closeBreaker(pool),
  });
}

/** What an open breaker, or one that tries whether the service is back, holds up. */
function breakerReason({ words }: Scene, { breaker }: PoolStatus): readonly Reason[] {
  if (breaker === undefined || breaker.state === 'closed') return [];
  const cause = `after ${breaker.failures} failures in a row${breaker.code === null ? '' : `, the last ${breaker.code}`}`;
  const until = breaker.until === null ? '' : ` until ${words.time(breaker.until)}`;
  return [
    reason(
      breaker.state === 'open'
        ? `Its breaker is open${until}, ${cause}: nothing is let through.`
        : `Its breaker lets one call at a time try whether the service is back, ${cause}.`,
    ),
  ];
}

function closeBreaker({ pool }: PoolStatus): readonly Help[] {
  return [{ command: `limits set ${pool} --close`, does: 'ends the cool-down, where the service is known to be back' }];
}

function usage({ used, waiting, limit, tokens, adapted }: PoolStatus): string {
  const places = limit.concurrent === undefined ? `${used} in use` : `${used} of ${limit.concurrent} places in use`;
  const rate = limit.rate === undefined ? '' : `, at most ${limit.rate.n} starts in ${limit.rate.per / 1_000} s`;
  const counted = limit.tokens === undefined ? '' : `, ${tokens} of ${limit.tokens.n} tokens in ${limit.tokens.per / 1_000} s`;
  const share = adapted === undefined ? '' : `; its service refuses more than ${Math.round(adapted.share * 100)} % of that now`;
  return `${places}, ${waiting} waiting${rate}${counted}${share}`;
}

function allowance({ limit }: PoolStatus): string {
  const rate = limit.rate === undefined ? null : `${limit.rate.n} start in ${limit.rate.per / 1_000} s`;
  const concurrent = limit.concurrent === undefined ? null : `${limit.concurrent} work at once`;
  return [concurrent, rate].filter((part) => part !== null).join(' and ') || 'any number work at once';
}

function raise({ pool, limit }: PoolStatus): readonly Help[] {
  return limit.concurrent === undefined
    ? [{ command: 'limits', does: 'shows all pools' }]
    : [{ command: `limits set ${pool} --concurrent ${limit.concurrent * 2}`, does: 'gives it more places, at once and for all runs' }];
}

/** A step whose last attempt failed and that is tried again later. */
export function explainBackOff(scene: Scene, asked: Asked): Explanation {
  const next = nextTry(scene, asked);
  const failed = lastOf(scene.history.trail(asked), 'attempt.failed');
  if (next === null || failed === undefined) throw new RangeError(`${asked.node} is in no back-off`);
  const { words, now } = scene;
  const { error, attempt } = failed.event;
  const wait = Math.max(0, next.at - now);
  const asks = error.retryAfterMs === undefined ? '' : `; the other side asked for ${words.duration(error.retryAfterMs)}`;
  return withHold(
    scene,
    asked,
    answerOf(scene, asked, {
      standing: 'backing_off',
      answer: `${nameOf(asked)} waits until ${words.time(next.at)} (${words.duration(wait)}) after attempt ${attempt} failed: ${error.code}: ${error.message}`,
      because: [
        reason(`Retry ${next.failures} of ${next.policy.max} comes after a back-off${asks}.`, failed),
        ...earlierFailures(scene, asked),
      ],
      help: error.code === 'limit.open' ? openPool(scene, asked) : logsOf(scene, error.fix),
    }),
  );
}

function openPool(scene: Scene, { node }: Asked): readonly Help[] {
  const pool = scene.pools.find((one) => one.pool === nodeOf(scene, node).limit);
  return pool === undefined ? [] : closeBreaker(pool);
}

function logsOf({ summary }: Scene, fix: string | undefined): readonly Help[] {
  return fix === undefined ? [] : [{ command: `logs ${summary.run} --errors`, does: fix }];
}

function earlierFailures(scene: Scene, asked: Asked): readonly Reason[] {
  const failures = scene.history.trail(asked).filter(({ event }) => event.type === 'attempt.failed');
  return failures.length < 2 ? [] : [reasonOn(`${failures.length} attempts have failed so far.`, evidenceOf(...failures))];
}

export function timeoutText(node: Node, duration: (ms: number) => string): string {
  return node.timeout === undefined ? '' : `, at most ${duration(node.timeout)}`;
}
