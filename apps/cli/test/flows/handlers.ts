/** Handlers of the flow that the command line is tested with. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { artifactSchema, defineHandler, StepError } from '@scriptorium/core';
import type { ArtifactRef, Handler } from '@scriptorium/core';

const names = defineHandler<{ readonly count: number }>({
  name: 'words/names',
  version: '1.0.0',
  doc: 'Names as many words as asked.',
  input: { type: 'object', required: ['count'], properties: { count: { type: 'integer' } } },
  output: {
    type: 'array',
    items: { type: 'object', required: ['id', 'n'], properties: { id: { type: 'string' }, n: { type: 'integer' } } },
  },
  effects: 'none',
  run: ({ count }) => Array.from({ length: count }, (_, n) => ({ id: `w${String(n).padStart(3, '0')}`, n })),
});

const POLL_MS = 10;

interface Writing {
  readonly n: number;
  readonly ms: number;
  readonly failing: readonly number[];
  readonly folder: string;
}

const write = defineHandler<Writing>({
  name: 'words/write',
  version: '1.0.0',
  doc: 'Writes a file, after a while, and not while a file `hold` has a number that is not above its own; fails for those it is told.',
  input: {
    type: 'object',
    required: ['n', 'ms', 'failing', 'folder'],
    properties: {
      n: { type: 'integer' },
      ms: { type: 'integer' },
      failing: { type: 'array', items: { type: 'integer' } },
      folder: { type: 'string' },
    },
  },
  output: { type: 'object', required: ['file'], properties: { file: artifactSchema } },
  effects: 'write',
  pure: true,
  errors: { bad_number: 'The number is one of those that fail.' },
  run: async ({ n, ms, failing, folder }, { outputs, signal, step }) => {
    await sleep(ms, undefined, { signal });
    while (n >= heldFrom(folder)) await sleep(POLL_MS, undefined, { signal });
    if (failing.includes(n)) throw new StepError('bad_number', `the number ${n} is bad`, { fix: 'Take another number.' });
    return { file: { ...(await outputs.write(`${step.key}.txt`, `word ${n}\n`)) } };
  },
});

const shout = defineHandler<{ readonly file: ArtifactRef; readonly n: number }>({
  name: 'words/shout',
  version: '1.0.0',
  doc: 'Writes a file in capitals; every third has an issue, every fifth is left out.',
  input: { type: 'object', required: ['file', 'n'], properties: { file: artifactSchema, n: { type: 'integer' } } },
  output: {
    type: 'object',
    required: ['file', 'issues', 'skipped'],
    properties: { file: artifactSchema, issues: { type: 'array' }, skipped: { type: ['string', 'null'] } },
  },
  effects: 'write',
  pure: true,
  run: async ({ file, n }, { artifacts, outputs, step }) => ({
    file: { ...(await outputs.write(`${step.key}.txt`, (await artifacts.readText(file)).toUpperCase(), { from: [file] })) },
    issues: n % 3 === 0 ? [{ type: 'third', severity: 'warning', message: `${n} is a third` }] : [],
    skipped: n % 5 === 4 ? 'it is a fifth' : null,
  }),
});

function heldFrom(folder: string): number {
  try {
    return Number(readFileSync(join(folder, 'hold'), 'utf8'));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

export const handlers: readonly Handler[] = [names, write, shout];
