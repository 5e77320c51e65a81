/** How long a story is, and its chapters as they are written: threads at once, those of one thread in order. */

import { defineHandler, StepError } from '@scriptorium/core';
import type { Handler, Json, JsonObject } from '@scriptorium/core';

type Length = 'flash' | 'short' | 'chapters';

const sizes: { readonly [length in Length]: { readonly chapters: number; readonly each: number; readonly cast: number } } = {
  flash: { chapters: 1, each: 600, cast: 2 },
  short: { chapters: 3, each: 900, cast: 3 },
  chapters: { chapters: 8, each: 1_500, cast: 5 },
};

const count = { type: 'integer', minimum: 1 };

export const sizeHandler: Handler = defineHandler({
  name: 'story/size',
  version: '1.0.0',
  doc: 'How many chapters, words and people a story of some length has.',
  input: { type: 'object', required: ['length', 'chapters'], properties: { length: { enum: Object.keys(sizes) }, chapters: count } },
  output: {
    type: 'object',
    required: ['chapters', 'each', 'words', 'cast'],
    properties: { chapters: count, each: count, words: count, cast: count },
  },
  effects: 'none',
  pure: true,
  run: ({ length, chapters }: { readonly length: Length; readonly chapters: number }) => {
    const { each, cast, chapters: usual } = sizes[length];
    const made = length === 'chapters' ? chapters : usual;
    return { chapters: made, each, words: made * each, cast };
  },
});

interface Planned extends JsonObject {
  readonly title: string;
  readonly purpose: string;
  readonly conflict: string;
  readonly place: string;
  readonly people: readonly string[];
  readonly thread: number;
}

const text = { type: 'string' };
const planned: JsonObject = {
  type: 'object',
  required: ['title', 'purpose', 'conflict', 'place', 'people', 'thread'],
  properties: {
    title: text,
    purpose: text,
    conflict: text,
    place: text,
    people: { type: 'array', items: text },
    thread: { type: 'integer' },
  },
};
const scene: JsonObject = {
  ...planned,
  required: [...(planned['required'] as readonly string[]), 'n', 'words'],
  properties: { ...(planned['properties'] as JsonObject), n: count, words: count },
};

export const sceneSchema: JsonObject = scene;

export const outlineHandler: Handler = defineHandler({
  name: 'story/outline',
  version: '1.0.0',
  doc: 'Numbers the chapters, gives each its share of the words, and puts them into threads.',
  input: {
    type: 'object',
    required: ['chapters', 'cast', 'count', 'words'],
    properties: { chapters: { type: 'array', items: planned }, cast: { type: 'array', items: text }, count, words: count },
  },
  output: {
    type: 'object',
    required: ['chapters', 'threads', 'cast'],
    properties: {
      chapters: { type: 'array', items: scene },
      threads: {
        type: 'array',
        items: { type: 'object', required: ['name', 'chapters'], properties: { name: text, chapters: { type: 'array', items: scene } } },
      },
      cast: { type: 'array', items: text },
    },
  },
  effects: 'none',
  errors: { 'story.plot': 'The plot has no chapters.' },
  run: ({ chapters, cast, count: most, words }: Outlining) => {
    if (chapters.length === 0) throw new StepError('story.plot', 'the plot has no chapters');
    const scenes = chapters.slice(0, most).map((one, index) => ({ ...one, n: index + 1, words, people: peopleOf(one, index, cast) }));
    const numbers = [...new Set(scenes.map(({ thread }) => thread))];
    const threads = numbers.map((number) => ({ name: `thread-${number}`, chapters: scenes.filter(({ thread }) => thread === number) }));
    return { chapters: scenes, threads: threads as unknown as Json[], cast: [...new Set(cast)] };
  },
});

interface Outlining {
  readonly chapters: readonly Planned[];
  readonly cast: readonly string[];
  readonly count: number;
  readonly words: number;
}

/** Those of the cast whom the chapter names; where it names others, two of the cast in turn. */
function peopleOf({ people }: Planned, index: number, cast: readonly string[]): string[] {
  const known = people.filter((name) => cast.includes(name));
  if (known.length > 0) return known;
  return [cast[0], cast[1 + (index % Math.max(cast.length - 1, 1))]].filter((name) => name !== undefined);
}
