/**
 * What an engine does when it is asked for more than it can do: small runs, first as many as it ends with 256 at once,
 * then ten times as many, whatever becomes of them, then half of that. Those that are let in must be served within three
 * times what they usually take, the rest be refused, and soon after everything must be as it was. Who asks is in the
 * engine's own thread, as with any embedded engine: what it takes to ask and to hear of a refusal is taken from it, too.
 *
 *   node bench/engine/overload.ts [--seconds 5]
 */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { HostError } from '@scriptorium/core';
import type { Json, RunOptions } from '@scriptorium/core';
import { openEngine } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { numberOf, percentile, report } from '../figures.ts';
import type { Figure } from '../figures.ts';
import { benchModule, compileThree, EVENTS_OF_THREE, optionsIn } from './noop.ts';
import { faultIn } from './oracle.ts';
import { inScratch } from '../scratch.ts';

const { values: args } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } });
const seconds = Number(args.seconds);
const IN_FLIGHT = 256;
const TIMES = 10;
const WARM_UP_S = 1;
/** Whoever asks for so much would rather go elsewhere than wait for longer. */
const PATIENCE_MS = 100;
/** So often it is looked whether everything is as it was. */
const WINDOW_MS = 250;

/** Each run that was let in: when it was asked for, from the beginning of the phase, and how long it took to its end. */
interface Served {
  readonly at: number;
  readonly ms: number;
}

interface Phase {
  readonly refused: number;
  readonly served: readonly Served[];
}

type RunOnce = (withinMs: number) => Promise<void>;

const flow = compileThree();
report(await inScratch(measure));

async function measure(directory: string): Promise<readonly Figure[]> {
  const home = join(directory, 'store');
  const engine = await openEngine({ home, modules: [benchModule], contracts: createContracts(), env: {} });
  const runs = new Map<string, Json>();
  const options = optionsIn(join(directory, 'out'));
  const one: RunOnce = (withinMs) => runOnce(engine, options, runs, withinMs);
  await atOnce(one, WARM_UP_S);
  const usual = await atOnce(one, seconds);
  const rate = usual.served.length / seconds;
  const much = await atRate(one, rate * TIMES);
  const after = await atRate(one, rate / 2);
  await engine.drain();
  const fault = faultIn(home, { runs, events: runs.size * EVENTS_OF_THREE });
  const [usualMs, muchMs] = [p99(usual.served), p99(much.served)];
  const asked = `${numberOf(rate * TIMES)} runs/s asked for, ${numberOf(much.served.length / seconds)} let in, ${numberOf(much.refused)} refused`;
  return [
    { what: `begin to end, ${IN_FLIGHT} in flight, p99`, value: usualMs, unit: 'ms', beside: `${numberOf(rate)} runs/s`, fault },
    {
      what: `${TIMES} times as much asked for: p99 of what is let in`,
      value: muchMs,
      unit: 'ms',
      goal: { atMost: 3 * usualMs },
      beside: asked,
      fault,
    },
    {
      what: 'until all is as usual again',
      value: recoveredAfter(after, 3 * usualMs),
      unit: 's',
      goal: { atMost: 10 },
      beside: `at ${numberOf(rate / 2)} runs/s`,
      fault,
    },
  ];
}

/** Each begins when another has ended. */
async function atOnce(one: RunOnce, forS: number): Promise<Phase> {
  const began = performance.now();
  const served: Served[] = [];
  const worker = async (): Promise<void> => {
    for (let at = 0; at < forS * 1000; at = performance.now() - began) {
      const from = performance.now();
      await one(60_000);
      served.push({ at, ms: performance.now() - from });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return { refused: 0, served };
}

/** Begun at this rate, whether or not those before have ended. */
async function atRate(one: RunOnce, perSecond: number): Promise<Phase> {
  const began = performance.now();
  const served: Served[] = [];
  let [asked, refused] = [0, 0];
  const ask = async (at: number): Promise<void> => {
    const from = performance.now();
    try {
      await one(PATIENCE_MS);
      served.push({ at, ms: performance.now() - from });
    } catch (error) {
      if (!(error instanceof HostError) || error.code !== 'overloaded') throw error;
      refused += 1;
    }
  };
  for (let at = 0; at < seconds * 1000; at = performance.now() - began) {
    for (; asked < (at / 1000) * perSecond; asked += 1) void ask(at);
    await sleep(1);
  }
  while (served.length + refused < asked) await sleep(1);
  return { refused, served };
}

async function runOnce(engine: Engine, options: RunOptions, runs: Map<string, Json>, withinMs: number): Promise<void> {
  const n = runs.size;
  const run = await engine.start({ flow, input: { n }, options, by: 'bench', withinMs });
  runs.set(run, n);
  for await (const summary of engine.watch(run, { everyMs: 3_600_000 })) if (summary.endedAt !== null) break;
}

/** When the last window begins in which what was asked for took longer than `mostMs`, in seconds. */
function recoveredAfter({ served }: Phase, mostMs: number): number {
  const windows = Map.groupBy(served, ({ at }) => Math.floor(at / WINDOW_MS));
  const late = [...windows].filter(([, own]) => p99(own) > mostMs).map(([window]) => window + 1);
  return (Math.max(0, ...late) * WINDOW_MS) / 1000;
}

function p99(served: readonly Served[]): number {
  return percentile(
    served.map(({ ms }) => ms),
    0.99,
  );
}
