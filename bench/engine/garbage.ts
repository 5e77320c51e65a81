/**
 * What it costs to collect the events of many runs that have ended: time, memory, and how long a store that nobody works
 * on meanwhile cannot serve. Collecting is done while no engine has the store, so this is how long `gc` holds it up; then
 * an engine opens what is left and runs one more.
 *
 *   node bench/engine/garbage.ts [--runs 100000]
 */

import { fork } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Json } from '@scriptorium/core';
import { collectGarbage, openEngine } from '@scriptorium/engine';
import type { Engine, GarbageReport } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { numberOf, report } from '../figures.ts';
import type { Figure } from '../figures.ts';
import { peakMb } from '../peak.ts';
import { benchModule, compileOne, optionsIn } from './noop.ts';
import { inScratch } from '../scratch.ts';
import { storeFault } from './oracle.ts';

const { values: args } = parseArgs({ options: { runs: { type: 'string', default: '100000' }, collect: { type: 'string', default: '' } } });
const count = Number(args.runs);
/** Begun at once. */
const STARTERS = 256;
const MOST_MB = 300;

const flow = compileOne();

interface Collected {
  readonly seconds: number;
  readonly peakMb: number;
  readonly report: Pick<GarbageReport, 'bytes' | 'values'> & { readonly runs: number };
}

if (args.collect === '') report(await inScratch(measure));
else process.send?.(collect(args.collect));

async function measure(directory: string): Promise<readonly Figure[]> {
  const home = join(directory, 'store');
  const engine = await open(home);
  const made = performance.now();
  let next = 0;
  const starter = async (): Promise<void> => {
    while (next < count) await runOne(engine, directory, next++);
  };
  await Promise.all(Array.from({ length: STARTERS }, starter));
  await engine.drain();
  const madeSeconds = (performance.now() - made) / 1_000;
  const { seconds, peakMb, report: collected } = await inAnother(home);
  const from = performance.now();
  const after = await open(home);
  const id = await runOne(after, directory, 0);
  const again = (performance.now() - from) / 1_000;
  const { status } = await after.describe(id);
  await after.drain();
  const fault =
    storeFault(home) ??
    (collected.runs === count && status === 'succeeded'
      ? null
      : `${collected.runs} of ${count} runs were collected, and the next is ${status}`);
  const megabytes = ({ before, after: left }: Collected['report']['bytes']): string =>
    `${numberOf(before / 1e6)} MB of store became ${numberOf(left / 1e6)}`;
  const what = `gc of ${numberOf(count)} ended runs`;
  return [
    { what, value: seconds, unit: 's', beside: `${megabytes(collected.bytes)}; the runs took ${numberOf(madeSeconds)} s`, fault },
    { what: `  most memory of its process`, value: peakMb, unit: 'MB', goal: { atMost: MOST_MB }, fault },
    {
      what: '  an engine serves again, after',
      value: again,
      unit: 's',
      beside: `${numberOf(statSync(join(home, 'journal.db')).size / 1e6)} MB`,
      fault,
    },
  ];
}

function collect(home: string): Collected {
  const from = performance.now();
  const { bytes, values, runs } = collectGarbage(home, {
    olderThanMs: 0,
    keep: 0,
    forgetAfterMs: null,
    dryRun: false,
    purge: false,
    by: 'bench',
    now: Date.now() + 1,
  });
  return { seconds: (performance.now() - from) / 1_000, peakMb: peakMb(), report: { bytes, values, runs: runs.length } };
}

/** As `gc` does, in a process of its own. */
async function inAnother(home: string): Promise<Collected> {
  const child = fork(import.meta.filename, ['--collect', home]);
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Collected));
    child.once('exit', (code) => reject(new Error(`gc ended with ${code}`)));
  });
}

function open(home: string): Promise<Engine> {
  return openEngine({ home, modules: [benchModule], contracts: createContracts(), env: {} });
}

async function runOne(engine: Engine, directory: string, n: Json): Promise<string> {
  const id = await engine.start({ flow, input: { n }, options: optionsIn(join(directory, 'out')), by: 'bench' });
  for await (const summary of engine.watch(id, { everyMs: 3_600_000 })) if (summary.endedAt !== null) break;
  return id;
}
