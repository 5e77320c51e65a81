/** How a run would go with other numbers of workers, and which of them to take. */

import type { Range } from './amount.ts';
import { usualWorkers } from './defaults.ts';
import { forecast } from './forecast.ts';
import type { Binding, Capacity, Correction } from './forecast.ts';
import { outermostFans } from './past-run.ts';
import type { PlanRequest } from './plan-request.ts';
import { inputBehind, mainKind } from './workload.ts';
import type { Load } from './workload.ts';

export interface Option {
  readonly workers: number;
  readonly ms: Range;
  readonly usd: Range | null;
  readonly binding: Binding;
  readonly risk: { readonly level: 'low' | 'medium' | 'high'; readonly because: string };
  /** `configured`: as the command starts it; the others say what else they are. */
  readonly is: 'configured' | 'advised' | 'other';
  /** Null: the number stands in the flow file, under the `each` that `at` names. */
  readonly command: string | null;
  readonly at: string | null;
}

/** What the options vary. */
export interface Knob {
  readonly fan: string;
  readonly items: number;
  readonly configured: number;
  /** The input that says how many; null where the flow itself does. */
  readonly input: string | null;
}

/** The `each` with the most work. */
export function knobOf(request: PlanRequest, loads: readonly Load[]): Knob | null {
  const workOf = ({ fan }: Knob): number =>
    loads.filter((load) => load.fan === fan).reduce((sum, { calls, callMs }) => sum + calls.expected * callMs, 0);
  const fans = fansOf(request, loads);
  return fans.reduce<Knob | null>((most, fan) => (most === null || workOf(fan) > workOf(most) ? fan : most), null);
}

export function fansOf({ flow, input, counts }: PlanRequest, loads: readonly Load[]): readonly Knob[] {
  return outermostFans(flow.root).map(({ id, each }) => {
    const sizes = counts.filter(({ step }) => within(step, id)).map(({ run, unknown, keyed }) => (keyed ? run + unknown : 0));
    const named = inputBehind(each?.workers ?? {});
    const template = each?.workers ?? { lit: 1 };
    const value = named !== null ? input[named] : 'lit' in template ? template.lit : 1;
    const items =
      Math.max(0, ...sizes) || Math.round(Math.max(1, ...loads.filter(({ fan }) => fan === id).map(({ calls }) => calls.expected)));
    return { fan: id, items, configured: typeof value === 'number' && value >= 1 ? value : 1, input: named };
  });
}

export function within(step: string, fan: string): boolean {
  return step === fan || step.startsWith(`${fan}/`);
}

export function optionsOf(
  request: PlanRequest,
  loads: readonly Load[],
  knob: Knob | null,
  capacity: (workers: number | null) => Capacity,
  correction: Correction,
  usd: Range | null,
): readonly Option[] {
  const at = (workers: number | null): Option => {
    const { ms, binding } = forecast(loads, capacity(workers), correction);
    const isConfigured = workers === null || knob === null || workers === knob.configured;
    const change = isConfigured || knob.input === null ? null : { input: knob.input, value: workers };
    const command = isConfigured || change !== null ? request.command(change) : null;
    const count = workers ?? 1;
    return {
      workers: count,
      ms,
      usd,
      binding,
      risk: riskOf(count, loads, request),
      is: isConfigured ? 'configured' : 'other',
      command,
      at: knob?.fan ?? null,
    };
  };
  if (knob === null) return [at(null)];
  const options = candidates(request, loads, knob, (workers) => at(workers).binding).map(at);
  const isCold = correction.runs === 0;
  const advised = advisedOf(options, isCold ? usualFor(loads, request.processors, knob.configured) : Number.POSITIVE_INFINITY);
  return options.map((option) => (option === advised && option.is === 'other' ? { ...option, is: 'advised' } : option));
}

/** One, what is usual for such work, what is configured, twice that, and where more workers no longer help: at most five. */
function candidates(request: PlanRequest, loads: readonly Load[], knob: Knob, bindingAt: (workers: number) => Binding): readonly number[] {
  const { configured, items } = knob;
  const most = Math.max(configured, items);
  let enough = 1;
  while (enough < most && bindingAt(enough).type === 'workers') enough = Math.min(most, enough * 2);
  const counts = [1, configured, configured * 2, Math.min(usualFor(loads, request.processors, configured), most), enough];
  return [...new Set(counts.filter((count) => count <= most))].toSorted((a, b) => a - b);
}

/** The middle of the default for such work, or what is configured where that lies within it. */
function usualFor(loads: readonly Load[], processors: number, configured: number): number {
  const { low, high } = usualWorkers(mainKind(loads), processors);
  return configured >= low && configured <= high ? configured : Math.floor((low + high) / 2);
}

/** The fewest workers, at most `most`, that take at most a tenth longer than the fastest option without a risk. */
function advisedOf(options: readonly Option[], most: number): Option | undefined {
  const usual = options.filter(({ workers }) => workers <= most);
  const safe = usual.filter(({ risk }) => risk.level === 'low');
  const sound = safe.length > 0 ? safe : usual;
  const best = Math.min(...sound.map(({ ms }) => ms.expected));
  return sound.find(({ ms }) => ms.expected <= best * 1.1);
}

function riskOf(workers: number, loads: readonly Load[], { processors, past, pools }: PlanRequest): Option['risk'] {
  const inside = loads.filter(({ fan, calls }) => fan !== null && calls.expected > 0);
  const before = Math.max(0, ...past.flatMap(({ fans }) => [...fans.values()].map((fan) => fan.workers)));
  const throttled = inside.find((load) => load.throttled > 0.01);
  if (throttled !== undefined && workers >= before)
    return {
      level: 'high',
      because: `${throttled.step} was throttled in ${(throttled.throttled * 100).toFixed(0)} % of its calls with ${before} workers`,
    };
  const open = inside.find(
    ({ kind, pool }) =>
      kind === 'api' && (pool === null || (pools[pool]?.concurrent ?? pools[pool]?.rate ?? pools[pool]?.tokens) === undefined),
  );
  const { high } = usualWorkers('api', processors);
  if (open !== undefined && workers * open.width > high)
    return {
      level: workers * open.width > 2 * high ? 'high' : 'medium',
      because: `up to ${workers * open.width} calls of ${open.step} at once without a limit, where ${high} are usual`,
    };
  const computing = inside.some(({ kind }) => kind === 'cpu');
  if (computing && workers > 2 * processors)
    return { level: 'medium', because: `memory: ${workers} items in work on ${processors} processors` };
  const widest = usualWorkers('io', processors).high;
  if (workers > widest && inside.some(({ kind, pool }) => kind === 'io' && pool === null))
    return { level: 'medium', because: `${workers} items in work without a limit, where ${widest} are usual` };
  return { level: 'low', because: inside.some(({ pool }) => pool !== null) ? 'limits hold' : 'no more at once than is usual' };
}
