/** The handlers of `map-reduce.flow.yaml`. */

import { readFile } from 'node:fs/promises';
import { defineHandler, type Handler, type ItemCollection } from '@scriptorium/core';

type Counts = { readonly [word: string]: number };

const lines = { type: 'array', items: { type: 'string' } };
const counts = { type: 'object', additionalProperties: { type: 'integer', minimum: 1 } };
const ranked = {
  type: 'array',
  items: { type: 'object', required: ['word', 'count'], properties: { word: { type: 'string' }, count: { type: 'integer' } } },
};

const split: Handler = defineHandler({
  name: 'words/split',
  version: '1.0.0',
  doc: 'The lines of a text.',
  input: { type: 'object', required: ['path'], properties: { path: { type: 'string' } } },
  output: { type: 'object', required: ['lines'], properties: { lines } },
  effects: 'read',
  run: async ({ path }: { path: string }) => ({ lines: (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '') }),
});

const count: Handler = defineHandler({
  name: 'words/count',
  version: '1.0.0',
  doc: 'How often each word stands in some lines.',
  input: { type: 'object', required: ['lines'], properties: { lines } },
  output: counts,
  effects: 'none',
  pure: true,
  runs: 'thread',
  run: ({ lines }: { lines: readonly string[] }) => {
    const found = new Map<string, number>();
    for (const word of lines
      .join(' ')
      .toLowerCase()
      .match(/\p{L}+/gu) ?? [])
      found.set(word, (found.get(word) ?? 0) + 1);
    return Object.fromEntries(found);
  },
});

const add: Handler = defineHandler({
  name: 'words/add',
  version: '1.0.0',
  doc: 'Adds counts up, and gives the most frequent words.',
  input: {
    type: 'object',
    required: ['counts', 'top'],
    properties: { counts: { collection: counts }, top: { type: 'integer', minimum: 1 } },
  },
  output: ranked,
  effects: 'none',
  run: async ({ counts, top }: { counts: ItemCollection<Counts>; top: number }) => {
    const total = new Map<string, number>();
    for await (const part of counts) for (const [word, often] of Object.entries(part)) total.set(word, (total.get(word) ?? 0) + often);
    const order = [...total].toSorted(([a, often], [b, oftener]) => oftener - often || (a < b ? -1 : 1));
    return order.slice(0, top).map(([word, count]) => ({ word, count }));
  },
});

export const handlers: readonly Handler[] = [split, count, add];
