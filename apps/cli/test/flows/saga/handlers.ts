/** Handlers whose effects are files outside of the outputs, and that take them back. */

import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineHandler } from '@scriptorium/core';
import type { Handler } from '@scriptorium/core';

const take = defineHandler<{ readonly folder: string; readonly name: string }>({
  name: 'places/take',
  version: '1.0.0',
  doc: 'Takes a place: a file in the folder.',
  input: { type: 'object', required: ['folder', 'name'], properties: { folder: { type: 'string' }, name: { type: 'string' } } },
  output: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
  effects: 'write',
  run: ({ folder, name }) => {
    writeFileSync(join(folder, name), '');
    return { name };
  },
});

const leave = defineHandler<{ readonly folder: string; readonly name: string; readonly ms: number }>({
  name: 'places/leave',
  version: '1.0.0',
  doc: 'Gives a place back, and after `ms` notes it in `left`.',
  input: {
    type: 'object',
    required: ['folder', 'name', 'ms'],
    properties: { folder: { type: 'string' }, name: { type: 'string' }, ms: { type: 'integer' } },
  },
  output: { type: 'null' },
  effects: 'write',
  run: async ({ folder, name, ms }, { signal }) => {
    if (existsSync(join(folder, name))) appendFileSync(join(folder, 'left'), `${name}\n`);
    rmSync(join(folder, name), { force: true });
    await sleep(ms, undefined, { signal });
    return null;
  },
});

export const handlers: readonly Handler[] = [take, leave];
