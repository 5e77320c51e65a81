/** The handlers of `review-loop.flow.yaml`. They follow rules; put calls of a model in their place. */

import { defineHandler, type Handler } from '@scriptorium/core';

interface Draft {
  readonly topic: string;
  readonly text: string;
  readonly notes: readonly string[];
}

const text = { type: 'string' };
const notes = { type: 'array', items: text };

const additions: { readonly [note: string]: (topic: string) => string } = {
  'say where it is': (topic) => `It begins on a coast where everybody has heard of ${topic}.`,
  'say who is there': () => 'Two sisters keep it, and do not speak to each other.',
  'say what changes': () => 'One morning the older one answers.',
  'end it': () => 'After that nobody counted the days.',
};

const write: Handler = defineHandler({
  name: 'review/write',
  version: '1.0.0',
  doc: 'Writes a text, or mends the first thing that the notes ask for.',
  input: { type: 'object', required: ['topic', 'text', 'notes'], properties: { topic: text, text, notes } },
  output: { type: 'object', required: ['text'], properties: { text } },
  effects: 'none',
  run: ({ topic, text, notes: [note] }: Draft) => {
    if (note === undefined) return { text: `This is about ${topic}.` };
    return { text: `${text} ${additions[note]?.(topic) ?? ''}`.trim() };
  },
});

const judge: Handler = defineHandler({
  name: 'review/judge',
  version: '1.0.0',
  doc: 'Scores a text from 0 to 10, and notes what it lacks.',
  input: { type: 'object', required: ['text'], properties: { text } },
  output: {
    type: 'object',
    required: ['score', 'notes'],
    properties: { score: { type: 'number', minimum: 0, maximum: 10 }, notes },
  },
  effects: 'none',
  run: ({ text }: { text: string }) => {
    const wanted = Object.keys(additions);
    const sentences = (text.match(/[.!?](\s|$)/g) ?? []).length;
    const missing = wanted.slice(Math.max(0, sentences - 1));
    return { score: Math.round(10 * (1 - missing.length / wanted.length)), notes: missing };
  },
});

export const handlers: readonly Handler[] = [write, judge];
