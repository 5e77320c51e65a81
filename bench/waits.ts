/**
 * Many items that wait at once: how long until all do, what that takes in memory, and how fast signals and answers
 * reach them. `node bench/waits.ts [items]`, by default 10,000.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '@scriptorium/core';
import { openEngine } from '@scriptorium/engine';
import { compileFlow, createContracts } from '@scriptorium/flow';
import { benchModule, handlers } from './noop.ts';

const items = Number(process.argv[2] ?? 10_000);
/** So many of the waits are ended by signals, and as many by answers. */
const SENT = 500;

const source = `
flow: bench/waits
version: "1.0.0"
input: { count: { type: integer } }
steps:
  list: { uses: bench/list, with: { count: "\${ input.count }" } }
  orders:
    each: { in: "\${ list }", as: n, key: "\${ string(n) }", workers: "\${ input.count }" }
    wait: { event: paid, match: "\${ event.n == n }" }
    timeout: 30d
output: \${ orders.ok.size() }
`;

const { flow } = compileFlow(source, { file: 'waits.flow.yaml', callables: new Map(handlers.map((handler) => [handler.name, handler])) });
if (flow === null) throw new Error('the flow does not compile');
const directory = mkdtempSync(join(tmpdir(), 'scriptorium-bench-'));
const open = (): ReturnType<typeof openEngine> =>
  openEngine({ home: join(directory, 'store'), modules: [benchModule], contracts: createContracts(), env: {} });

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1_000_000;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

async function allWait(host: Host, run: string, count: number): Promise<void> {
  while ((await host.describe(run)).progress.awaiting < count) await new Promise((resolve) => setTimeout(resolve, 20));
}

const first = await open();
const before = heapMb();
const options = {
  mode: 'flexible',
  test: false,
  dryRun: false,
  limit: null,
  out: join(directory, 'out'),
  fresh: false,
  modules: [],
} as const;
let run = '';
const begin = await timed(async () => {
  run = await first.start({ flow, input: { count: items }, options, by: 'bench' });
  await allWait(first, run, items);
});
const held = heapMb() - before;
const bySignal = await timed(async () => {
  for (let n = 0; n < SENT; n += 1) await first.signal(run, { name: 'paid', payload: { n: items - 1 - n }, id: null, by: 'bench' });
});
const byAnswer = await timed(async () => {
  for (let n = 0; n < SENT; n += 1)
    await first.answer(run, { step: 'orders', item: String(n), answer: { n }, as: null, id: null, by: 'bench' });
});
await first.stop();
const second = await open();
const again = await timed(async () => {
  await second.resume(run, 'bench');
  await allWait(second, run, items - 2 * SENT);
});
await second.stop();
rmSync(directory, { recursive: true });

const rate = (count: number, ms: number): string => `${Math.round((count / ms) * 1_000).toLocaleString('en')} a second`;
process.stdout.write(
  `${[
    `${items.toLocaleString('en')} items wait after ${(begin / 1_000).toFixed(1)} s (${rate(items, begin)})`,
    `they take ${held.toFixed(0)} MB of the heap (${((held * 1_000) / items).toFixed(1)} kB each)${globalThis.gc === undefined ? '; node --expose-gc for a steadier figure' : ''}`,
    `${SENT} signals, one after another, each matched among all of them: ${rate(SENT, bySignal)}`,
    `${SENT} answers, one after another: ${rate(SENT, byAnswer)}`,
    `resumed by another engine after ${(again / 1_000).toFixed(1)} s`,
  ].join('\n')}\n`,
);
