/**
 * How long a run takes with so many workers: its work over the parallelism that it gets.
 *
 * For an `each` with work W = Σ calls · time of a call / width over its n items, what takes longest of these binds:
 *
 *   workers        W/w + (w−1)/(2w) · W/n    the last items leave workers without work; w is at most n
 *   concurrency    Σ calls · time / c        of each pool that allows c at once
 *   rate           Σ calls · per / n         of each pool that allows n starts in a time
 *   tokens         (Σ tokens/n − 1)·(per+t)  of each pool that allows n in a time: those of a call of time t count until
 *                                            so long after its end, and the first n wait for nobody
 *   processors     Σ calls · time / p        of handlers that run in threads
 *   the engine     Σ calls · 0.22 ms
 *
 * Steps outside of any `each` come one after another. From what the model says of earlier runs whose time is known come
 * a correction (the geometric mean of their ratios) and its spread, with one run's worth of belief in a spread of 0.3.
 *
 *   80 % interval = E · exp(±1.28·σ),   σ² = Σ (v·k + (v/m)·k²)/W²   the calls, and how well m measured ones tell the mean
 *                                          + s²·(1 + 1/runs)         from run to run
 *                                          + (0.15·log₂(w/measured))²
 *                                          + (Σ share · ln f / 1.28)² of work that nothing has been measured of
 *
 * A plain model: steps of one item that run at the same time, and time without work, are in the correction.
 */

import type { Limit, Ms } from '@scriptorium/core';
import { around, Z80 } from './amount.ts';
import type { Range } from './amount.ts';
import { ENGINE_STEP_MS, kindDefaults } from './defaults.ts';
import type { PastRun } from './past-run.ts';
import { loadsOfPast } from './workload.ts';
import type { Known, Load } from './workload.ts';

export type Binding =
  | { readonly type: 'workers' }
  | { readonly type: 'items' }
  | { readonly type: 'concurrency'; readonly pool: string }
  | { readonly type: 'rate' | 'tokens'; readonly pool: string }
  | { readonly type: 'processors' }
  | { readonly type: 'engine' }
  /** Steps outside of any `each` take most of the time. */
  | { readonly type: 'steps' };

export interface Capacity {
  /** Items in flight, and how many there are, by the path of an outermost `each`. */
  readonly fans: ReadonlyMap<string, { readonly workers: number; readonly items: number }>;
  readonly pools: { readonly [pool: string]: Limit };
  readonly processors: number;
}

/** What the times of earlier runs say about the model. */
export interface Correction {
  readonly runs: number;
  readonly factor: number;
  readonly sigma: number;
  /** Workers of these runs, by `each`. */
  readonly workers: ReadonlyMap<string, readonly number[]>;
}

export interface Forecast {
  readonly ms: Range;
  readonly binding: Binding;
}

interface Bound {
  readonly ms: Ms;
  readonly binding: Binding;
}

const PRIOR_SIGMA = 0.3;
/** For each doubling of the workers away from what was measured. */
const FAR_SIGMA = 0.15;

export function forecast(loads: readonly Load[], capacity: Capacity, correction: Correction): Forecast {
  const { ms, binding } = modelOf(loads, capacity);
  return { ms: around(ms * correction.factor, sigmaOf(loads, capacity, correction)), binding };
}

export function correctionOf(known: Known, capacity: Pick<Capacity, 'pools' | 'processors'>): Correction {
  const usable = known.past.filter((past) => past.activeMs !== null && past.activeMs > 0);
  const logs = usable.flatMap((past) => {
    const { ms } = modelOf(loadsOfPast(past, known), { ...capacity, fans: past.fans });
    return ms === 0 ? [] : [Math.log((past.activeMs ?? ms) / ms)];
  });
  const mean = logs.reduce((sum, log) => sum + log, 0) / Math.max(1, logs.length);
  const squares = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
  const runs = logs.length;
  const sigma = runs === 0 ? PRIOR_SIGMA : Math.sqrt(((PRIOR_SIGMA ** 2 + squares) / runs) * (1 + 1 / runs));
  return { runs, factor: Math.exp(mean), sigma, workers: workersOf(usable) };
}

function workersOf(past: readonly PastRun[]): ReadonlyMap<string, readonly number[]> {
  const workers = new Map<string, readonly number[]>();
  for (const { fans } of past) for (const [fan, { workers: count }] of fans) workers.set(fan, [...(workers.get(fan) ?? []), count]);
  return workers;
}

function modelOf(loads: readonly Load[], capacity: Capacity): Bound {
  const outside = loads
    .filter(({ fan }) => fan === null)
    .reduce((sum, load) => sum + load.calls.expected * (load.callMs + ENGINE_STEP_MS), 0);
  const fans = [...new Set(loads.flatMap(({ fan }) => fan ?? []))].map((fan) => boundOf(fan, loads, capacity));
  const longest = fans.reduce<Bound>((most, bound) => (bound.ms > most.ms ? bound : most), { ms: 0, binding: { type: 'steps' } });
  const ms = outside + fans.reduce((sum, bound) => sum + bound.ms, 0);
  return { ms, binding: outside > longest.ms ? { type: 'steps' } : longest.binding };
}

function boundOf(fan: string, loads: readonly Load[], { fans, pools, processors }: Capacity): Bound {
  const inside = loads.filter((load) => load.fan === fan);
  const { workers, items } = fans.get(fan) ?? { workers: 1, items: 1 };
  const busy = Math.max(1, Math.min(workers, items));
  const work = sum(inside, ({ calls, callMs, width }) => (calls.expected * (callMs + ENGINE_STEP_MS)) / width);
  const last = work / Math.max(1, items);
  const bounds: Bound[] = [
    { ms: work / busy + ((busy - 1) / (2 * busy)) * last, binding: { type: workers >= items ? 'items' : 'workers' } },
    { ms: sum(inside, ({ calls }) => calls.expected * ENGINE_STEP_MS), binding: { type: 'engine' } },
    {
      ms:
        sum(
          inside.filter(({ kind }) => kind === 'cpu'),
          ({ calls, callMs }) => calls.expected * callMs,
        ) / Math.max(1, processors),
      binding: { type: 'processors' },
    },
  ];
  for (const pool of new Set(inside.flatMap((load) => load.pool ?? []))) {
    const { concurrent, rate, tokens } = pools[pool] ?? {};
    const through = inside.filter((load) => load.pool === pool);
    if (concurrent !== undefined)
      bounds.push({
        ms: sum(through, ({ calls, callMs }) => calls.expected * callMs) / concurrent,
        binding: { type: 'concurrency', pool },
      });
    if (rate !== undefined)
      bounds.push({ ms: (sum(through, ({ calls }) => calls.expected) * rate.per) / rate.n, binding: { type: 'rate', pool } });
    if (tokens !== undefined) bounds.push({ ms: msOfTokens(through, tokens), binding: { type: 'tokens', pool } });
  }
  return bounds.reduce((most, bound) => (bound.ms > most.ms ? bound : most));
}

/** Of calls of which nobody knows how many they use, none are counted. */
function msOfTokens(loads: readonly Load[], { n, per }: NonNullable<Limit['tokens']>): Ms {
  const used = sum(loads, ({ tokens }) => tokens?.expected ?? 0);
  const spent = loads.filter(({ tokens }) => (tokens?.expected ?? 0) > 0);
  const calls = sum(spent, ({ calls }) => calls.expected);
  const callMs = calls === 0 ? 0 : sum(spent, (load) => load.calls.expected * load.callMs) / calls;
  return Math.max(0, used / n - 1) * (per + callMs);
}

function sigmaOf(loads: readonly Load[], { fans }: Capacity, correction: Correction): number {
  const work = sum(loads, ({ calls, callMs }) => calls.expected * callMs);
  if (work === 0) return PRIOR_SIGMA;
  const calls = sum(loads, ({ calls: { expected }, variance, measured }) =>
    measured === 0 ? 0 : variance * expected + (variance / measured) * expected ** 2,
  );
  const unmeasured = sum(loads, ({ calls: { expected }, callMs, measured, kind }) =>
    measured === 0 ? ((expected * callMs) / work) * (Math.log(kindDefaults[kind].factor) / Z80) : 0,
  );
  const counted = sum(loads, ({ calls: { low, high }, callMs }) => ((high - low) * callMs) / (2 * Z80 * work));
  const far = Math.max(
    0,
    ...[...fans].flatMap(([fan, { workers }]) => {
      const near = (correction.workers.get(fan) ?? []).map((count) => Math.abs(Math.log2(workers / count)));
      return near.length === 0 ? [] : [Math.min(...near)];
    }),
  );
  return Math.sqrt(calls / work ** 2 + correction.sigma ** 2 + (FAR_SIGMA * far) ** 2 + unmeasured ** 2 + counted ** 2);
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0);
}
