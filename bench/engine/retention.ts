/**
 * What an engine that removes what has ended costs those whom it serves meanwhile: runs that have ended go by `retention`
 * while others are started one after the other. In the same process, before that: the same runs while nothing goes.
 *
 *   node bench/engine/retention.ts [--runs 5000]
 */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { openEngine } from '@scriptorium/engine';
import type { Engine, Retention } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { benchModule, compileOne, optionsIn } from './noop.ts';
import { report } from '../figures.ts';
import type { Figure } from '../figures.ts';
import { storeFault } from './oracle.ts';
import { inScratch } from '../scratch.ts';

const { values: args } = parseArgs({ options: { runs: { type: 'string', default: '5000' } } });
const count = Number(args.runs);
const STARTERS = 64;
/** Runs that are asked for one after the other while nothing goes. */
const BESIDE = 1_000;

const flow = compileOne();

report(await inScratch(measure));

async function measure(directory: string): Promise<readonly Figure[]> {
  const home = join(directory, 'store');
  const first = await open(home);
  let next = 0;
  const starter = async (): Promise<void> => {
    while (next < count) await runOne(first, directory, next++);
  };
  await Promise.all(Array.from({ length: STARTERS }, starter));
  const alone = await serve(first, directory, (served) => served >= BESIDE);
  await first.drain();

  const from = performance.now();
  const engine = await open(home, { keepMs: 0, newest: 1, bytes: null, forgetMs: null });
  const beside = await serve(engine, directory, () => isKept(home));
  const seconds = (performance.now() - from) / 1_000;
  await engine.drain();
  const fault = storeFault(home);
  const lags = ({ lagP99, lagMost }: Served): string => `loop lag p99 ${lagP99.toFixed(1)} ms, at most ${lagMost.toFixed(1)}`;
  return [
    {
      what: `${count + BESIDE} ended runs go by retention`,
      value: seconds,
      unit: 's',
      beside: `${beside.served} runs were served meanwhile`,
      fault,
    },
    { what: '  a run meanwhile, p99', value: beside.p99, unit: 'ms', beside: `${alone.p99.toFixed(1)} ms while nothing went`, fault },
    {
      what: '  loop lag meanwhile, p99',
      value: beside.lagP99,
      unit: 'ms',
      goal: { atMost: 25 },
      beside: `${lags(beside)}; while nothing went ${lags(alone)}`,
      fault,
    },
  ];
}

interface Served {
  readonly served: number;
  readonly p99: number;
  readonly lagP99: number;
  readonly lagMost: number;
}

/** Runs one after the other until it is enough, which is asked now and then. */
async function serve(engine: Engine, directory: string, isEnough: (served: number) => boolean): Promise<Served> {
  const lag = monitorEventLoopDelay({ resolution: 1 });
  const took: number[] = [];
  lag.enable();
  while (took.length % 50 !== 0 || took.length === 0 || !isEnough(took.length)) {
    const from = performance.now();
    await runOne(engine, directory, took.length);
    took.push(performance.now() - from);
  }
  lag.disable();
  const ordered = took.toSorted((a, b) => a - b);
  const p99 = ordered[Math.floor(ordered.length * 0.99)] ?? 0;
  return { served: took.length, p99, lagP99: lag.percentile(99) / 1e6, lagMost: lag.max / 1e6 };
}

/** Whether a judgement was carried out to its end. */
function isKept(home: string): boolean {
  const db = new DatabaseSync(join(home, 'journal.db'), { readOnly: true });
  const row = db.prepare(`SELECT value FROM meta WHERE key = 'kept_at'`).get();
  db.close();
  return row !== undefined;
}

function open(home: string, retention?: Retention): Promise<Engine> {
  return openEngine({
    home,
    modules: [benchModule],
    contracts: createContracts(),
    env: {},
    ...(retention === undefined ? {} : { retention }),
  });
}

async function runOne(engine: Engine, directory: string, n: number): Promise<void> {
  const id = await engine.start({ flow, input: { n }, options: optionsIn(join(directory, 'out')), by: 'bench' });
  for await (const summary of engine.watch(id, { everyMs: 3_600_000 })) if (summary.endedAt !== null) break;
}
