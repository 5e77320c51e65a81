/**
 * Small runs: flows of three steps that do nothing, so many in flight at once, each begun when another has ended; beside
 * SQLite with the same bytes in groups of the same size, and beside openworkflow.
 *
 *   node bench/engine/flows.ts [--seconds 4] [--in-flight 1,64,256,1024] [--alone]
 */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Flow, Json } from '@scriptorium/core';
import { openEngine } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { numberOf, report } from '../figures.ts';
import type { Figure } from '../figures.ts';
import { benchModule, compileThree, EVENTS_OF_THREE, optionsIn } from './noop.ts';
import { openworkflowRate } from './openworkflow.ts';
import { faultIn } from './oracle.ts';
import { rawRate } from './raw.ts';
import type { RawRows } from './raw.ts';
import { inScratch } from '../scratch.ts';

const { values: args } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    'in-flight': { type: 'string', default: '1,64,256,1024' },
    /** Nothing beside it. */
    alone: { type: 'boolean', default: false },
    /** What the disk is like, for the names of the figures. */
    disk: { type: 'string', default: '' },
    /** The gate for 256 in flight. */
    gate: { type: 'string', default: '3000' },
  },
});
const seconds = Number(args.seconds);
/** Not counted: until the compiler has seen what is hot, a flow costs half as much again, and after five seconds a tenth more than after ten. */
const WARM_UP_S = 10;
/** The reference is slow: no more than it needs to show its rate. */
const REFERENCE_RUNS = { least: 300, most: 1_000 };
/** SQLite alone is to do at least so much of the engine's rate, and openworkflow at most. */
const RAW_SHARE = 0.25;
const REFERENCE_FACTOR = 20;

const flow = compileThree();
const figures: Figure[] = [];
for (const inFlight of args['in-flight'].split(',').map(Number)) figures.push(...(await measure(inFlight)));
report(figures);

interface Measured {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly group: number;
  readonly fault: string | null;
}

async function measure(inFlight: number): Promise<readonly Figure[]> {
  const [ours, raw] = await inScratch(async (directory) => {
    const measured = await run(directory, inFlight);
    const rawOf = (as: RawRows): Promise<number> => inScratch((to) => rawRate(join(directory, 'store'), to, measured.group, as));
    return [measured, args.alone ? null : { single: await rawOf('single'), joined: await rawOf('joined') }] as const;
  });
  const { perSecond, cpuUs, group, fault } = ours;
  const what = (name: string): string => `${name}, ${numberOf(inFlight)} in flight${args.disk}`;
  const gate = inFlight === 256 ? { goal: { atLeast: Number(args.gate) } } : {};
  const cost = `${numberOf(perSecond * EVENTS_OF_THREE)} events/s, ${numberOf(group)} a commit, ${numberOf(cpuUs)} µs of processor a flow`;
  const flows: Figure = { what: what('flows of three steps'), value: perSecond, unit: '/s', beside: cost, ...gate, fault };
  if (raw === null) return [flows];
  const reference = await inScratch((to) => openworkflowRate(to, inFlight, referenceRuns(inFlight)));
  const shareOf = (rate: number): Pick<Figure, 'value' | 'unit' | 'fault'> => ({
    value: (perSecond * EVENTS_OF_THREE) / rate,
    unit: '',
    fault,
  });
  return [
    flows,
    {
      what: what('  share of raw SQLite'),
      ...shareOf(raw.single),
      beside: `${numberOf(raw.single)} events/s, a row each, the same tables and groups`,
      ...(inFlight === 256 ? { goal: { atLeast: RAW_SHARE } } : {}),
    },
    {
      what: what('  share of raw SQLite, rows as ours'),
      ...shareOf(raw.joined),
      beside: `${numberOf(raw.joined)} events/s, several in a row`,
    },
    {
      what: what('  times openworkflow'),
      value: perSecond / reference,
      unit: '×',
      beside: `${numberOf(reference)} flows/s`,
      goal: { atLeast: REFERENCE_FACTOR },
      fault,
    },
  ];
}

async function run(directory: string, inFlight: number): Promise<Measured> {
  const home = join(directory, 'store');
  const engine = await openEngine({ home, modules: [benchModule], contracts: createContracts(), env: {} });
  const runs = new Map<string, Json>();
  await keepBusy(engine, directory, inFlight, WARM_UP_S, runs);
  const [before, writtenBefore, cpu, from] = [runs.size, engine.written(), process.cpuUsage(), performance.now()];
  await keepBusy(engine, directory, inFlight, seconds, runs);
  const took = (performance.now() - from) / 1000;
  const [count, written, used] = [runs.size - before, engine.written(), process.cpuUsage(cpu)];
  await engine.drain();
  return {
    perSecond: count / took,
    cpuUs: (used.user + used.system) / count,
    group: Math.round((written.events - writtenBefore.events) / (written.commits - writtenBefore.commits)),
    fault: faultIn(home, { runs, events: runs.size * EVENTS_OF_THREE }),
  };
}

/** Begins a run whenever one has ended, until the time is over, and waits for the last. */
async function keepBusy(engine: Engine, out: string, inFlight: number, forS: number, runs: Map<string, Json>): Promise<void> {
  const end = performance.now() + forS * 1000;
  const options = optionsIn(join(out, 'out'));
  const one = async (definition: Flow): Promise<void> => {
    while (performance.now() < end) {
      const n = runs.size;
      const id = await engine.start({ flow: definition, input: { n }, options, by: 'bench' });
      runs.set(id, n);
      for await (const summary of engine.watch(id, { everyMs: 3_600_000 })) if (summary.endedAt !== null) break;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, () => one(flow)));
}

/** With no more runs than are in flight at once, how long it waits between two looks decides: its rate was anything from 40 to 180 a second. */
function referenceRuns(inFlight: number): number {
  return Math.min(REFERENCE_RUNS.most, Math.max(REFERENCE_RUNS.least, 4 * inFlight));
}
