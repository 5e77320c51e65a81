/**
 * What an engine does when it is asked for more than it can do: small runs, first as many as it ends with 256 at once,
 * then ten times as many, whatever becomes of them, then half of that. Those that are let in must be served within three
 * times what they usually take, the rest be refused, and soon after everything must be as it was. Who asks is first in the
 * engine's own thread, as with any embedded engine: what it takes to ask and to hear of a refusal is taken from it, too.
 * Then it is another process, over the socket of the store.
 *
 *   node bench/engine/overload.ts [--seconds 5]
 */

import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { HostError } from '@scriptorium/core';
import type { Host, Json, RunOptions } from '@scriptorium/core';
import { connect, openEngine } from '@scriptorium/engine';
import type { EngineOptions } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { numberOf, percentile, report } from '../figures.ts';
import type { Figure } from '../figures.ts';
import { benchModule, compileThree, EVENTS_OF_THREE, optionsIn } from './noop.ts';
import { faultIn } from './oracle.ts';
import { inScratch } from '../scratch.ts';

const { values: args } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    /** Of the process that asks over the socket: the store. */
    store: { type: 'string' },
  },
});
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

/** What whoever asked has seen: all that was let in, with its input, and the three phases. */
interface Seen {
  readonly runs: readonly (readonly [run: string, n: Json])[];
  readonly usual: Phase;
  readonly much: Phase;
  readonly after: Phase;
}

type RunOnce = (withinMs: number) => Promise<void>;

const flow = compileThree();
if (args.store === undefined) report(await inScratch(measure));
else await askOver(args.store);

async function measure(directory: string): Promise<readonly Figure[]> {
  const [own, served] = [join(directory, 'own'), join(directory, 'served')];
  const engine = await openEngine(optionsOf(own));
  const here = await askAll(engine, directory);
  await engine.drain();
  const connection = await connect(optionsOf(served));
  const child = fork(import.meta.filename, ['--store', served, '--seconds', args.seconds]);
  const there = await new Promise<Seen>((resolve, reject) => {
    child.once('message', (seen) => resolve(seen as Seen));
    child.once('exit', (code) => reject(new Error(`who asks over the socket ended with ${code}`)));
  });
  await connection.close();
  return [...figuresOf('in its thread', own, here), ...figuresOf('over the socket', served, there)];
}

async function askOver(home: string): Promise<void> {
  const { host, close } = await connect(optionsOf(home));
  const seen = await askAll(host, join(home, '..'));
  await close();
  process.send?.(seen, () => process.disconnect());
}

function optionsOf(home: string): EngineOptions {
  return { home, modules: [benchModule], contracts: createContracts(), env: {} };
}

async function askAll(host: Host, directory: string): Promise<Seen> {
  const runs = new Map<string, Json>();
  const options = optionsIn(join(directory, 'out'));
  const one: RunOnce = (withinMs) => runOnce(host, options, runs, withinMs);
  await atOnce(one, WARM_UP_S);
  const usual = await atOnce(one, seconds);
  const rate = rateOf(usual);
  const much = await atRate(one, rate * TIMES);
  const after = await atRate(one, rate / 2);
  return { runs: [...runs], usual, much, after };
}

function figuresOf(from: string, home: string, { runs, usual, much, after }: Seen): readonly Figure[] {
  const fault = faultIn(home, { runs: new Map(runs), events: runs.length * EVENTS_OF_THREE });
  const rate = rateOf(usual);
  const [usualMs, muchMs] = [p99(usual.served), p99(much.served)];
  const asked = `${numberOf(rate * TIMES)} runs/s asked for, ${numberOf(rateOf(much))} let in, ${numberOf(much.refused)} refused`;
  return [
    {
      what: `asked ${from}, ${IN_FLIGHT} in flight: begin to end, p99`,
      value: usualMs,
      unit: 'ms',
      beside: `${numberOf(rate)} runs/s`,
      fault,
    },
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

function rateOf({ served }: Phase): number {
  return served.length / seconds;
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

async function runOnce(host: Host, options: RunOptions, runs: Map<string, Json>, withinMs: number): Promise<void> {
  const n = runs.size;
  const run = await host.start({ flow, input: { n }, options, by: 'bench', withinMs });
  runs.set(run, n);
  for await (const summary of host.watch(run, { everyMs: 3_600_000 })) if (summary.endedAt !== null) break;
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
