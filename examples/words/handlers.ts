/** The handlers of `words.flow.yaml`: a flow file brings along what `handlers.ts` beside it exports. */

import { readdir, readFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { defineHandler, type Handler } from '@scriptorium/core';

const file = {
  type: 'object',
  required: ['name', 'path'],
  properties: { name: { type: 'string' }, path: { type: 'string' } },
};

const list: Handler = defineHandler({
  name: 'words/list',
  version: '1.0.0',
  doc: 'The text files of a folder, by name.',
  input: { type: 'object', required: ['folder'], properties: { folder: { type: 'string' } } },
  output: { type: 'object', required: ['files'], properties: { files: { type: 'array', items: file } } },
  effects: 'read',
  run: async ({ folder }: { folder: string }) => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.txt')).toSorted();
    return { files: names.map((name) => ({ name: parse(name).name, path: join(folder, name) })) };
  },
});

const count: Handler = defineHandler({
  name: 'words/count',
  version: '1.0.0',
  doc: 'Counts the words of a text and writes the count down.',
  input: { type: 'object', required: ['path'], properties: { path: { type: 'string' } } },
  output: { type: 'object', required: ['words'], properties: { words: { type: 'integer' } } },
  effects: 'read',
  run: async ({ path }: { path: string }, { outputs, signal, step }) => {
    const text = await readFile(path, { encoding: 'utf8', signal });
    const words = text.split(/\s+/).filter((word) => word !== '').length;
    await outputs.write(`${step.key}.json`, JSON.stringify({ words }), { from: [path] });
    return { words };
  },
});

export const handlers: readonly Handler[] = [list, count];
