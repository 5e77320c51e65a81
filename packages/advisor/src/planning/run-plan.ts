/** What a run would take, with how many workers, and what to type: a plan is computed from a dry run and from history. */

import { sumOf } from './amount.ts';
import type { Range } from './amount.ts';
import { kindDefaults } from './defaults.ts';
import { correctionOf } from './forecast.ts';
import type { Capacity } from './forecast.ts';
import { fansOf, knobOf, optionsOf, within } from './options.ts';
import type { Option } from './options.ts';
import type { Basis, PlanRequest } from './plan-request.ts';
import { recommend } from './recommending.ts';
import type { Recommendation } from './recommending.ts';
import { loadsOf } from './workload.ts';
import type { Load, StepCount } from './workload.ts';

export interface RunPlan {
  readonly version: 1;
  readonly flow: { readonly name: string; readonly version: string };
  readonly basis: Basis;
  /** Of the `each` that has the most work; null where the flow has none, or its items are not known before the run. */
  readonly items: number | null;
  readonly steps: readonly StepPlan[];
  readonly calls: Range;
  /** Null: something costs, and nobody knows how much. */
  readonly usd: Range | null;
  readonly tokens: Range | null;
  /** Bytes of outputs; null where nothing is known. */
  readonly storage: Range | null;
  readonly freeBytes: number;
  readonly disk: 'enough' | 'tight' | 'short' | 'unknown';
  /** By workers. */
  readonly options: readonly Option[];
  readonly recommendations: readonly Recommendation[];
}

export interface StepPlan extends Pick<StepCount, 'step' | 'run' | 'reuse' | 'skip' | 'unknown' | 'why'> {
  readonly calls: Range;
  /** Of work, in milliseconds. */
  readonly work: Range;
  readonly usd: Range | null;
  readonly tokens: Range | null;
  readonly bytes: Range | null;
  /** Calls of earlier runs that it is known from; 0: assumed. */
  readonly measured: number;
}

/** Stages of files that a run may keep, as a share of the input: from nothing to twice as much for each. */
const COLD_STORAGE = { low: 0, high: 2 };

export function planOfRun(request: PlanRequest): RunPlan {
  const { flow, past, counts, freeBytes } = request;
  const loads = loadsOf(counts, request);
  const correction = correctionOf(request, request);
  const knob = knobOf(request, loads);
  const capacity = (workers: number | null): Capacity => ({
    pools: request.pools,
    processors: request.processors,
    fans: new Map(
      fansOf(request, loads).map((fan) => [
        fan.fan,
        { items: fan.items, workers: fan.fan === knob?.fan ? (workers ?? fan.configured) : fan.configured },
      ]),
    ),
  });
  const storage = storageOf(request, loads);
  const total = (field: 'usd' | 'tokens'): Range | null => allOf(loads.map((load) => load[field]));
  const options = optionsOf(request, loads, knob, capacity, correction, total('usd'));
  const isCold = correction.runs === 0 && loads.every(({ measured }) => measured === 0);
  const plan: Omit<RunPlan, 'recommendations'> = {
    version: 1,
    flow: { name: flow.name, version: flow.version },
    basis: isCold ? { type: 'cold start: default model', runs: [] } : { type: 'history', runs: past.map(({ run }) => run) },
    items: knob === null || !counts.some(({ step, keyed }) => keyed && within(step, knob.fan)) ? null : knob.items,
    steps: counts.map((count) => stepOf(count, loads)),
    calls: sumOf(loads.map(({ calls }) => calls)),
    usd: total('usd'),
    tokens: total('tokens'),
    storage,
    freeBytes,
    disk: storage === null ? 'unknown' : freeBytes < storage.expected ? 'short' : freeBytes < storage.high ? 'tight' : 'enough',
    options,
  };
  return { ...plan, recommendations: recommend(plan, request, loads) };
}

function stepOf({ step, run, reuse, skip, unknown, why }: StepCount, loads: readonly Load[]): StepPlan {
  const parts = loads.filter(({ planned }) => planned === step);
  const work = sumOf(
    parts.map(({ calls, callMs, measured, kind }) => {
      const factor = measured > 0 ? 1 : kindDefaults[kind].factor;
      return { low: (calls.low * callMs) / factor, expected: calls.expected * callMs, high: calls.high * callMs * factor };
    }),
  );
  return {
    step,
    run,
    reuse,
    skip,
    unknown,
    why,
    calls: sumOf(parts.map(({ calls }) => calls)),
    work,
    usd: allOf(parts.map(({ usd }) => usd)),
    tokens: allOf(parts.map(({ tokens }) => tokens)),
    bytes: allOf(parts.map(({ bytes }) => bytes)),
    measured: parts.reduce((sum, { measured }) => sum + measured, 0),
  };
}

function allOf(ranges: readonly (Range | null)[]): Range | null {
  const known = ranges.filter((range) => range !== null);
  return known.length < ranges.length ? null : sumOf(known);
}

/** What earlier runs wrote; without them, the input once for each stage. */
function storageOf({ inputBytes }: PlanRequest, loads: readonly Load[]): Range | null {
  const running = loads.filter(({ calls }) => calls.expected > 0);
  if (running.some(({ measured }) => measured > 0)) return sumOf(running.flatMap(({ bytes }) => bytes ?? []));
  if (inputBytes === null) return null;
  const stages = new Set(running.flatMap(({ fan, step }) => (fan === null ? [] : step))).size;
  const expected = inputBytes * stages;
  return { low: expected * COLD_STORAGE.low, expected, high: expected * COLD_STORAGE.high };
}
