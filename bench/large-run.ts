/**
 * How long a large run takes to come back: a batch is ended in its midst as a crash ends it, and another engine opens the
 * store and resumes the run. Beside it, in the same process, a raw scan of the same rows.
 *
 *   node bench/recovery.ts [--items 125000] [--workers 64] [--share 0.98]     three steps an item: some 8 events each
 */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openEngine } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { compileFlow, createContracts } from '@scriptorium/flow';
import { benchModule, handlers } from './noop.ts';

const { values: args } = parseArgs({
  options: {
    items: { type: 'string', default: '125000' },
    workers: { type: 'string', default: '64' },
    share: { type: 'string', default: '0.98' },
  },
});
const items = Number(args.items);
const most = items * Number(args.share);

const source = `
flow: bench/recovery
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
`;
const { flow } = compileFlow(source, {
  file: 'recovery.flow.yaml',
  callables: new Map(handlers.map((handler) => [handler.name, handler])),
});
if (flow === null) throw new Error('the flow does not compile');

const home = mkdtempSync(join(tmpdir(), 'scriptorium-bench-'));
const open = (): Promise<Engine> => openEngine({ home, modules: [benchModule], contracts: createContracts(), env: {} });
const settledIn = async (engine: Engine): Promise<number> => (await engine.describe(run)).progress.items.succeeded;
const timed = async <T>(work: () => Promise<T>): Promise<{ readonly seconds: number; readonly result: T }> => {
  const started = performance.now();
  const result = await work();
  return { seconds: (performance.now() - started) / 1_000, result };
};

const first = await open();
const options = { mode: 'flexible', test: false, dryRun: false, limit: null, out: join(home, 'out'), fresh: false, modules: [] } as const;
const made = performance.now();
const run = await first.start({ flow, input: { count: items, workers: Number(args.workers) }, options, by: 'bench' });
while ((await settledIn(first)) < most) await pause(20);
await first.abandon();
const madeSeconds = (performance.now() - made) / 1_000;

const path = join(home, 'journal.db');
const { events, seconds: scanSeconds } = scan();
const opening = await timed(open);
const settled = await settledIn(opening.result);
const resuming = await timed(() => opening.result.resume(run, 'bench'));
const going = await timed(async () => {
  while ((await settledIn(opening.result)) === settled) await pause(1);
});
const closing = await timed(() => opening.result.stop());
const again = await timed(open);
const resumedAgain = await timed(() => again.result.resume(run, 'bench'));
await again.result.abandon();
const megabytes = statSync(path).size / 1_000_000;
rmSync(home, { recursive: true });

const show = (what: string, seconds: number): string => `${what.padEnd(44)} ${seconds.toFixed(2).padStart(7)} s`;
console.log(
  [
    `${events.toLocaleString('en')} events of ${settled.toLocaleString('en')} settled items, ${megabytes.toFixed(0)} MB (made in ${madeSeconds.toFixed(0)} s)`,
    show('raw scan of the rows', scanSeconds),
    show('after a crash: the store is open', opening.seconds),
    show('after a crash: the run is resumed', resuming.seconds),
    show('after a crash: the next item has settled', going.seconds),
    show('in all', opening.seconds + resuming.seconds + going.seconds),
    show('stopped cleanly, with the report', closing.seconds),
    show('after that: the store is open', again.seconds),
    show('after that: the run is resumed', resumedAgain.seconds),
  ].join('\n'),
);

/** Every row read whole, and nothing done with it. */
function scan(): { readonly events: number; readonly seconds: number } {
  const db = new DatabaseSync(path, { readOnly: true });
  const started = performance.now();
  let events = 0;
  for (const row of db.prepare('SELECT * FROM events ORDER BY gseq').iterate()) if (row['body'] !== null) events += 1;
  db.close();
  return { events, seconds: (performance.now() - started) / 1_000 };
}
