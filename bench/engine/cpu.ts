/**
 * Steps bound by the processor, in worker threads: how much is done of what bare threads do, as many of them and with the
 * same function, in turns; how long the engine's loop is held up meanwhile; and both again while one worker computes
 * without end.
 *
 *   node bench/engine/cpu.ts [--ms 5,50] [--seconds 1] [--turns 3]
 *
 * Efficiency is what bare threads take for the calls ÷ what the engine takes for them, journal and report included.
 * Beside it stand both against one bare thread, T1 ÷ (cores × Tp), where two halves of one core have less than 1 whoever
 * uses them; and how busy the engine kept the cores, processor time ÷ (wall × cores).
 */

import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Piscina } from 'piscina';
import type { Flow, Json, JsonObject } from '@scriptorium/core';
import { openEngine } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { handlers, roundsOf, workModule } from './cpu-work.ts';
import type { Work } from './cpu-work.ts';
import { numberOf, percentile, report } from '../figures.ts';
import type { Figure } from '../figures.ts';
import { benchModule, compile, optionsIn } from './noop.ts';
import { faultIn } from './oracle.ts';
import { inScratch } from '../scratch.ts';

const { values: args } = parseArgs({
  options: { ms: { type: 'string', default: '5,50' }, seconds: { type: 'string', default: '1' }, turns: { type: 'string', default: '3' } },
});
const seconds = Number(args.seconds);
const turns = Number(args.turns);
const cores = availableParallelism();
const RESOLUTION_MS = 1;
const LEAST_EFFICIENCY = 0.9;
const MOST_LAG_MS = 25;

const each = compile(
  `
flow: bench/compute
version: "1.0.0"
input: { count: { type: integer }, rounds: { type: integer }, workers: { type: integer } }
steps:
  list: { uses: bench/list, with: { count: "\${ input.count }" } }
  work:
    each: { in: "\${ list }", as: n, workers: "\${ input.workers }" }
    uses: bench/compute
    with: { n: "\${ n }", rounds: "\${ input.rounds }" }
output: \${ work.ok.size() }
`,
  handlers,
);
const endless = compile(
  `
flow: bench/endless
version: "1.0.0"
input: { until: { type: string } }
steps:
  compute: { uses: bench/compute-until, with: { until: "\${ input.until }" } }
output: \${ compute }
`,
  handlers,
);

/** So many calls by so many at once; resolves to the milliseconds that they took. */
type Calls = (count: number, rounds: number) => Promise<number>;

interface Measured {
  /** Of one turn each, in milliseconds. */
  readonly engine: readonly number[];
  readonly pool: readonly number[];
  readonly alone: readonly number[];
  /** Processor time that an item costs beyond its work, in microseconds. */
  readonly costUs: number;
  /** Of the engine's turns, processor time ÷ (wall × cores). */
  readonly busy: number;
  readonly lag: ReturnType<typeof monitorEventLoopDelay>;
}

const ms = args.ms.split(',').map(Number);
const figures: Figure[] = [];
for (const one of ms) figures.push(...(await measure(one)));
figures.push(...(await measureBlocked(ms.at(-1) ?? 50)));
report(figures);

async function measure(itemMs: number): Promise<readonly Figure[]> {
  const rounds = roundsOf(itemMs);
  const count = Math.max(cores, Math.round((seconds * 1000 * cores) / itemMs));
  return inScratch((directory) =>
    withAll(directory, async (engine, pool, one, runs) => {
      const measured = await inTurns(count, rounds, callsOf(engine, directory, runs), bareCalls(pool, cores), bareCalls(one, 1));
      await engine.drain();
      return figuresOf(itemMs, measured, faultIn(engine.home, { runs, events: null }));
    }),
  );
}

/** The engine, a bare pool with as many threads as cores, and one bare thread. */
async function withAll<T>(
  directory: string,
  work: (engine: Engine, pool: Piscina, one: Piscina, runs: Map<string, Json>) => Promise<T>,
): Promise<T> {
  const engine = await openEngine({
    home: join(directory, 'store'),
    modules: [benchModule, workModule],
    contracts: createContracts(),
    env: {},
  });
  const [pool, one] = [poolOf(cores), poolOf(1)];
  try {
    return await work(engine, pool, one, new Map());
  } finally {
    await Promise.all([pool.destroy(), one.destroy()]);
  }
}

function poolOf(threads: number): Piscina {
  return new Piscina({ filename: fileURLToPath(new URL('./cpu-work.ts', import.meta.url)), minThreads: threads, maxThreads: threads });
}

function callsOf(engine: Engine, directory: string, runs: Map<string, Json>): Calls {
  return async (count, rounds) => {
    const from = performance.now();
    const id = await begin(engine, each, { count, rounds, workers: 2 * cores }, directory);
    runs.set(id, count);
    await ended(engine, id);
    return performance.now() - from;
  };
}

function bareCalls(pool: Piscina, atOnce: number): Calls {
  return async (count, rounds) => {
    const from = performance.now();
    let next = 0;
    const caller = async (): Promise<void> => {
      while (next < count) {
        const work: Work = { n: next, rounds };
        next += 1;
        await pool.run(work, { name: 'compute' });
      }
    };
    await Promise.all(Array.from({ length: 2 * atOnce }, caller));
    return performance.now() - from;
  };
}

/** One after the other in each turn, so that whatever else the machine does meets all of them. */
async function inTurns(count: number, rounds: number, engine: Calls, pool: Calls, alone: Calls): Promise<Measured> {
  for (const calls of [engine, pool, alone]) await calls(2 * cores, rounds);
  const took: { engine: number[]; pool: number[]; alone: number[] } = { engine: [], pool: [], alone: [] };
  const cost: number[] = [];
  const busy: number[] = [];
  const lag = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  for (let turn = 0; turn < turns; turn += 1) {
    took.alone.push((await alone(Math.ceil(count / cores), rounds)) * (count / Math.ceil(count / cores)));
    const before = process.cpuUsage();
    took.pool.push(await pool(count, rounds));
    const bare = process.cpuUsage(before);
    const between = process.cpuUsage();
    lag.enable();
    const tookMs = await engine(count, rounds);
    took.engine.push(tookMs);
    lag.disable();
    const ours = process.cpuUsage(between);
    busy.push((ours.user + ours.system) / (1000 * tookMs * cores));
    cost.push((ours.user + ours.system - bare.user - bare.system) / count);
  }
  return { ...took, costUs: percentile(cost, 0.5), busy: percentile(busy, 0.5), lag };
}

function figuresOf(itemMs: number, { engine, pool, alone, costUs, busy, lag }: Measured, fault: string | null): readonly Figure[] {
  const ratio = (to: readonly number[], took: readonly number[], share = 1): number =>
    percentile(
      took.map((one, turn) => (to[turn] ?? Number.NaN) / (share * one)),
      0.5,
    );
  const what = `items of ${numberOf(itemMs)} ms on ${cores} cores`;
  return [
    {
      what: `${what}, efficiency`,
      value: ratio(pool, engine),
      unit: '',
      goal: { atLeast: LEAST_EFFICIENCY },
      beside: `${numberOf(costUs)} µs of processor more an item; against one thread ${numberOf(ratio(alone, engine, cores))}, bare threads ${numberOf(ratio(alone, pool, cores))}; cores busy ${numberOf(busy)}`,
      fault,
    },
    ...lagFigures(what, lag, fault),
  ];
}

function lagFigures(what: string, lag: Measured['lag'], fault: string | null): readonly Figure[] {
  const late = (share: number): number => Math.max(0, lag.percentile(share) / 1e6 - RESOLUTION_MS);
  return [
    {
      what: `  event-loop lag, ${what}, p99`,
      value: late(99),
      unit: 'ms',
      goal: { atMost: MOST_LAG_MS },
      beside: `p50 ${numberOf(late(50))} ms`,
      fault,
    },
  ];
}

/** While one worker computes without end the rest does what a pool does whose one thread does the same. */
async function measureBlocked(itemMs: number): Promise<readonly Figure[]> {
  const rounds = roundsOf(itemMs);
  const count = Math.round((seconds * 1000) / itemMs);
  return inScratch((directory) =>
    withAll(directory, async (engine, pool, _one, runs) => {
      const until = join(directory, 'enough');
      await callsOf(engine, directory, runs)(2 * cores, rounds);
      const [bare, ours]: [number[], number[]] = [[], []];
      const lag = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      for (let turn = 0; turn < turns; turn += 1) {
        const free = `${until}-${turn}`;
        const blockedPool = pool.run({ until: `${free}-pool` }, { name: 'computeUntil' });
        bare.push(await bareCalls(pool, cores)(count, rounds));
        writeFileSync(`${free}-pool`, '');
        await blockedPool;
        const id = await begin(engine, endless, { until: free }, directory);
        runs.set(id, null);
        lag.enable();
        ours.push(await callsOf(engine, directory, runs)(count, rounds));
        lag.disable();
        writeFileSync(free, '');
        await ended(engine, id);
      }
      await engine.drain();
      const fault = faultIn(engine.home, { runs, events: null });
      const ratio = percentile(
        ours.map((took, turn) => (bare[turn] ?? Number.NaN) / took),
        0.5,
      );
      const rate = `${numberOf(count / (percentile(ours, 0.5) / 1000))} items/s; the bare pool's one thread does the same`;
      const what = 'one worker computes without end';
      return [
        { what: `${what}: share of a bare pool`, value: ratio, unit: '', goal: { atLeast: LEAST_EFFICIENCY }, beside: rate, fault },
        ...lagFigures(what, lag, fault),
      ];
    }),
  );
}

async function begin(engine: Engine, flow: Flow, input: JsonObject, directory: string): Promise<string> {
  return engine.start({ flow, input, options: optionsIn(join(directory, 'out')), by: 'bench' });
}

async function ended(engine: Engine, id: string): Promise<void> {
  for await (const summary of engine.watch(id, { everyMs: 3_600_000 })) if (summary.endedAt !== null) break;
}
