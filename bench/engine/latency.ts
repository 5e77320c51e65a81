/**
 * How long a step that could start waits until it does, and how long the engine keeps the event loop to itself: one run
 * alone, then many that come at random moments, half as many a second as the engine can do.
 *
 *   node bench/engine/latency.ts [--seconds 5]
 */

import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { defineHandler } from '@scriptorium/core';
import type { Json } from '@scriptorium/core';
import { openEngine } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { percentile, report } from '../figures.ts';
import type { Figure } from '../figures.ts';
import { compile, optionsIn } from './noop.ts';
import { faultIn } from './oracle.ts';
import { inScratch } from '../scratch.ts';

const { values: args } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } });
const seconds = Number(args.seconds);
const ALONE_RUNS = 200;
const IN_FLIGHT = 256;
const EVENTS = 10;
/** How often the loop is looked at. */
const RESOLUTION_MS = 1;

/** When each run was asked for or its last handler returned: from then on its next step could start. */
const readyAt = new Map<number, number>();
let waits: number[] = [];

const handler = defineHandler<{ n: number }>({
  name: 'bench/stamp',
  version: '1.0.0',
  doc: 'Notes how long it has waited.',
  input: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
  output: { type: 'integer' },
  effects: 'none',
  run: ({ n }) => {
    const now = performance.now();
    waits.push(now - (readyAt.get(n) ?? now));
    readyAt.set(n, now);
    return n;
  },
});

const flow = compile(
  `
flow: bench/stamps
version: "1.0.0"
input: { n: { type: integer } }
steps:
  one: { uses: bench/stamp, with: { n: "\${ input.n }" } }
  two: { uses: bench/stamp, with: { n: "\${ one }" } }
  three: { uses: bench/stamp, with: { n: "\${ two }" } }
output: \${ three }
`,
  [handler],
);

report(await inScratch(measure));

async function measure(directory: string): Promise<readonly Figure[]> {
  const home = join(directory, 'store');
  const engine = await openEngine({
    home,
    modules: [{ url: import.meta.url, handlers: [handler] }],
    contracts: createContracts(),
    env: {},
  });
  const runs = new Map<string, Json>();
  const one = (): Promise<void> => runOne(engine, join(directory, 'out'), runs);
  const closed = async (count: number, forS: number): Promise<void> => {
    const end = performance.now() + forS * 1000;
    await Promise.all(
      Array.from({ length: count }, async () => {
        while (performance.now() < end) await one();
      }),
    );
  };
  await closed(IN_FLIGHT, 2);
  const before = runs.size;
  await closed(IN_FLIGHT, 2);
  const most = (runs.size - before) / 2;
  waits = [];
  for (let run = 0; run < ALONE_RUNS; run += 1) await one();
  const alone = waits;
  waits = [];
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  await atRandom(most / 2, one);
  delay.disable();
  const loaded = waits;
  await engine.drain();
  const fault = faultIn(home, { runs, events: runs.size * EVENTS });
  const ms = (what: string, value: number, goal?: number): Figure => ({
    what,
    value,
    unit: 'ms',
    fault,
    ...(goal === undefined ? {} : { goal: { atMost: goal } }),
  });
  return [
    ms('schedule to start, one run alone, p50', percentile(alone, 0.5)),
    ms('schedule to start, one run alone, p99', percentile(alone, 0.99)),
    {
      ...ms('schedule to start, at half load, p50', percentile(loaded, 0.5)),
      beside: `${Math.round(most / 2)} flows/s come at random moments`,
    },
    ms('schedule to start, at half load, p99', percentile(loaded, 0.99), 50),
    ms('event-loop lag at half load, p99', Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS), 25),
  ];
}

async function runOne(engine: Engine, out: string, runs: Map<string, Json>): Promise<void> {
  const n = readyAt.size;
  readyAt.set(n, performance.now());
  const id = await engine.start({ flow, input: { n }, options: optionsIn(out), by: 'bench' });
  runs.set(id, n);
  for await (const summary of engine.watch(id, { everyMs: 3_600_000 })) if (summary.endedAt !== null) break;
}

/** Begins `perSecond` on average, each whether or not those before have ended, and waits for all. */
async function atRandom(perSecond: number, one: () => Promise<void>): Promise<void> {
  const begun: Promise<void>[] = [];
  const from = performance.now();
  let next = 0;
  while (next < seconds * 1000) {
    const now = performance.now() - from;
    if (now < next) await new Promise((resolve) => setTimeout(resolve, next - now));
    begun.push(one());
    next += (-Math.log(1 - Math.random()) * 1000) / perSecond;
  }
  await Promise.all(begun);
}
