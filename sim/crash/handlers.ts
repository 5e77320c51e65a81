/**
 * Handlers that count their own effects, outside of the store and of the outputs: each call and each end of one is a
 * line in the file that `CRASH_EFFECTS` names, under its idempotency key.
 */

import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { artifactSchema, defineHandler, StepError } from '@scriptorium/core';
import type { Context, Handler, ItemCollection } from '@scriptorium/core';

/** What a handler did. */
export interface Effect {
  readonly what: 'start' | 'end' | 'book' | 'unbook';
  readonly key: string;
  readonly attempt: number;
}

/** The longest that a call takes, so that deaths hit calls at work. */
const LONGEST_MS = 6;

const count = { type: 'object', required: ['count'], properties: { count: { type: 'integer' } } };
const labelled = { type: 'object', required: ['label', 'n'], properties: { label: { type: 'string' }, n: { type: 'integer' } } };
const named = { type: 'object', required: ['what'], properties: { what: { type: 'string' } } };

export const handlers: readonly Handler[] = [
  defineHandler<{ count: number }>({
    name: 'crash/list',
    version: '1.0.0',
    doc: 'The numbers below `count`.',
    input: count,
    output: { type: 'array', items: { type: 'integer' } },
    effects: 'none',
    run: ({ count }, context) => noting(context, () => Array.from({ length: count }, (_, n) => n)),
  }),
  defineHandler<{ n: number; again: boolean; bad: boolean }>({
    name: 'crash/work',
    version: '1.0.0',
    doc: 'Squares a number; fails once where it is told to, or for good.',
    input: {
      type: 'object',
      required: ['n', 'again', 'bad'],
      properties: { n: { type: 'integer' }, again: { type: 'boolean' }, bad: { type: 'boolean' } },
    },
    output: { type: 'object', required: ['square'], properties: { square: { type: 'integer' } } },
    effects: 'none',
    errors: { broken: 'It was told to.' },
    cost: () => ({ usd: 0.01 }),
    run: ({ n, again, bad }, context) =>
      noting(context, () => {
        context.spend({ usd: 0.005 });
        if (bad) throw new StepError('broken', 'this item is broken');
        if (again && context.step.attempt === 1) throw new StepError('overloaded', 'not at once');
        return { square: n * n };
      }),
  }),
  defineHandler<{ label: string; n: number }>({
    name: 'crash/write',
    version: '1.0.0',
    doc: 'Writes a file whose bytes follow from its name.',
    input: labelled,
    output: { type: 'object', required: ['file'], properties: { file: artifactSchema } },
    effects: 'none',
    run: ({ label, n }, context) =>
      noting(context, async () => ({ file: { ...(await context.outputs.write(`${label}-${n}.txt`, `${label} ${n}\n`.repeat(20 + n))) } })),
  }),
  defineHandler<{ what: string }>({
    name: 'crash/book',
    version: '1.0.0',
    doc: 'Books something; once more has no second effect.',
    input: named,
    output: named,
    effects: 'write',
    idempotent: true,
    run: ({ what }, context) =>
      noting(context, () => {
        note(context, { what: 'book', key: what, attempt: context.step.attempt });
        return { what };
      }),
  }),
  defineHandler<{ what: string }>({
    name: 'crash/unbook',
    version: '1.0.0',
    doc: 'Takes a booking back; once more has no second effect.',
    input: named,
    output: { type: 'null' },
    effects: 'write',
    idempotent: true,
    run: ({ what }, context) =>
      noting(context, () => {
        note(context, { what: 'unbook', key: what, attempt: context.step.attempt });
        return null;
      }),
  }),
  defineHandler<{ items: ItemCollection<{ sum: number }> }>({
    name: 'crash/total',
    version: '1.0.0',
    doc: 'Adds up what the items came to.',
    input: {
      type: 'object',
      required: ['items'],
      properties: { items: { collection: { type: 'object', required: ['sum'], properties: { sum: { type: 'integer' } } } } },
    },
    output: { type: 'object', required: ['sum'], properties: { sum: { type: 'integer' } } },
    effects: 'none',
    run: ({ items }, context) =>
      noting(context, async () => {
        let sum = 0;
        for await (const item of items) sum += item.sum;
        return { sum };
      }),
  }),
];

async function noting<T>(context: Context, work: () => T | Promise<T>): Promise<T> {
  const { idempotencyKey: key, attempt } = context.step;
  note(context, { what: 'start', key, attempt });
  await sleep(Math.random() * LONGEST_MS, undefined, { signal: context.signal });
  const result = await work();
  note(context, { what: 'end', key, attempt });
  return result;
}

function note({ env }: Context, effect: Effect): void {
  const path = env['CRASH_EFFECTS'];
  if (path === undefined) throw new StepError('fatal', 'CRASH_EFFECTS names no file');
  appendFileSync(path, `${JSON.stringify(effect)}\n`);
}
