/**
 * A large batch of trivial items through a real engine on a real SQLite file: time, items a second, memory and bytes of
 * store per item.
 *
 *   node --max-semi-space-size=4 --heap-growing-percent=40 bench/engine/batch.ts [100000] [--workers 64]
 */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Failure, Tally } from '@scriptorium/core';
import { openEngine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { benchModule, compileBench } from './noop.ts';

const { values: args, positionals } = parseArgs({ allowPositionals: true, options: { workers: { type: 'string', default: '64' } } });
const count = Number(positionals[0] ?? 100_000);

const home = mkdtempSync(join(tmpdir(), 'scriptorium-bench-'));
const engine = await openEngine({ home, modules: [benchModule], contracts: createContracts(), env: {} });
let peak = 0;
let most = 0;
const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
const started = performance.now();
const options = { mode: 'flexible', test: false, dryRun: false, limit: null, out: join(home, 'out'), fresh: false, modules: [] } as const;
const run = await engine.start({ flow: compileBench(), input: { count, workers: Number(args.workers) }, options, by: 'bench' });
let unbalanced = 0;
let last: Tally | null = null;
let error: Failure | null = null;
/** Most memory of the process while each tenth of the items was done. */
const tenths: number[] = [];
for await (const { progress, error: failure } of engine.watch(run, { everyMs: 50 })) {
  last = progress.items;
  error = failure;
  if (last.total > 0 && (last.succeeded / count) * 10 > tenths.length) {
    tenths.push(peak);
    most = Math.max(most, peak);
    peak = 0;
  }
  if (last.waiting + last.running + last.succeeded + last.failed + last.skipped + last.cancelled !== last.total) unbalanced += 1;
}
const seconds = (performance.now() - started) / 1000;
clearInterval(sampling);
await engine.drain();
const bytes = statSync(join(home, 'journal.db')).size;
rmSync(home, { recursive: true });
console.log(`${last?.succeeded} of ${count} items in ${seconds.toFixed(2)} s with the report: ${(count / seconds).toFixed(0)} items/s`);
if (error !== null) console.log(`it failed: ${error.code}: ${error.message}`);
console.log(`peak RSS in each tenth of it: ${tenths.map(mebibytes).join(', ')} MiB; with the report at its end ${mebibytes(peak)}`);
console.log(
  `peak RSS ${mebibytes(Math.max(most, peak))} MiB, store ${(bytes / count).toFixed(0)} B/item, snapshots whose counters did not add up: ${unbalanced}`,
);

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}
