/** The handlers of `batch.flow.yaml`. Each does one thing to one file; retries, limits and order are the flow's. */

import { readFile } from 'node:fs/promises';
import { artifactSchema, defineHandler, StepError, type Handler } from '@scriptorium/core';

const text = { type: 'string' };
const measure: Handler = defineHandler({
  name: 'files/measure',
  version: '1.0.0',
  doc: 'How many words a text has.',
  input: { type: 'object', required: ['path'], properties: { path: text } },
  output: { type: 'object', required: ['words'], properties: { words: { type: 'integer', minimum: 0 } } },
  effects: 'read',
  errors: { empty_text: 'The text has no words.' },
  run: async ({ path }: { path: string }, { signal }) => {
    const words = (await readFile(path, { encoding: 'utf8', signal })).split(/\s+/).filter(Boolean).length;
    if (words === 0) throw new StepError('empty_text', `${path} has no words`, { fix: 'Put text into it, or take it out of the folder.' });
    return { words };
  },
});

const summarise: Handler = defineHandler({
  name: 'files/summarise',
  version: '1.0.0',
  doc: 'Writes the first sentence of a text beside its number of words.',
  input: { type: 'object', required: ['path', 'words'], properties: { path: text, words: { type: 'integer' } } },
  output: artifactSchema,
  effects: 'read',
  run: async ({ path, words }: { path: string; words: number }, { outputs, signal, step }) => {
    const source = await readFile(path, { encoding: 'utf8', signal });
    const first = /^[^.!?]*[.!?]?/.exec(source.trim())?.[0] ?? '';
    return { ...(await outputs.write(`${step.key}.md`, `${first}\n\n${words} words\n`, { from: [path] })) };
  },
});

export const handlers: readonly Handler[] = [measure, summarise];
