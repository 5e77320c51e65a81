/**
 * The book pipeline over the corpus through a real engine: time, MB/s and parallel efficiency (processor time over wall
 * time × cores) of the deterministic stages, validation by rules and EPUB and Markdown of each book included.
 *
 *   node bench/books/pipeline.ts [--books ../shared/corpus/raw] [--workers 10]
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { booksFlow } from '@scriptorium/books';
import type { RunSummary } from '@scriptorium/core';
import { coreHandlers, openEngine } from '@scriptorium/engine';
import { compileFlow, createContracts } from '@scriptorium/flow';

const corpus = fileURLToPath(new URL('../../../shared/corpus/raw', import.meta.url));
const { values: args } = parseArgs({ options: { books: { type: 'string', default: corpus }, workers: { type: 'string', default: '10' } } });

const callables = new Map([...coreHandlers, ...booksFlow.module.handlers].map((handler) => [handler.name, handler]));
const { flow } = compileFlow(readFileSync(booksFlow.file, 'utf8'), { file: booksFlow.file, callables });
if (flow === null) throw new Error('the book flow does not compile');
const home = mkdtempSync(join(tmpdir(), 'scriptorium-bench-'));
const engine = await openEngine({ home, modules: [booksFlow.module], contracts: createContracts(), env: {} });

const options = { mode: 'best_effort', test: false, dryRun: false, limit: null, out: join(home, 'out'), fresh: true, modules: [] } as const;
const input = {
  folder: args.books,
  catalog: null,
  workers: Number(args.workers),
  ai: false,
  model: 'none',
  typography: 'printed',
  volumes: 'folder',
  formats: ['epub', 'markdown'],
};
const cpu = process.cpuUsage();
const started = performance.now();
const run = await engine.start({ flow, input, options, by: 'bench' });
let last: RunSummary | null = null;
let lag = 0;
let beat = performance.now();
const beating = setInterval(() => {
  lag = Math.max(lag, performance.now() - beat - 10);
  beat = performance.now();
}, 10);
for await (const summary of engine.watch(run, { everyMs: 500 })) last = summary;
const seconds = (performance.now() - started) / 1000;
clearInterval(beating);
const { user, system } = process.cpuUsage(cpu);
await engine.drain();
rmSync(home, { recursive: true });

if (last?.error != null) throw new Error(`the run ended as ${last.status}: ${last.error.message}`);
const megabytes = bytesBelow(args.books) / 1e6;
const cores = availableParallelism();
const busy = (user + system) / 1e6;
console.log('stage            done  failed    p50 ms    p95 ms');
for (const stage of last?.progress.stages ?? []) {
  console.log(
    `${stage.id.padEnd(15)}${String(stage.succeeded).padStart(6)}${String(stage.failed).padStart(8)}${stage.ms.p50.toFixed(0).padStart(10)}${stage.ms.p95.toFixed(0).padStart(10)}`,
  );
}
console.log(
  `${last?.progress.items.succeeded} of ${last?.progress.items.total} books, ${megabytes.toFixed(1)} MB in ${seconds.toFixed(2)} s: ${(megabytes / seconds).toFixed(1)} MB/s`,
);
console.log(
  `processor time ${busy.toFixed(2)} s on ${cores} cores: parallel efficiency ${(busy / seconds / cores).toFixed(2)}; the engine's loop was late by at most ${lag.toFixed(0)} ms`,
);

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
