/** Why a run is where it is: what it waits for, which stage takes longest, what failed; and the same of one stage. */

import { ROOT } from '@scriptorium/core';
import type { ErrorGroup, Progress, RunSummary, StageProgress } from '@scriptorium/core';
import { explainStep } from './explain-step.ts';
import type { Explanation, Help, Reason, Standing } from './explanation.ts';
import { holdOf } from './hold.ts';
import { answerOf, endSentence, nodeOf, reason } from './scene.ts';
import type { Scene } from './scene.ts';

const MAX_ERRORS = 3;

/** Needs the events of the run's root only. */
export function explainRun(scene: Scene): Explanation {
  const { summary, history } = scene;
  const { run, status, progress } = summary;
  const hold = holdOf(scene);
  const whole = status === 'running' ? explainStep(scene, { actor: ROOT, item: 0, node: '', key: null }) : null;
  return {
    run,
    step: null,
    item: null,
    standing: standings[status],
    answer: `${runWords(summary)}.`,
    because: [
      ...(hold === null ? [] : [hold.reason]),
      ...(whole?.because ?? []),
      ...(summary.error === null
        ? []
        : [reason(endSentence(`The run failed: ${summary.error.code}: ${summary.error.message}`), history.run.at(-1))]),
      ...queueReasons(scene),
      ...slowest(progress, scene),
      ...progress.errors.slice(0, MAX_ERRORS).map(errorReason),
    ],
    help: [...(hold?.help ?? []), ...errorHelp(summary), ...liveHelp(summary)],
  };
}

/** A step inside of an `each`, over all its items. */
export function explainStage(scene: Scene, step: string): Explanation {
  const { summary } = scene;
  const stage = summary.progress.stages.find(({ id }) => id === step);
  const asked = { actor: ROOT, item: 0, node: step, key: null };
  if (stage === undefined) {
    const around = summary.progress.stages.find(({ id }) => step.startsWith(`${id}/`));
    return answerOf(scene, asked, {
      standing: around === undefined ? 'not_reached' : stageStanding(around),
      answer: around === undefined ? `${step} has no items yet.` : `${step} lies in the stage ${around.id}: ${countWords(around)}.`,
      help: [{ command: `why ${summary.run} ${step} <item>`, does: 'says it of one item' }],
    });
  }
  const errors = summary.progress.errors.filter((group) => group.step === step || group.step.startsWith(`${step}/`));
  const hold = holdOf(scene);
  const example = errors.find((group) => group.example.key !== null)?.example.key;
  return answerOf(scene, asked, {
    standing: hold !== null && summary.endedAt === null ? hold.standing : stageStanding(stage),
    answer: `${step}: ${countWords(stage)}.`,
    because: [
      ...(hold === null ? [] : [hold.reason]),
      ...(summary.endedAt === null ? poolReasons(scene, nodeOf(scene, step).limit) : []),
      ...(stage.retries > 0 ? [reason(`${stage.retries} attempts were made again.`)] : []),
      ...timeReason(stage, scene),
      ...errors.slice(0, MAX_ERRORS).map(errorReason),
    ],
    help: [
      ...(hold?.help ?? []),
      { command: `why ${summary.run} ${step} ${example ?? '<item>'}`, does: 'says it of one item' },
      ...(stage.failed > 0 ? errorHelp(summary) : []),
    ],
  });
}

const standings: { readonly [status in RunSummary['status']]: Standing } = {
  running: 'running',
  paused: 'paused',
  interrupted: 'interrupted',
  parked: 'parked',
  cancelling: 'cancelled',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
};

function runWords({ run, flow, status, progress }: RunSummary): string {
  const { items } = progress;
  const settled = items.succeeded + items.failed + items.skipped + items.cancelled;
  const counts = `${settled} of ${items.total} items have settled, ${items.failed} failed`;
  return `Run ${run} of ${flow.name} ${status === 'running' ? 'is running' : status}: ${counts}${items.reused > 0 ? `, ${items.reused} reused` : ''}`;
}

function countWords(stage: StageProgress): string {
  const parts: readonly (readonly [number, string])[] = [
    [stage.succeeded, 'succeeded'],
    [stage.running, 'running'],
    [stage.waiting, 'waiting'],
    [stage.failed, 'failed'],
    [stage.skipped, 'skipped'],
    [stage.cancelled, 'cancelled'],
    [stage.reused, 'reused'],
    [stage.degraded, 'by fallback'],
  ];
  return `of ${stage.total} items ${parts.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : [])).join(', ') || 'none began'}`;
}

function stageStanding(stage: StageProgress): Standing {
  if (stage.running > 0) return 'running';
  if (stage.waiting > 0) return 'waiting';
  if (stage.failed > 0) return 'failed';
  if (stage.cancelled > 0) return 'cancelled';
  return stage.skipped === stage.total && stage.total > 0 ? 'skipped' : 'succeeded';
}

/** Pools of this flow that are full and are waited for, the longest queue first. */
function queueReasons(scene: Scene): readonly Reason[] {
  if (scene.summary.endedAt !== null) return [];
  const own = scene.pools.filter(({ pool, waiting }) => waiting > 0 && pool in scene.flow.limits);
  return own.toSorted((a, b) => b.waiting - a.waiting).flatMap(({ pool }) => poolReasons(scene, pool));
}

function poolReasons({ pools }: Scene, name: string | undefined): readonly Reason[] {
  const pool = pools.find((one) => one.pool === name);
  if (pool === undefined || pool.waiting === 0) return [];
  const places = pool.limit.concurrent === undefined ? `${pool.used} in use` : `${pool.used} of ${pool.limit.concurrent} places in use`;
  return [reason(`${pool.waiting} attempts wait for the pool ${pool.pool} (${places}).`)];
}

function slowest({ stages }: Progress, scene: Scene): readonly Reason[] {
  const measured = stages.filter(({ ms }) => ms.count > 0).toSorted((a, b) => b.ms.total - a.ms.total);
  const [first] = measured;
  const total = measured.reduce((sum, { ms }) => sum + ms.total, 0);
  if (first === undefined || measured.length < 2 || total === 0) return [];
  return [
    reason(`The slowest stage is ${first.id}: ${Math.round((first.ms.total / total) * 100)} % of the work. ${timeWords(first, scene)}`),
  ];
}

function timeReason(stage: StageProgress, scene: Scene): readonly Reason[] {
  return stage.ms.count === 0 ? [] : [reason(timeWords(stage, scene))];
}

function timeWords({ ms }: StageProgress, { words }: Scene): string {
  return `Half of its attempts take up to ${words.duration(ms.p50)}, 95 % up to ${words.duration(ms.p95)}.`;
}

function errorReason({ step, code, count, caught, retried, example }: ErrorGroup): Reason {
  const ended = [
    ...(count > caught ? [`${count - caught} failed`] : []),
    ...(caught > 0 ? [`${caught} caught`] : []),
    ...(retried > 0 ? [`${retried} tried again`] : []),
  ];
  const first = example.key === null ? '' : ` (first: ${example.key})`;
  return reason(endSentence(`${step} ${code}: ${ended.join(', ')}${first}: ${example.message}`));
}

function errorHelp({ run, endedAt, progress }: RunSummary): readonly Help[] {
  const fix = progress.errors.find(({ count, caught }) => count > caught)?.example.fix;
  const open = progress.items.failed > 0 && endedAt !== null;
  return [
    ...(fix === undefined || fix === null ? [] : [{ command: `logs ${run} --errors`, does: fix }]),
    ...(open ? [{ command: `retry ${run} --failed`, does: 'works on what failed again, reusing the rest' }] : []),
  ];
}

function liveHelp({ run, status }: RunSummary): readonly Help[] {
  return status === 'running' ? [{ command: `watch ${run}`, does: 'shows it live' }] : [];
}
