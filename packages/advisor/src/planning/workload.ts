/** The work of a run that has not begun: what each step would do, how often, how long and at what cost. */

import { childrenOf, noUsage, addUsage, planOf } from '@scriptorium/core';
import type { Cost, Flow, Json, JsonObject, Ms, Node, PlannedStep, Usage } from '@scriptorium/core';
import { fansAround } from '../scene.ts';
import { around, join, meanOf, varianceOf, Z80 } from './amount.ts';
import type { Amount, Range } from './amount.ts';
import { INNER_CALLS, INNER_SPREAD, kindDefaults, kindOf, LEAST_SHARE, MOST_RETRIES, UNKNOWN_ITEMS, USED_SHARE } from './defaults.ts';
import type { HandlerFacts, Kind } from './defaults.ts';
import { noSample } from './past-run.ts';
import type { PastRun, StepSample } from './past-run.ts';
import { typicalCost } from './typical-call.ts';

/** What a dry run says of one step, over all items. */
export interface StepCount {
  readonly step: string;
  readonly run: number;
  readonly reuse: number;
  readonly skip: number;
  readonly unknown: number;
  /** Whether items have it; false for a step that there is once, and for an `each` whose items are not known yet. */
  readonly keyed: boolean;
  /** The most frequent reason of those that would run, or of all where none would. */
  readonly why: string;
  /** What calls whose input is known may use at most, and how many these are; null where no handler says so. */
  readonly most: { readonly usage: Usage; readonly calls: number } | null;
}

/** Attempts of one call of the flow. */
export interface Load {
  /** The step that the dry run names, and the one in it that calls. */
  readonly planned: string;
  readonly step: string;
  readonly kind: Kind;
  readonly pool: string | null;
  /** The outermost `each` around it; null outside of any. */
  readonly fan: string | null;
  /** Calls of one item that go on at the same time. */
  readonly width: number;
  readonly calls: Range;
  /** Of one call; `measured` is how many it is known from, 0 where it is assumed. */
  readonly callMs: Ms;
  readonly variance: number;
  readonly measured: number;
  /** Null: it costs something, and nobody knows how much. */
  readonly usd: Range | null;
  readonly tokens: Range | null;
  /** Of files that it writes; null where nothing is known. */
  readonly bytes: Range | null;
  /** Share of the calls that a service refused for being too many. */
  readonly throttled: number;
}

export interface Known {
  readonly flow: Flow;
  readonly handlers: ReadonlyMap<string, HandlerFacts>;
  /** Earlier runs of the flow, the newest first. */
  readonly past: readonly PastRun[];
  readonly input: JsonObject;
  /** Of the files that inputs name; null where none does. */
  readonly inputBytes: number | null;
}

/** How much a sum of costs or bytes differs from run to run beyond its parts. */
const DRIFT = 0.1;

const free: Range = { low: 0, expected: 0, high: 0 };

/** Steps in the order in which they first appear. */
export async function countSteps(steps: AsyncIterable<PlannedStep>): Promise<readonly StepCount[]> {
  const counts = new Map<string, StepCount & { readonly reasons: Map<string, number> }>();
  for await (const { step, key, action, reason, most } of steps) {
    const known = counts.get(step) ?? { ...noCount(step), reasons: new Map<string, number>() };
    if (action === 'run' || known.run === 0) known.reasons.set(reason, (known.reasons.get(reason) ?? 0) + 1);
    const total = most === undefined ? known.most : addMost(known.most, most);
    counts.set(step, { ...known, [action]: known[action] + 1, keyed: known.keyed || key !== null, most: total });
  }
  return [...counts.values()].map(({ reasons, ...count }) => ({
    ...count,
    why: [...reasons].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? '',
  }));
}

function noCount(step: string): StepCount {
  return { step, run: 0, reuse: 0, skip: 0, unknown: 0, keyed: false, why: '', most: null };
}

function addMost(sum: StepCount['most'], most: Usage): StepCount['most'] {
  return { usage: addUsage(sum?.usage ?? noUsage, most), calls: (sum?.calls ?? 0) + 1 };
}

/** What the dry run found, with what earlier runs took for it. Steps of flows that are called are part of their call. */
export function loadsOf(counts: readonly StepCount[], known: Known): readonly Load[] {
  const plan = planOf(known.flow);
  const samples = pooled(known.past);
  return counts.flatMap((count) => {
    const node = plan.get(count.step)?.node;
    return node === undefined ? [] : callsIn(node).map((call) => loadOf(count, node, call, samples, known));
  });
}

/** The same loads as an earlier run had them, for what the model says of a run whose time is known. */
export function loadsOfPast(past: PastRun, known: Known): readonly Load[] {
  const samples = pooled(known.past);
  return callsIn(known.flow.root).flatMap((call): readonly Load[] => {
    const attempts = past.steps.get(call.node.id)?.ms.count ?? 0;
    const calls = { low: attempts, expected: attempts, high: attempts };
    return attempts === 0
      ? []
      : [{ ...shapeOf(call.node, known), planned: call.node.id, calls, ...measuresOf(call.node, calls, null, samples, known) }];
  });
}

/** The kind of the work in items that takes most of the time. */
export function mainKind(loads: readonly Load[]): Kind {
  const work = ({ calls, callMs }: Load): number => calls.expected * callMs;
  const inside = loads.filter(({ fan }) => fan !== null);
  return inside.reduce<Load | null>((most, load) => (most === null || work(load) > work(most) ? load : most), null)?.kind ?? 'io';
}

function pooled(past: readonly PastRun[]): ReadonlyMap<string, StepSample> {
  const samples = new Map<string, StepSample>();
  for (const { steps } of past)
    for (const [id, sample] of steps) {
      const other = samples.get(id) ?? noSample;
      samples.set(id, {
        ms: join(other.ms, sample.ms),
        usd: join(other.usd, sample.usd),
        tokens: join(other.tokens, sample.tokens),
        bytes: join(other.bytes, sample.bytes),
        done: other.done + sample.done,
        opened: other.opened + sample.opened,
        throttled: other.throttled + sample.throttled,
      });
    }
  return samples;
}

/** `workers` and `batch` may be expressions: those that read one input are followed, others are not known. */
export function inputBehind(template: { readonly lit: Json } | object): string | null {
  const source = 'expr' in template ? (template.expr as { readonly $: string }).$ : '';
  return /^input\.([A-Za-z_]\w*)$/.exec(source.trim())?.[1] ?? null;
}

interface Call {
  readonly node: Node;
  /** In a `catch` or a compensation: it happens where something failed. */
  readonly fallback: boolean;
}

function callsIn(node: Node, fallback = false): readonly Call[] {
  return [
    ...(node.do.k === 'call' ? [{ node, fallback }] : []),
    ...childrenOf(node).flatMap((child) => callsIn(child, fallback)),
    ...[...node.catch.flatMap(({ do: body }) => body ?? []), node.compensate ?? []].flat().flatMap((part) => callsIn(part, true)),
  ];
}

function loadOf(count: StepCount, planned: Node, call: Call, samples: ReadonlyMap<string, StepSample>, known: Known): Load {
  const { node } = call;
  const shape = shapeOf(node, known);
  const calls = callRange(count, planned, call, samples, known);
  return { ...shape, planned: count.step, calls, ...measuresOf(node, calls, count.step === node.id ? count.most : null, samples, known) };
}

function shapeOf(node: Node, { flow, handlers }: Known): Pick<Load, 'step' | 'kind' | 'pool' | 'fan' | 'width'> {
  const uses = node.do.k === 'call' ? node.do.uses : '';
  const isFlow = node.do.k === 'call' && node.do.flow !== undefined;
  const pool = node.limit ?? null;
  const fans = fansAround(flow, node.id);
  const width = fans.slice(1).reduce((product, { each }) => product * literal(each?.workers), 1);
  const limit = pool === null ? undefined : flow.limits[pool];
  return { step: node.id, kind: kindOf(uses, handlers.get(uses), isFlow, limit), pool, fan: fans[0]?.id ?? null, width };
}

function literal(template: object | undefined): number {
  const value = template !== undefined && 'lit' in template ? template.lit : 1;
  return typeof value === 'number' && value >= 1 ? value : 1;
}

/** How often it is called: for each time that the planned step runs, as often as in earlier runs. */
function callRange(count: StepCount, planned: Node, call: Call, samples: ReadonlyMap<string, StepSample>, known: Known): Range {
  const { flow, past } = known;
  const isWholeFan = planned.each !== undefined && !count.keyed && fansAround(flow, planned.id).length === 1;
  const sizes = past.flatMap(({ fans }) => fans.get(planned.id)?.items ?? []);
  const items = sizes.length === 0 ? UNKNOWN_ITEMS : sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  const times = isWholeFan ? items : count.run + count.unknown;
  const base = isWholeFan ? sizes.reduce((sum, size) => sum + size, 0) : timesOf(planned, samples, flow);
  const sample = samples.get(call.node.id) ?? noSample;
  if (base > 0) {
    const share = isWholeFan ? 1 : Math.min(1, base / Math.max(1, openings(planned, past, flow)));
    const rate = sample.ms.count / base;
    const expected = (isWholeFan ? times : count.run + count.unknown * share) * rate;
    const retried = sample.ms.count === 0 ? 0 : (sample.ms.count - sample.done) / sample.ms.count;
    const spread = Z80 * Math.sqrt(expected * retried + rate * rate * count.unknown * share * (1 - share) + (isWholeFan ? expected : 0));
    return { low: Math.max(0, expected - spread), expected, high: expected + spread };
  }
  if (call.fallback) return { low: 0, expected: 0, high: times };
  const isInner = fansAround(flow, call.node.id).length > Math.max(1, fansAround(flow, planned.id).length);
  const byBytes = isInner ? callsOfBytes(call.node, times, known) : null;
  if (byBytes !== null) return byBytes;
  const inner = isInner ? INNER_CALLS : 1;
  const sure = isWholeFan ? 1 : count.run;
  return {
    low: sure,
    expected: (isWholeFan ? times : count.run + count.unknown / 2) * inner,
    high: times * inner ** 2 * (1 + MOST_RETRIES),
  };
}

/** What the handler says of its elements and the input, where it does: the last batch of each item is half full. */
function callsOfBytes(node: Node, items: number, { handlers, inputBytes }: Known): Range | null {
  const bytes = handlerOf(node, { handlers })?.elementBytes;
  if (bytes === undefined || inputBytes === null || items === 0) return null;
  const expected = items / 2 + inputBytes / bytes / literal(node.each?.batch);
  return { low: expected / INNER_SPREAD, expected, high: expected * INNER_SPREAD };
}

/** How often a planned step did its work in earlier runs: as often as its most frequent part outside of an inner `each`. */
function timesOf(planned: Node, samples: ReadonlyMap<string, StepSample>, flow: Flow): number {
  const depth = Math.max(fansAround(flow, planned.id).length, planned.each === undefined ? 0 : 1);
  const parts = [...planOf(flow).keys()].filter((id) => id === planned.id || id.startsWith(`${planned.id}/`));
  const times = parts.map((id) => {
    const fans = fansAround(flow, id);
    const sample = samples.get(id) ?? noSample;
    if (fans.length <= depth) return sample.done;
    return fans.length === depth + 1 && fans.at(-1)?.id === id ? sample.opened : 0;
  });
  return Math.max(0, ...times);
}

/** Of the step's `each`, how many items earlier runs had; for a step outside, how many runs. */
function openings(planned: Node, past: readonly PastRun[], flow: Flow): number {
  const [fan] = fansAround(flow, planned.id);
  return fan === undefined ? past.length : past.reduce((sum, { fans }) => sum + (fans.get(fan.id)?.items ?? 0), 0);
}

type Measures = Pick<Load, 'callMs' | 'variance' | 'measured' | 'usd' | 'tokens' | 'bytes' | 'throttled'>;

function measuresOf(node: Node, calls: Range, most: StepCount['most'], samples: ReadonlyMap<string, StepSample>, known: Known): Measures {
  const sample = samples.get(node.id) ?? noSample;
  const { callMs } = kindDefaults[shapeOf(node, known).kind];
  const measured = sample.ms.count;
  if (measured > 0)
    return {
      callMs: meanOf(sample.ms),
      variance: varianceOf(sample.ms),
      measured,
      usd: sumRange(sample.usd, calls),
      tokens: sumRange(sample.tokens, calls),
      bytes: sumRange(sample.bytes, calls),
      throttled: sample.throttled / measured,
    };
  const costs = handlerOf(node, known)?.cost !== undefined;
  const typical = costs && most === null ? costOfElements(node, calls, known) : null;
  const mayCall = node.do.k === 'call' && node.do.lends !== undefined;
  const atMost = (unit: 'usd' | 'tokens'): Range | null => {
    // What the flows cost that its handler calls, or does not, nobody knows before the first run.
    if (mayCall && calls.high > 0) return null;
    if (!costs || calls.high === 0) return free;
    if (typical?.[unit] !== undefined) return likely(typical[unit], calls);
    if (most === null) return null;
    const each = most.usage[unit] / most.calls;
    return { low: 0, expected: each * calls.expected, high: each * calls.high };
  };
  return { callMs, variance: callMs * callMs, measured: 0, usd: atMost('usd'), tokens: atMost('tokens'), bytes: null, throttled: 0 };
}

/** Of so many calls: their own spread, how well the mean is known, and what differs from run to run. */
function sumRange(amount: Amount, calls: Range): Range {
  const expected = calls.expected * meanOf(amount);
  if (expected === 0) return free;
  const own = varianceOf(amount) * calls.expected + (varianceOf(amount) / amount.count) * calls.expected ** 2;
  const spread = (calls.high - calls.low) / (2 * Z80 * Math.max(1, calls.expected));
  return around(expected, Math.sqrt(own / expected ** 2 + spread ** 2 + DRIFT ** 2));
}

/** Of one call with as many elements as such calls have in the mean. */
function costOfElements(node: Node, calls: Range, known: Known): Cost | null {
  const handler = handlerOf(node, known);
  if (handler?.elementBytes === undefined || known.inputBytes === null || calls.expected === 0) return null;
  const elements = known.inputBytes / handler.elementBytes / calls.expected;
  return typicalCost(node, Math.max(1, Math.min(literal(node.each?.batch), Math.round(elements))), handler, known.input);
}

/** Of calls that may use so much at most. */
function likely(most: number, calls: Range): Range {
  return { low: most * LEAST_SHARE * calls.low, expected: most * USED_SHARE * calls.expected, high: most * calls.high };
}

function handlerOf({ do: body }: Node, { handlers }: Pick<Known, 'handlers'>): HandlerFacts | undefined {
  return body.k === 'call' ? handlers.get(body.uses) : undefined;
}
