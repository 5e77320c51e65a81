/**
 * What a refused start takes of the processor: of an engine that may have no run at all, asked in its own process, and by
 * another process over the socket of the store, some at a time.
 *
 *   node bench/engine/refusals.ts [--count 100000]
 */

import { fork } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HostError } from '@scriptorium/core';
import type { Host } from '@scriptorium/core';
import { connect } from '@scriptorium/engine';
import type { EngineOptions } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { inScratch } from '../scratch.ts';
import { benchModule, compileThree, optionsIn } from './noop.ts';

const { values: args } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    /** Of the process that asks over the socket: the store. */
    store: { type: 'string' },
  },
});
const count = Number(args.count);
const AT_ONCE = 500;

const flow = compileThree();
if (args.store === undefined) await inScratch((directory) => measure(join(directory, 'store')));
else await askOver(args.store);

async function measure(home: string): Promise<void> {
  const { host, close } = await connect(optionsOf(home));
  await ask(host, count / 10);
  console.log(`in the process of the engine   ${(await ask(host, count)).toFixed(1)} µs`);
  const child = fork(import.meta.filename, ['--store', home, '--count', args.count]);
  const heard = (): Promise<unknown> => new Promise((resolve) => child.once('message', resolve));
  await heard();
  const before = process.cpuUsage();
  const callerUs = Number(await heard());
  console.log(`over the socket, the engine    ${(usedSince(before) / count).toFixed(1)} µs`);
  console.log(`over the socket, its caller    ${callerUs.toFixed(1)} µs`);
  await close();
}

async function askOver(home: string): Promise<void> {
  const { host, close } = await connect(optionsOf(home));
  await ask(host, count / 10);
  process.send?.('warm');
  const us = await ask(host, count);
  await close();
  process.send?.(us, () => process.disconnect());
}

function optionsOf(home: string): EngineOptions {
  return { home, modules: [benchModule], contracts: createContracts(), env: {}, maxRuns: 0 };
}

/** Microseconds of this process for each of so many refusals. */
async function ask(host: Host, times: number): Promise<number> {
  const options = optionsIn('out');
  const refused = async (n: number): Promise<void> => {
    const error: unknown = await host.start({ flow, input: { n }, options, by: 'bench' }).catch((reason: unknown) => reason);
    if (!(error instanceof HostError) || error.code !== 'overloaded') throw new Error(`it was not refused: ${String(error)}`);
  };
  const before = process.cpuUsage();
  for (let n = 0; n < times; n += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => refused(n + index)));
  return usedSince(before) / times;
}

function usedSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
