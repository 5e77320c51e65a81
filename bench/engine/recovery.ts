/**
 * An engine that is killed in the midst of many runs: how long until the next one has opened the store and works on all
 * of them again, each with the attempt that the kill has cut off.
 *
 *   node bench/engine/recovery.ts [--runs 10000]
 */

import { fork } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defineHandler } from '@scriptorium/core';
import type { Handler, Json } from '@scriptorium/core';
import { openEngine } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { numberOf, report } from '../figures.ts';
import type { Row } from '../figures.ts';
import { compile, optionsIn } from './noop.ts';
import { faultIn } from './oracle.ts';
import { inScratch } from '../scratch.ts';

const { values: args } = parseArgs({
  options: { runs: { type: 'string', default: '10000' }, victim: { type: 'string', default: '' } },
});
const count = Number(args.runs);
/** Started at once. */
const STARTERS = 256;

/** The handlers that are at work, until they are let go. */
const held: (() => void)[] = [];
const allHeld = Promise.withResolvers<void>();

const handlers: readonly Handler[] = [
  defineHandler<{ n: number }>({
    name: 'bench/hold',
    version: '1.0.0',
    doc: 'Works until it is let go.',
    input: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
    output: { type: 'integer' },
    effects: 'none',
    run: async ({ n }) => {
      await new Promise<void>((resolve) => {
        if (held.push(resolve) === count) allHeld.resolve();
      });
      return n;
    },
  }),
];

const flow = compile(
  `
flow: bench/held
version: "1.0.0"
input: { n: { type: integer } }
steps:
  first: { value: "\${ input.n }" }
  hold: { uses: bench/hold, with: { n: "\${ first }" } }
output: \${ hold }
`,
  handlers,
);

if (args.victim === '') report(await inScratch(measure));
else await fill(args.victim);

function open(home: string): Promise<Engine> {
  return openEngine({ home, modules: [{ url: import.meta.url, handlers }], contracts: createContracts(), env: {} });
}

/** Starts the runs, tells their names when all are at work, and goes on until it is killed. */
async function fill(directory: string): Promise<void> {
  const engine = await open(join(directory, 'store'));
  const runs: (readonly [string, number])[] = [];
  let next = 0;
  const starter = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      const run = await engine.start({ flow, input: { n }, options: optionsIn(join(directory, 'out')), by: 'bench' });
      runs.push([run, n]);
    }
  };
  await Promise.all([...Array.from({ length: STARTERS }, starter), allHeld.promise]);
  process.send?.(runs);
}

async function measure(directory: string): Promise<readonly Row[]> {
  const victim = fork(import.meta.filename, ['--runs', String(count), '--victim', directory]);
  const started = await new Promise<readonly (readonly [string, number])[]>((resolve, reject) => {
    victim.once('message', (message) => resolve(message as readonly (readonly [string, number])[]));
    victim.once('exit', (code) => reject(new Error(`the victim ended by itself with ${code}`)));
  });
  const gone = new Promise((resolve) => victim.once('close', resolve));
  victim.kill('SIGKILL');
  await gone;
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  const engine = await open(join(directory, 'store'));
  const opened = (performance.now() - from) / 1000;
  await Promise.all(started.map(([run]) => engine.resume(run, 'bench')));
  await allHeld.promise;
  const [serving, used] = [(performance.now() - from) / 1000, process.cpuUsage(cpu)];
  for (const letGo of held) letGo();
  const runs = new Map<string, Json>(started);
  for (const [run] of runs) for await (const summary of engine.watch(run, { everyMs: 3_600_000 })) if (summary.endedAt !== null) break;
  await engine.drain();
  const fault = faultIn(join(directory, 'store'), { runs, events: null });
  const what = `killed with ${numberOf(count)} runs in flight`;
  return [
    {
      what,
      value: serving,
      unit: 's',
      beside: `all at work again; the store was open after ${numberOf(opened)} s; ${numberOf((used.user + used.system) / count)} µs of processor a run`,
      goal: { atMost: 5 },
      fault,
    },
  ];
}
