/** Handlers for trying the engine: they count their calls in a file, so that calls of several processes can be told. */

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { artifactSchema, defineHandler, StepError } from '@scriptorium/core';
import type { ArtifactRef, Handler } from '@scriptorium/core';

const any = { type: ['object', 'array', 'string', 'number', 'boolean', 'null'] };

export const handlers: readonly Handler[] = [
  defineHandler<{ count: number }>({
    name: 'try/list',
    version: '1.0.0',
    doc: 'Items `i0`, `i1`, …',
    input: { type: 'object', required: ['count'], properties: { count: { type: 'integer' } } },
    output: {
      type: 'array',
      items: { type: 'object', required: ['id', 'n'], properties: { id: { type: 'string' }, n: { type: 'integer' } } },
    },
    effects: 'read',
    run: ({ count }) => Array.from({ length: count }, (_, n) => ({ id: `i${n}`, n })),
  }),
  defineHandler<{ text: string; log: string; ms?: number; gate?: string }>({
    name: 'try/write',
    version: '1.0.0',
    doc: 'Writes a file named after the item, and notes the call in `log`; waits for `ms` and until the file `gate` exists.',
    input: {
      type: 'object',
      required: ['text', 'log'],
      properties: { text: { type: 'string' }, log: { type: 'string' }, ms: { type: 'integer' }, gate: { type: 'string' } },
    },
    output: { type: 'object', required: ['file'], properties: { file: artifactSchema } },
    effects: 'none',
    pure: true,
    run: async ({ text, log, ms = 0, gate }, { outputs, signal, step }) => {
      appendFileSync(log, `start ${step.path} ${step.key} ${performance.timeOrigin + performance.now()}\n`);
      await sleep(ms);
      while (gate !== undefined && !existsSync(gate)) await sleep(10, null, { signal });
      const file = await outputs.write(`${step.key}.txt`, text);
      appendFileSync(log, `end ${step.path} ${step.key} ${performance.timeOrigin + performance.now()}\n`);
      return { file: { ...file } };
    },
  }),
  defineHandler<{ file: ArtifactRef; log: string }>({
    name: 'try/upper',
    version: '1.0.0',
    doc: 'Writes the text of an artifact in capitals, in a worker thread.',
    input: { type: 'object', required: ['file', 'log'], properties: { file: artifactSchema, log: { type: 'string' } } },
    output: { type: 'object', required: ['file'], properties: { file: artifactSchema } },
    effects: 'none',
    pure: true,
    runs: 'thread',
    run: async ({ file, log }, { artifacts, outputs, step }) => {
      appendFileSync(log, `start ${step.path} ${step.key} ${performance.timeOrigin + performance.now()}\n`);
      const written = await outputs.write(`${step.key}.txt`, (await artifacts.readText(file)).toUpperCase(), { from: [file] });
      appendFileSync(log, `end ${step.path} ${step.key} ${performance.timeOrigin + performance.now()}\n`);
      return { file: { ...written } };
    },
  }),
  defineHandler<{ bad: boolean }>({
    name: 'try/fail',
    version: '1.0.0',
    doc: 'Fails with `broken` when told to.',
    input: { type: 'object', required: ['bad'], properties: { bad: { type: 'boolean' } } },
    output: any,
    effects: 'none',
    errors: { broken: 'It was told to.' },
    run: ({ bad }) => {
      if (bad) throw new StepError('broken', 'this item is broken', { fix: 'Do not tell it to.' });
      return { fine: true };
    },
  }),
  defineHandler<{ ledger: string; what: string }>({
    name: 'try/book',
    version: '1.0.0',
    doc: 'Books something: a line in a ledger.',
    input: { type: 'object', required: ['ledger', 'what'], properties: { ledger: { type: 'string' }, what: { type: 'string' } } },
    output: { type: 'object', required: ['what'], properties: { what: { type: 'string' } } },
    effects: 'write',
    run: ({ ledger, what }) => {
      appendFileSync(ledger, `book ${what}\n`);
      return { what };
    },
  }),
  defineHandler<{ ledger: string; what: string; ms?: number; stuck?: string }>({
    name: 'try/cancel',
    version: '1.0.0',
    doc: 'Cancels what was booked, after `ms`, unless it is cancelled already; what is `stuck` cannot be.',
    input: {
      type: 'object',
      required: ['ledger', 'what'],
      properties: { ledger: { type: 'string' }, what: { type: 'string' }, ms: { type: 'integer' }, stuck: { type: 'string' } },
    },
    output: { type: 'null' },
    effects: 'write',
    errors: { too_late: 'It cannot be cancelled any more.' },
    run: async ({ ledger, what, ms = 0, stuck }, { signal }) => {
      await sleep(ms, null, { signal });
      if (what === stuck) throw new StepError('too_late', `${what} cannot be cancelled any more`);
      if (!readFileSync(ledger, 'utf8').includes(`cancel ${what}\n`)) appendFileSync(ledger, `cancel ${what}\n`);
      return null;
    },
  }),
  defineHandler<{ url: string }>({
    name: 'try/fetch',
    version: '1.0.0',
    doc: 'Asks a server; 429 is `rate_limited`, 503 is `overloaded`.',
    input: { type: 'object', required: ['url'], properties: { url: { type: 'string' } } },
    output: any,
    effects: 'read',
    run: async ({ url }, { signal }) => {
      const response = await fetch(url, { signal });
      if (response.status === 429) throw new StepError('rate_limited', 'too many requests');
      if (response.status === 503) throw new StepError('overloaded', 'out of service');
      return { status: response.status };
    },
  }),
  defineHandler<{ file: string }>({
    name: 'try/require',
    version: '1.0.0',
    doc: 'Refuses a run whose file is missing.',
    input: { type: 'object', required: ['file'], properties: { file: { type: 'string' } } },
    output: any,
    effects: 'read',
    preflight: true,
    run: ({ file }) => {
      if (!existsSync(file)) throw new StepError('fatal', `${file} does not exist`, { fix: 'Make it.' });
      return { file };
    },
  }),
  defineHandler<{ text: string }>({
    name: 'try/same',
    version: '1.0.0',
    doc: 'Writes a file whose name says nothing of the item.',
    input: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
    output: any,
    effects: 'none',
    run: async ({ text }, { outputs }) => ({ ...(await outputs.write('same.txt', text)) }),
  }),
  defineHandler<{ text: string; round: number; log: string; good: number; ms?: number }>({
    name: 'try/judge',
    version: '1.0.0',
    doc: 'Chooses who goes on: first the writer, then research and the writer in turn, until round `good`. Notes the call and its idempotency key.',
    input: {
      type: 'object',
      required: ['text', 'round', 'log', 'good'],
      properties: {
        text: { type: 'string' },
        round: { type: 'integer' },
        log: { type: 'string' },
        good: { type: 'integer' },
        ms: { type: 'integer' },
      },
    },
    output: {
      type: 'object',
      required: ['handoff', 'note'],
      properties: { handoff: { enum: ['write', 'research', 'accept'] }, note: { type: 'string' } },
    },
    effects: 'read',
    run: async ({ text, round, log, good, ms = 0 }, { step }) => {
      appendFileSync(log, `start ${step.path} ${step.idempotencyKey} ${performance.timeOrigin + performance.now()}\n`);
      await sleep(ms);
      appendFileSync(log, `end ${step.path} ${step.idempotencyKey} ${performance.timeOrigin + performance.now()}\n`);
      return { handoff: round >= good ? 'accept' : round % 2 === 0 ? 'research' : 'write', note: `${text} needs round ${round + 1}` };
    },
  }),
  defineHandler<{ text: string; log: string; usd: number; ms?: number; gate?: string | null; fails?: boolean }>({
    name: 'try/pay',
    version: '1.0.0',
    doc: 'Notes the call, waits for `ms` and until the file `gate` exists, and costs half of what it might, also when it fails.',
    input: {
      type: 'object',
      required: ['text', 'log', 'usd'],
      properties: {
        text: { type: 'string' },
        log: { type: 'string' },
        usd: { type: 'number' },
        ms: { type: 'integer' },
        gate: { type: ['string', 'null'] },
        fails: { type: 'boolean' },
      },
    },
    output: {
      type: 'object',
      required: ['text', 'call'],
      properties: { text: { type: 'string' }, call: { type: 'number' }, file: artifactSchema },
    },
    effects: 'read',
    cost: ({ usd }) => ({ usd }),
    run: async ({ text, log, usd, ms = 0, gate = null, fails = false }, { outputs, signal, spend, step }) => {
      appendFileSync(log, `start ${step.path} ${step.key} ${performance.timeOrigin + performance.now()}\n`);
      await sleep(ms);
      while (gate !== null && !existsSync(gate)) await sleep(10, null, { signal });
      spend({ usd: usd / 2 });
      appendFileSync(log, `end ${step.path} ${step.key} ${performance.timeOrigin + performance.now()}\n`);
      if (fails) throw new StepError('overloaded', 'it was told to');
      const file = await outputs.write(`${step.key ?? 'one'}.txt`, text);
      return { text, call: performance.now(), file: { ...file } };
    },
  }),
  defineHandler({
    name: 'try/die',
    version: '1.0.0',
    doc: 'Ends its worker.',
    input: any,
    output: any,
    effects: 'none',
    runs: 'thread',
    run: () => process.exit(3),
  }),
];
