/** Handlers whose effects are files outside of the outputs, and that take them back. */

import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

const leave = defineHandler<{ readonly folder: string; readonly name: string }>({
  name: 'places/leave',
  version: '1.0.0',
  doc: 'Notes in `left` that a place is given back, once however often it is asked to, and gives it back; waits while there is a file `hold-<name>`.',
  input: { type: 'object', required: ['folder', 'name'], properties: { folder: { type: 'string' }, name: { type: 'string' } } },
  output: { type: 'null' },
  effects: 'write',
  run: async ({ folder, name }, { signal }) => {
    const left = join(folder, 'left');
    if (!existsSync(left) || !readFileSync(left, 'utf8').split('\n').includes(name)) appendFileSync(left, `${name}\n`);
    rmSync(join(folder, name), { force: true });
    while (existsSync(join(folder, `hold-${name}`))) await sleep(5, undefined, { signal });
    return null;
  },
});

export const handlers: readonly Handler[] = [take, leave];
