/** One handler for each place to run in, which misbehaves as it is told. */

import { fork, spawn } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineHandler, StepError } from '@scriptorium/core';
import type { Context, Handler, Json } from '@scriptorium/core';

interface Misdeed {
  readonly do: string;
  /** Where process ids are noted. */
  readonly pids?: string;
  readonly secret?: string;
  readonly ms?: number;
}

/** Kept here, so that nothing of it is collected. */
const kept: unknown[] = [];

const misdeeds: { readonly [name: string]: (input: Misdeed, context: Context) => Promise<Json> | Json } = {
  nothing: () => ({ done: true }),
  'note and spin': ({ pids = '' }) => {
    appendFileSync(pids, `${process.pid}\n`);
    return spin();
  },
  spin,
  'stand still': ({ pids = '' }) => {
    const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    while (!existsSync(pids)) Atomics.wait(never, 0, 0, 20);
    return { done: true };
  },
  'grow an array': () => {
    for (;;) kept.push([{ a: 1 }, { a: 2 }]);
  },
  'grow numbers': () => {
    const numbers: number[] = [];
    for (;;) numbers.push(numbers.length / 3);
  },
  'grow a map': () => {
    const map = new Map<number, object>();
    for (let n = 0; ; n += 1) map.set(n, { n });
  },
  'grow buffers': () => {
    for (;;) kept.push(Buffer.alloc(16 * 1024 * 1024, 1));
  },
  'start many': async ({ pids = '' }) => {
    for (let n = 0; n < 20; n += 1) appendFileSync(pids, `${spawn('sleep', ['600'], { stdio: 'inherit' }).pid}\n`);
    appendFileSync(pids, `${fork('-e', ['setInterval(() => 0, 1000)'], { execArgv: [] }).pid}\n`);
    await sleep(600_000);
    return null;
  },
  abort: () => process.abort(),
  exit: () => process.exit(0),
  'end the engine': async ({ ms = 0 }) => {
    await sleep(ms);
    process.kill(process.pid, 'SIGKILL');
    await sleep(1_000);
    return null;
  },
  stop: async () => {
    process.kill(process.pid, 'SIGSTOP');
    await sleep(600_000);
    return null;
  },
  'reject later': async () => {
    setTimeout(() => void Promise.reject(new Error('out of nowhere')), 1);
    setTimeout(() => {
      throw new Error('out of a timer');
    }, 2);
    await sleep(1);
    return { done: true };
  },
  'throw undefined': () => {
    // oxlint-disable-next-line typescript/only-throw-error -- that is the misbehaviour.
    throw undefined;
  },
  'throw a trap': () => {
    throw Object.defineProperty(new Error('trap'), 'message', {
      get: () => {
        throw new Error('got you');
      },
    });
  },
  'throw in circles': () => {
    const one = new Error('one');
    one.cause = new AggregateError([new Error('two', { cause: one }), one], 'both');
    throw one;
  },
  'throw secrets': ({ secret = '' }) => {
    const inner = new Error(`deep ${secret}`, { cause: { secret } });
    throw new AggregateError([new Error('first', { cause: inner }), inner], `several with ${secret}`);
  },
  'print secrets': ({ secret = '' }) => {
    console.log(`to standard output: ${secret}`);
    console.error(`to standard error: ${secret}`);
    process.stdout.write('without an end');
    return { done: true };
  },
  'print without end': () => {
    for (let n = 0; n < 100_000; n += 1) console.log(`line ${n}`);
    return { done: true };
  },
  'return a function': () => ({ done: (): void => undefined }) as unknown as Json,
  'return a circle': () => {
    const circle: { [name: string]: Json } = {};
    circle['itself'] = circle;
    return circle;
  },
  'return too much': () => ({ text: 'x'.repeat(65 * 1024 * 1024) }),
  'write later': ({ ms = 5 }, { outputs, log }) => {
    setTimeout(() => {
      outputs.write('late.txt', 'late').then(
        () => log('error', 'a late write passed'),
        () => undefined,
      );
    }, ms);
    return { done: true };
  },
  'ignore the end': async () => {
    await sleep(600_000, null, { ref: false });
    return null;
  },
  'answer late': async ({ ms = 0 }) => {
    await sleep(ms);
    return { done: true };
  },
  'keep a socket': async () => {
    const server = createServer().listen(0);
    await new Promise((resolve) => server.once('listening', resolve));
    return { done: true };
  },
  'tell the environment': () => ({ env: { ...process.env }, cwd: process.cwd() }) as Json,
  fail: () => {
    throw new StepError('mis.fault', 'it was told to');
  },
};

function spin(): never {
  for (;;) if (kept.length < 0) break;
  throw new Error('never');
}

function misbehaving(runs: Handler['runs']): Handler {
  return defineHandler<Misdeed>({
    name: `mis/${runs}`,
    version: '1.0.0',
    doc: 'Does as it is told.',
    input: { type: 'object', required: ['do'], properties: { do: { type: 'string' } } },
    output: true,
    effects: 'none',
    runs,
    memoryMb: 256,
    errors: { 'mis.fault': 'It was told to.' },
    run: (input, context) => misdeeds[input.do]?.(input, context) ?? null,
  });
}

export const handlers: readonly Handler[] = [misbehaving('async'), misbehaving('thread'), misbehaving('process')];
