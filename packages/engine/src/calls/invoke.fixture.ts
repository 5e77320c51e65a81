/** Handlers with every way to behave and misbehave, for the tests of calls here, in threads and in processes. */

import { defineHandler, StepError } from '@scriptorium/core';
import type { Context, Handler, ItemCollection, Json } from '@scriptorium/core';

type Behaviour = { readonly do: string; readonly n?: number };

const errors = { 'fixture.declared': 'Declared.' };

async function work(context: Context, n: number): Promise<Json> {
  context.log('info', 'working', { n });
  const ref = await context.outputs.write('out.txt', `by ${context.step.path}`, { from: ['/in.txt'] });
  context.log('info', 'written');
  return { done: true, ref: { ...ref }, env: context.env['FIXTURE'] ?? null, key: context.step.key ?? null };
}

/** 1 fails after it, 2 tells nonsense. */
function spend(context: Context, n: number): Json {
  context.spend({ usd: 0.1, tokens: 7 });
  context.spend({ usd: n === 2 ? -1 : 0.2 });
  if (n === 1) throw new StepError('fixture.declared', 'after it had spent');
  return { done: true };
}

function fixture(name: string, runs: Handler['runs'], more: Pick<Handler, 'memoryMb' | 'env'> = {}): Handler {
  return defineHandler<Behaviour>({
    name,
    version: '1.0.0',
    doc: 'Behaves as it is told.',
    effects: 'none',
    runs,
    ...more,
    errors,
    input: { type: 'object', required: ['do'] },
    output: { required: ['done'] },
    run: async (input, context) => {
      switch (input.do) {
        case 'work':
          return work(context, input.n ?? 0);
        case 'spend':
          return spend(context, input.n ?? 0);
        case 'mutate':
          (input as { n?: number }).n = 99;
          return { done: true };
        case 'break contract':
          return { other: 1 };
        case 'return a date':
          return { done: new Date(0) as unknown as Json };
        case 'declared':
          throw new StepError('fixture.declared', 'as declared', { fix: 'Do it.', details: { a: 1 }, retryAfterMs: 5 });
        case 'undeclared':
          throw new StepError('fixture.other', 'not declared');
        case 'common':
          throw new StepError('rate_limited', 'too fast', { retryAfterMs: 1_000 });
        case 'bug':
          throw new TypeError('a bug \ud800');
        case 'system':
          throw Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', syscall: 'open', errno: -2 });
        case 'throw text':
          // oxlint-disable-next-line typescript/only-throw-error -- that is the misbehaviour.
          throw 'just text';
        case 'wait':
          await new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(context.signal.reason as Error)));
          break;
        case 'ignore':
          await new Promise((resolve) => setTimeout(resolve, input.n ?? 60_000).unref());
          break;
        case 'spin':
          for (;;) if (input.n === -1) break;
          break;
        case 'exit':
          process.exit(input.n ?? 0);
          break;
        case 'crash later':
          setTimeout(() => {
            throw new Error('out of nowhere');
          }, 1);
          await new Promise(() => undefined);
          break;
        case 'write late':
          setTimeout(
            () =>
              void context.outputs.write('late.txt', 'x').then(
                () => context.log('error', 'late write passed'),
                () => undefined,
              ),
            5,
          );
          return { done: true };
      }
      return { done: true };
    },
  });
}

/** Reads a collection whose first reading goes on when the call is over. */
function leaving(name: string, runs: Handler['runs']): Handler {
  return defineHandler<{ readonly all: ItemCollection<number> }>({
    name,
    version: '1.0.0',
    doc: 'Leaves an iteration behind.',
    effects: 'none',
    runs,
    input: {
      type: 'object',
      properties: { all: { $ref: '#/$defs/numbers' } },
      $defs: { numbers: { collection: { type: 'number' } } },
    },
    output: true,
    run: async ({ all }) => {
      const first = all[Symbol.asyncIterator]();
      const { value } = await first.next();
      void (async () => {
        while ((await first.next()).done !== true) await new Promise((resolve) => setImmediate(resolve));
      })();
      return value as Json;
    },
  });
}

function summing(name: string, runs: Handler['runs']): Handler {
  return defineHandler<{ readonly all: ItemCollection<number>; readonly most?: number; readonly plain?: readonly number[] }>({
    name,
    version: '1.0.0',
    doc: 'Adds up a collection.',
    effects: 'none',
    runs,
    input: {
      type: 'object',
      properties: { all: { $ref: '#/$defs/numbers' }, plain: { type: 'array' } },
      $defs: { numbers: { collection: { type: 'number' } } },
    },
    output: true,
    run: async ({ all, most, plain }) => {
      let sum = 0;
      let taken = 0;
      for await (const n of all) {
        sum += n;
        taken += 1;
        if (taken === most) break;
      }
      return { size: all.size, sum, taken, plain: plain?.length ?? 0 };
    },
  });
}

export const handlers: readonly Handler[] = [
  fixture('fixture/here', 'async'),
  fixture('fixture/thread', 'thread'),
  fixture('fixture/process', 'process', { memoryMb: 160, env: ['FIXTURE'] }),
  summing('fixture/sum', 'async'),
  summing('fixture/sum-thread', 'thread'),
  summing('fixture/sum-process', 'process'),
  leaving('fixture/leave-thread', 'thread'),
  leaving('fixture/leave-process', 'process'),
];
