/** Where every step of a run stands, for pictures of it. */

import { planOf, ROOT, unreachable } from '@scriptorium/core';
import type { Flow, RunSummary, Tally } from '@scriptorium/core';
import type { Standing } from './explanation.ts';
import type { History } from './history.ts';
import { fansAround, standingOf } from './scene.ts';

export interface StepFigure {
  readonly state: 'succeeded' | 'failed' | 'running' | 'waiting' | 'skipped' | 'cancelled';
  /** Of a step that each item has: how many of them succeeded, and of how many. Null for a step that there is once. */
  readonly count: Pick<Tally, 'total' | 'succeeded' | 'failed' | 'skipped' | 'cancelled'> | null;
}

/**
 * Stages have the counts of the run's progress. Steps deeper inside of items have those of their trails, and none where
 * the history leaves them out.
 */
export function stepFigures(flow: Flow, summary: RunSummary, history: History): ReadonlyMap<string, StepFigure> {
  const stages = new Map(summary.progress.stages.map((stage) => [stage.id, stage]));
  const figures = new Map<string, StepFigure>();
  for (const [id, { undoes }] of planOf(flow)) {
    if (id === '') continue;
    const fans = fansAround(flow, id);
    const stage = stages.get(id);
    if (stage !== undefined && fans.length > 0) figures.set(id, ofTally(stage, summary));
    else if (undoes === null && (fans.length === 0 || (fans.length === 1 && fans[0]?.id === id)))
      figures.set(id, ofRoot(flow, summary, history, id));
    else {
      const figure = ofTrails(flow, summary, history, id);
      if (figure !== null) figures.set(id, figure);
    }
  }
  return figures;
}

function ofTally(tally: Tally, { endedAt }: RunSummary): StepFigure {
  const { total, succeeded, failed, skipped, cancelled, running } = tally;
  const settled = succeeded + failed + skipped + cancelled;
  return { state: stateOf(), count: { total, succeeded, failed, skipped, cancelled } };

  function stateOf(): StepFigure['state'] {
    if (running > 0 || (endedAt === null && settled > 0 && settled < total)) return 'running';
    if (failed > 0) return 'failed';
    if (cancelled > 0 && succeeded === 0) return 'cancelled';
    if (total > 0 && skipped === total) return 'skipped';
    return settled < total || total === 0 ? 'waiting' : 'succeeded';
  }
}

function ofRoot(flow: Flow, summary: RunSummary, history: History, id: string): StepFigure {
  const spot = { actor: ROOT, item: 0, node: id };
  const standing = standingOf({ flow, summary, history, pools: [], now: 0, words: silent }, spot);
  const { items } = summary.progress;
  const opened = history.trail(spot).find(({ event }) => event.type === 'each.opened')?.event;
  const counted = opened?.type === 'each.opened' && opened.total === items.total;
  const state = stateOf(standing);
  // What a run that has ended never came to, such as a state that no way led to, is not waited for.
  return { state: state === 'waiting' && summary.endedAt !== null ? 'skipped' : state, count: counted ? items : null };
}

function ofTrails(flow: Flow, summary: RunSummary, history: History, id: string): StepFigure | null {
  const trails = history.trailsOf(id);
  if (trails.length === 0) return null;
  const tally = { total: 0, waiting: 0, running: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0, degraded: 0, reused: 0 };
  for (const { spot } of trails) {
    tally.total += 1;
    tally[stateOf(standingOf({ flow, summary, history, pools: [], now: 0, words: silent }, spot))] += 1;
  }
  return ofTally(tally, summary);
}

const silent = { time: String, duration: String };

function stateOf(standing: Standing): StepFigure['state'] {
  switch (standing) {
    case 'succeeded':
    case 'reused':
    case 'degraded':
      return 'succeeded';
    case 'queued':
    case 'backing_off':
    case 'waiting':
    case 'awaiting':
    case 'not_reached':
    case 'paused':
    case 'interrupted':
    case 'parked':
      return 'waiting';
    case 'running':
    case 'failed':
    case 'skipped':
    case 'cancelled':
      return standing;
    default:
      return unreachable(standing);
  }
}
