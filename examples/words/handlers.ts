/** What `words.flow.yaml` does to a text: a flow file brings along what `handlers.ts` beside it exports. */

import { readFile } from 'node:fs/promises';
import { defineHandler, type Handler } from '@scriptorium/core';

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

export const handlers: readonly Handler[] = [count];
