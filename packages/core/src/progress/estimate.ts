/**
 * How much of a run is done and how long the rest takes.
 *
 * Work is counted in milliseconds of attempts. For stage s let m be the mean work of an item in it (where nothing has
 * been measured: the mean of the measured stages), v its variance, n the items measured and e the share of settled items
 * for which it really worked. Then
 *
 *   remaining work    W  = Σ e·m·(waiting + running/2)
 *   parallelism       P  = work done per active millisecond: over the last minute when that saw at least 20 attempts,
 *                          else over the whole run, attempts in progress included
 *   expected time     E  = W / P
 *   relative variance σ² = Σ v·k/W² (the items themselves) + Σ (v/n)·k²/W² (how well the means are known) + 0.1² (drift
 *                          of P), with k = e·(waiting + running/2)
 *   80 % interval        = [E·exp(−1.28·σ), E·exp(+1.28·σ) + tail]
 *
 * where the tail is half the work of one whole item: towards the end there is less left than workers to do it. Times are
 * active time: a run that is paused keeps its estimate.
 */

import type { Board, Stage } from './board.ts';
import { mean, variance } from './histogram.ts';
import type { Instant, Ms } from '../json.ts';
import type { Pace } from './pace.ts';
import { activeMs, recent } from './pace.ts';

/** Quantile of the normal distribution that leaves 10 % on each side. */
const Z80 = 1.2816;
const DRIFT = 0.1;
const ENOUGH_ATTEMPTS = 20;

export interface Estimate {
  /** 0 to 1, weighted by expected work. */
  readonly fraction: number;
  readonly eta: { readonly lowMs: Ms; readonly highMs: Ms } | null;
}

export function estimate(board: Board, pace: Pace, attempts: ReadonlyMap<string, Instant>, at: Instant): Estimate {
  const stages = [...board.stages.values()].filter((stage) => stage.tally.total > 0);
  const open = stages.some((stage) => stage.tally.waiting + stage.tally.running > 0);
  if (!open) return { fraction: stages.length === 0 ? 0 : 1, eta: null };
  const measured = stages.filter((stage) => stage.work.count > 0);
  const fallbackMs = measured.length === 0 ? 1 : measured.reduce((sum, stage) => sum + mean(stage.work), 0) / measured.length;
  const loads = stages.map((stage) => loadOf(stage, fallbackMs));
  const all = loads.reduce((sum, load) => sum + load.settled * load.workMs, 0);
  const left = loads.reduce((sum, load) => sum + load.left * load.workMs, 0);
  const fraction = all + left === 0 ? 0 : Math.min(all / (all + left), 0.999);
  if (measured.length === 0) return { fraction, eta: null };
  const parallelism = parallelismOf(board, pace, attempts, at);
  if (parallelism <= 0) return { fraction, eta: null };
  return { fraction, eta: intervalOf(loads, parallelism) };
}

interface Load {
  readonly settled: number;
  /** Items still to come, those at work by half, as far as they are expected to need work at all. */
  readonly left: number;
  readonly workMs: Ms;
  readonly variance: number;
  readonly measured: number;
}

function loadOf(stage: Stage, fallbackMs: Ms): Load {
  const { tally, work } = stage;
  const settled = tally.total - tally.waiting - tally.running;
  const worked = settled === 0 ? 1 : Math.max(work.count / settled, 1 / (settled + 1));
  const workMs = work.count === 0 ? fallbackMs : mean(work);
  return {
    settled: settled * worked,
    left: worked * (tally.waiting + tally.running / 2),
    workMs: Math.max(workMs, 0.001),
    variance: work.count === 0 ? fallbackMs * fallbackMs : variance(work),
    measured: Math.max(1, work.count),
  };
}

function parallelismOf(board: Board, pace: Pace, attempts: ReadonlyMap<string, Instant>, at: Instant): number {
  const now = activeMs(pace, at);
  const window = recent(pace, now);
  if (window.attempts >= ENOUGH_ATTEMPTS && window.ms > 0) return window.workMs / window.ms;
  let work = pace.workMs;
  for (const startedAt of attempts.values()) work += Math.max(0, at - startedAt);
  return now === 0 || board.stages.size === 0 ? 0 : work / now;
}

function intervalOf(loads: readonly Load[], parallelism: number): { readonly lowMs: Ms; readonly highMs: Ms } {
  const work = loads.reduce((sum, load) => sum + load.left * load.workMs, 0);
  const spread = loads.reduce((sum, load) => sum + load.variance * load.left + (load.variance / load.measured) * load.left ** 2, 0);
  const sigma = Math.sqrt(work === 0 ? DRIFT ** 2 : spread / work ** 2 + DRIFT ** 2);
  const expected = work / parallelism;
  const tail = loads.reduce((sum, load) => sum + (load.left > 0 ? load.workMs : 0), 0) / 2;
  return { lowMs: Math.round(expected * Math.exp(-Z80 * sigma)), highMs: Math.round(expected * Math.exp(Z80 * Math.min(sigma, 2)) + tail) };
}
