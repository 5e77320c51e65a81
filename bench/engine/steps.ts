/**
 * What the engine costs: no-op steps a second through a real engine on a real SQLite file with full durability, beside
 * raw SQLite committing rows of the same size in groups of the same size, measured in the same run.
 *
 *   node bench/engine/steps.ts [--seconds 5]
 */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { createContracts } from '@scriptorium/flow';
import { openEngine } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import type { Flow, RunOptions } from '@scriptorium/core';
import { benchModule, compileBench } from './noop.ts';

const { values: args } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } });
const secondsEach = Number(args.seconds);

interface Measured {
  readonly stepsPerSecond: number;
  readonly bytesPerStep: number;
  readonly commits: number;
  readonly rows: number;
}

const flow = compileBench();
const rows: string[][] = [['in flight', 'steps/s', 'events/s', 'events/commit', 'raw rows/s', 'ratio to raw', 'store B/step']];
for (const workers of [1, 64, 1024]) {
  await measure(flow, workers, 300);
  const trial = await measure(flow, workers, Math.max(200, workers * 4));
  const count = Math.max(200, Math.min(400_000, Math.round(trial.stepsPerSecond * secondsEach)));
  const measured = await measure(flow, workers, count);
  const eventsPerStep = measured.rows / count;
  const group = Math.max(1, Math.round(measured.rows / measured.commits));
  const raw = rawRate(group, Math.min(measured.rows, 400_000), Math.round(measured.bytesPerStep / eventsPerStep));
  const events = measured.stepsPerSecond * eventsPerStep;
  rows.push([
    String(workers),
    measured.stepsPerSecond.toFixed(0),
    events.toFixed(0),
    String(group),
    raw.toFixed(0),
    (events / raw).toFixed(2),
    measured.bytesPerStep.toFixed(0),
  ]);
}
for (const row of rows) console.log(row.map((cell) => cell.padStart(14)).join(''));

async function measure(definition: Flow, workers: number, count: number): Promise<Measured> {
  const home = mkdtempSync(join(tmpdir(), 'scriptorium-bench-'));
  const engine = await openEngine({ home, modules: [benchModule], contracts: createContracts(), env: {} });
  try {
    return await runOnce(engine, home, definition, workers, count);
  } finally {
    await engine.stop();
    rmSync(home, { recursive: true });
  }
}

async function runOnce(engine: Engine, home: string, definition: Flow, workers: number, count: number): Promise<Measured> {
  const options: RunOptions = {
    mode: 'flexible',
    test: false,
    dryRun: false,
    limit: null,
    out: join(home, 'out'),
    fresh: false,
    modules: [],
  };
  const started = performance.now();
  const run = await engine.start({ flow: definition, input: { count, workers }, options, by: 'bench' });
  let last;
  for await (const summary of engine.watch(run, { everyMs: 1_000_000 })) last = summary;
  while (last?.endedAt === null) last = await engine.describe(run);
  const seconds = ((last?.endedAt ?? 0) - (last?.startedAt ?? 0)) / 1000;
  if (last?.status !== 'succeeded' || last.output !== count)
    throw new Error(`the run ${run} is ${last?.status}: ${JSON.stringify(last?.error)} after ${performance.now() - started} ms`);
  const { commits, events } = engine.written();
  return { stepsPerSecond: count / seconds, bytesPerStep: statSync(join(home, 'journal.db')).size / count, commits, rows: events };
}

/** Rows a second of one prepared INSERT in transactions of `group` rows, with WAL and FULL. */
function rawRate(group: number, total: number, bytes: number): number {
  const directory = mkdtempSync(join(tmpdir(), 'scriptorium-bench-'));
  const db = new DatabaseSync(join(directory, 'raw.db'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)');
  const insert = db.prepare('INSERT INTO rows (body) VALUES (?)');
  const body = 'x'.repeat(Math.max(1, bytes));
  const started = performance.now();
  let written = 0;
  while (written < total && performance.now() - started < secondsEach * 1000) {
    db.exec('BEGIN IMMEDIATE');
    for (let row = 0; row < group; row += 1) insert.run(body);
    db.exec('COMMIT');
    written += group;
  }
  const rate = written / ((performance.now() - started) / 1000);
  db.close();
  rmSync(directory, { recursive: true });
  return rate;
}
