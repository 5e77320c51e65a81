/**
 * How long a large run takes to come back: a batch is ended in its midst as a crash ends it, and another engine opens the
 * store and resumes the run; first with what was kept of it on the way, then in a copy of the store that has lost that,
 * where every event is folded again. Beside it, in the same process, a raw scan of the same rows. Then the run ends, for
 * the oracle.
 *
 *   node bench/engine/large-run.ts [--items 125000] [--workers 64] [--share 0.98]     three steps an item: some 8 events each
 */

import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openEngine } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { numberOf, report } from '../figures.ts';
import type { Figure } from '../figures.ts';
import { benchModule, compile, optionsIn } from './noop.ts';
import { faultIn } from './oracle.ts';
import { inScratch } from '../scratch.ts';

const { values: args } = parseArgs({
  options: {
    items: { type: 'string', default: '125000' },
    workers: { type: 'string', default: '64' },
    share: { type: 'string', default: '0.98' },
  },
});
const items = Number(args.items);
const most = items * Number(args.share);
const MOST_SECONDS = 10;

const flow = compile(`
flow: bench/large-run
version: "1.0.0"
input: { count: { type: integer }, workers: { type: integer } }
steps:
  list: { uses: bench/list, with: { count: "\${ input.count }" } }
  work:
    each: { in: "\${ list }", as: n, workers: "\${ input.workers }" }
    steps:
      one: { uses: bench/noop }
      two: { uses: bench/noop, needs: [one] }
      three: { uses: bench/noop, needs: [two] }
    output: \${ n }
output: \${ work.ok.size() }
`);

report(await inScratch(measure));

interface Return {
  /** Seconds from opening the store to the run at work again, its progress known. */
  readonly open: number;
  readonly resume: number;
  readonly peakMb: number;
}

async function measure(directory: string): Promise<readonly Figure[]> {
  const home = join(directory, 'store');
  const run = await makeRun(home, join(directory, 'out'));
  const bare = withoutSnapshots(home, join(directory, 'bare'));
  const scanned = scan(home);
  const folded = await comeBack(bare, run, (engine) => engine.abandon());
  const kept = await comeBack(home, run, async (engine) => {
    for await (const summary of engine.watch(run, { everyMs: 3_600_000 })) if (summary.endedAt !== null) break;
    await engine.drain();
  });
  const fault = faultIn(home, { runs: new Map([[run, items]]), events: null });
  const size = numberOf(statSync(join(home, 'journal.db')).size / 1e6);
  const what = `a run of ${numberOf(scanned.events)} events`;
  const beside = ({ open, resume, peakMb }: Return): string =>
    `the store is open after ${numberOf(open)} s, the run resumed ${numberOf(resume)} s later, at most ${numberOf(peakMb)} MB`;
  const goal = { atMost: MOST_SECONDS };
  return [
    {
      what: `${what} at work again, every event folded`,
      value: folded.open + folded.resume,
      unit: 's',
      goal,
      beside: `${beside(folded)}; a raw scan of its rows takes ${numberOf(scanned.seconds)} s`,
      fault,
    },
    {
      what: `${what} at work again, with its snapshots`,
      value: kept.open + kept.resume,
      unit: 's',
      goal,
      beside: `${beside(kept)}; ${size} MB`,
      fault,
    },
  ];
}

/** Ends an engine in the midst of the run. */
async function makeRun(home: string, out: string): Promise<string> {
  const engine = await open(home);
  const input = { count: items, workers: Number(args.workers) };
  const run = await engine.start({ flow, input, options: optionsIn(out), by: 'bench' });
  while ((await settledIn(engine, run)) < most) await pause(20);
  await engine.abandon();
  return run;
}

async function comeBack(home: string, run: string, end: (engine: Engine) => Promise<unknown>): Promise<Return> {
  globalThis.gc?.();
  let peak = 0;
  const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const from = performance.now();
  const engine = await open(home);
  const opened = performance.now();
  await engine.resume(run, 'bench');
  const { events } = engine.written();
  await engine.describe(run);
  while (engine.written().events === events) await pause(1);
  const resumed = performance.now();
  clearInterval(sampling);
  await end(engine);
  return { open: (opened - from) / 1_000, resume: (resumed - opened) / 1_000, peakMb: peak / 1e6 };
}

function open(home: string): Promise<Engine> {
  return openEngine({ home, modules: [benchModule], contracts: createContracts(), env: {} });
}

async function settledIn(engine: Engine, run: string): Promise<number> {
  return (await engine.describe(run)).progress.items.succeeded;
}

/** A copy of the store, as it is without what was kept on the way. */
function withoutSnapshots(home: string, copy: string): string {
  mkdirSync(copy);
  const source = new DatabaseSync(join(home, 'journal.db'));
  source.prepare('VACUUM INTO ?').run(join(copy, 'journal.db'));
  source.close();
  const db = new DatabaseSync(join(copy, 'journal.db'));
  db.exec('DELETE FROM snapshots');
  db.close();
  return copy;
}

/** Every row read whole, and nothing done with it. */
function scan(home: string): { readonly events: number; readonly seconds: number } {
  const db = new DatabaseSync(join(home, 'journal.db'), { readOnly: true });
  const started = performance.now();
  let events = 0;
  for (const row of db.prepare('SELECT * FROM events ORDER BY gseq').iterate()) if (row['body'] !== null) events += Number(row['count']);
  db.close();
  return { events, seconds: (performance.now() - started) / 1_000 };
}
