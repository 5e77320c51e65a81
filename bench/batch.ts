/**
 * A large batch of trivial items through a real engine on a real SQLite file: time, items a second, memory and bytes of
 * store per item.
 *
 *   node --max-semi-space-size=8 bench/batch.ts [--items 100000] [--workers 64]
 */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Tally } from '@scriptorium/core';
import { openEngine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { benchModule, compileBench } from './noop.ts';

const { values: args } = parseArgs({
  options: { items: { type: 'string', default: '100000' }, workers: { type: 'string', default: '64' } },
});
const count = Number(args.items);

const home = mkdtempSync(join(tmpdir(), 'scriptorium-bench-'));
const engine = await openEngine({ home, modules: [benchModule], contracts: createContracts(), env: {} });
let peak = 0;
const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
const started = performance.now();
const options = { mode: 'flexible', test: false, dryRun: false, limit: null, out: join(home, 'out'), fresh: false, modules: [] } as const;
const run = await engine.start({ flow: compileBench(), input: { count, workers: Number(args.workers) }, options, by: 'bench' });
let unbalanced = 0;
let last: Tally | null = null;
for await (const { progress } of engine.watch(run, { everyMs: 50 })) {
  last = progress.items;
  if (last.waiting + last.running + last.succeeded + last.failed + last.skipped + last.cancelled !== last.total) unbalanced += 1;
}
const seconds = (performance.now() - started) / 1000;
clearInterval(sampling);
await engine.drain();
const bytes = statSync(join(home, 'journal.db')).size;
rmSync(home, { recursive: true });
console.log(`${last?.succeeded} of ${count} items in ${seconds.toFixed(2)} s with the report: ${(count / seconds).toFixed(0)} items/s`);
console.log(
  `peak RSS ${(peak / 1024 / 1024).toFixed(0)} MiB, store ${(bytes / count).toFixed(0)} B/item, snapshots whose counters did not add up: ${unbalanced}`,
);
