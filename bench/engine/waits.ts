/**
 * Many items that wait at once: how long until all do, what that takes in memory, and how fast signals and answers
 * reach them, one after another and many at once; and the same of a process of its own that goes on with them, after the
 * first engine has stopped, and after another one was killed. By default 10,000; it is run with what the launcher gives
 * Node, because that is what a user has:
 *
 *   node scripts/start.mjs bench/engine/waits.ts [items]
 *
 * With `--expose-gc` the heap that they take is known better, and the process has some 30 MB more at most.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openEngine } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { compileFlow, createContracts } from '@scriptorium/flow';
import { numberOf, report } from '../figures.ts';
import type { Figure } from '../figures.ts';
import { peakMb } from '../peak.ts';
import { benchModule, handlers } from './noop.ts';
import { storeFault } from './oracle.ts';

/** With `--resume` it goes on with the run in the store below `--in` until `items` of it wait, and is killed there where `--kill` says so. */
const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: { resume: { type: 'string' }, in: { type: 'string' }, kill: { type: 'boolean' } },
});
const items = Number(positionals[0] ?? 10_000);
/** So many of the waits are ended in each of the four ways: half of them are left to be gone on with, or more. */
const SENT = Math.min(500, Math.floor(items / 8));
/** So many senders at once, each of which sends its next when it has heard of its last. */
const SENDERS = 64;

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
const directory = args.in ?? mkdtempSync(join(tmpdir(), 'scriptorium-bench-'));
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

async function send(one: () => Promise<unknown>, senders: number): Promise<void> {
  let left = SENT;
  const sender = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
}

/** Until each waits, and the root of the run knows of it. */
async function allWait(engine: Engine, run: string, count: number): Promise<void> {
  while ((await engine.describe(run)).progress.awaiting < count || engine.activity().unsettled)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

if (args.resume !== undefined) await goOn(args.resume);

/** What another process says of its work. */
interface Resumed {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Never returns: the process ends as it should. */
async function goOn(waiting: string): Promise<never> {
  const engine = await open();
  const ms = await timed(async () => {
    await engine.resume(waiting, 'bench');
    await allWait(engine, waiting, items);
  });
  process.stdout.write(JSON.stringify({ seconds: ms / 1_000, megabytes: peakMb() } satisfies Resumed));
  if (args.kill === true) process.exit();
  await engine.stop();
  process.exit();
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
const beginPeak = peakMb();
const held = heapMb() - before;
let ended = 0;
const signal = async (): Promise<unknown> => {
  ended += 1;
  return first.signal(run, { name: 'paid', payload: { n: items - ended }, id: null, by: 'bench' });
};
const answer = async (): Promise<unknown> => {
  ended += 1;
  const n = items - ended;
  return first.answer(run, { step: 'orders', item: String(n), answer: { n }, as: null, id: null, by: 'bench' });
};
const sent: readonly (readonly [string, number])[] = [
  ['signals, one after another', await timed(() => send(signal, 1))],
  ['answers, one after another', await timed(() => send(answer, 1))],
  [`signals, ${SENDERS} at once`, await timed(() => send(signal, SENDERS))],
  [`answers, ${SENDERS} at once`, await timed(() => send(answer, SENDERS))],
];
await first.stop();
const sentPeak = peakMb();
const inAnother = (...more: readonly string[]): Resumed => {
  const own = [fileURLToPath(import.meta.url), String(items - ended), '--resume', run, '--in', directory, ...more];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, ...own], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Resumed;
};
const again = inAnother('--kill');
const afterKill = inAnother();
const fault = storeFault(join(directory, 'store'));
rmSync(directory, { recursive: true });

/** That of the issue: for a hundred thousand. */
const MOST_MB = 300;
const what = `${numberOf(items)} waits`;
const memory = (when: string, megabytes: number, beside: string): Figure => ({
  what: `${what}: most memory ${when}`,
  value: megabytes,
  unit: 'MB',
  beside,
  ...(items === 100_000 ? { goal: { atMost: MOST_MB } } : {}),
  fault,
});
const rate = (count: number, ms: number): string => `${numberOf((count / ms) * 1_000)} a second`;
report([
  memory(
    'while they begin',
    beginPeak,
    `after ${numberOf(begin / 1_000)} s, ${rate(items, begin)}; ${numberOf((held * 1_000) / items)} kB of heap each`,
  ),
  memory('until it has stopped', sentPeak, sent.map(([how, ms]) => `${how}: ${rate(SENT, ms)}`).join('; ')),
  memory('resumed', again.megabytes, `all wait again after ${numberOf(again.seconds)} s`),
  memory('resumed after a kill', afterKill.megabytes, `after ${numberOf(afterKill.seconds)} s`),
]);
