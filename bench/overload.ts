/**
 * What an engine does when it is asked for more than it can do: runs of three no-op steps, first as many as it does with
 * 256 at once, then ten times as many, whatever becomes of them, then half of that. Those that are let in must be served
 * within three times what they usually take, the rest be refused, and soon after everything must be as it was.
 *
 *     node bench/overload.ts [--seconds 5]
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { HostError } from '@scriptorium/core';
import type { Flow } from '@scriptorium/core';
import { openEngine } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { compileFlow, createContracts } from '@scriptorium/flow';
import { benchModule, handlers } from './noop.ts';

const { values: args } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } });
const secondsEach = Number(args.seconds);

const IN_FLIGHT = 256;
/** What whoever asks would rather go elsewhere than wait for. */
const PATIENCE_MS = 100;

const source = `
flow: bench/three
version: "1.0.0"
steps:
  a: { uses: bench/noop, with: { n: 1 } }
  b: { uses: bench/noop, needs: [a], with: { n: 2 } }
  c: { uses: bench/noop, needs: [b], with: { n: 3 } }
output: \${ c }
`;

interface Phase {
  readonly asked: number;
  readonly refused: number;
  /** Time from asking to the end of each run that was let in, in milliseconds, by when it was asked for. */
  readonly served: readonly { readonly at: number; readonly ms: number }[];
}

const directory = mkdtempSync(join(tmpdir(), 'scriptorium-bench-'));
const engine = await openEngine({ home: join(directory, 'store'), modules: [benchModule], contracts: createContracts(), env: {} });
const flow = compiled();
await closed(engine, flow, 1);
const full = await closed(engine, flow, secondsEach);
const rate = full.served.length / secondsEach;
const tenfold = await open(engine, flow, rate * 10, secondsEach);
const after = await open(engine, flow, rate / 2, secondsEach);
await engine.stop();
rmSync(directory, { recursive: true });

const usual = quantile(
  full.served.map(({ ms }) => ms),
  0.99,
);
const normalAt = normalFrom(after, usual);
const rows = [
  ['', 'asked for/s', 'let in/s', 'refused', 'p50 ms', 'p99 ms'],
  ...(
    [
      [`${IN_FLIGHT} at once`, full],
      ['at ten times', tenfold],
      ['at half', after],
    ] as const
  ).map(([name, { asked, refused, served }]) => [
    name,
    (asked / secondsEach).toFixed(0),
    (served.length / secondsEach).toFixed(0),
    String(refused),
    quantile(
      served.map(({ ms }) => ms),
      0.5,
    ).toFixed(1),
    quantile(
      served.map(({ ms }) => ms),
      0.99,
    ).toFixed(1),
  ]),
];
for (const row of rows) console.log(row.map((cell, column) => (column === 0 ? cell.padEnd(14) : cell.padStart(13))).join(''));
console.log(
  `p99 under overload is ${(
    quantile(
      tenfold.served.map(({ ms }) => ms),
      0.99,
    ) / usual
  ).toFixed(1)} times the usual one; as before ${normalAt.toFixed(1)} s after it`,
);

/** As many runs as it ends with so many at once. */
async function closed(host: Engine, definition: Flow, seconds: number): Promise<Phase> {
  const began = performance.now();
  const served: { at: number; ms: number }[] = [];
  const worker = async (): Promise<void> => {
    for (let at = 0; at < seconds * 1_000; at = performance.now() - began) {
      const from = performance.now();
      await runOnce(host, definition);
      served.push({ at, ms: performance.now() - from });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return { asked: served.length, refused: 0, served };
}

/** Runs asked for at this rate, whatever becomes of them. */
async function open(host: Engine, definition: Flow, perSecond: number, seconds: number): Promise<Phase> {
  const began = performance.now();
  const served: { at: number; ms: number }[] = [];
  const under = new Set<Promise<void>>();
  let [asked, refused] = [0, 0];
  for (let at = 0; at < seconds * 1_000; at = performance.now() - began) {
    for (; asked < (at / 1_000) * perSecond; asked += 1) {
      const from = performance.now();
      const one = runOnce(host, definition, PATIENCE_MS)
        .then(() => void served.push({ at, ms: performance.now() - from }))
        .catch((error: unknown) => {
          if (!(error instanceof HostError) || error.code !== 'overloaded') throw error;
          refused += 1;
        })
        .finally(() => under.delete(one));
      under.add(one);
    }
    await sleep(1);
  }
  await Promise.all(under);
  return { asked, refused, served };
}

async function runOnce(host: Engine, definition: Flow, withinMs = 60_000): Promise<void> {
  const options = {
    mode: 'flexible',
    test: false,
    dryRun: false,
    limit: null,
    out: join(directory, 'out'),
    report: false,
    fresh: true,
    modules: [],
  } as const;
  const run = await host.start({ flow: definition, input: {}, options, by: 'bench', withinMs });
  for await (const { status, output } of host.watch(run, { everyMs: 1_000_000 }))
    if (status === 'failed' || status === 'cancelled') throw new Error(`run ${run} is ${status}: ${JSON.stringify(output)}`);
}

/** After how many seconds the p99 of each later tenth of a second is no more than three times the usual one. */
function normalFrom({ served }: Phase, usualMs: number): number {
  const windows = Map.groupBy(served, ({ at }) => Math.floor(at / 100));
  const late = [...windows]
    .filter(
      ([, own]) =>
        quantile(
          own.map(({ ms }) => ms),
          0.99,
        ) >
        3 * usualMs,
    )
    .map(([window]) => window);
  return late.length === 0 ? 0 : (Math.max(...late) + 1) / 10;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function compiled(): Flow {
  const { flow: made, diagnostics } = compileFlow(source, {
    file: 'three.flow.yaml',
    callables: new Map(handlers.map((handler) => [handler.name, handler])),
  });
  if (made === null) throw new Error(JSON.stringify(diagnostics));
  return made;
}
