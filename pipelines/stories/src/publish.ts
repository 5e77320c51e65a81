/** The finished story: Markdown, EPUB, and JSON that says of every paragraph where it comes from. */

import { createHash } from 'node:crypto';
import { artifactSchema, defineHandler } from '@scriptorium/core';
import type { ArtifactRef, Handler, ItemCollection, Json } from '@scriptorium/core';
import { OFFLINE_LABEL } from '@scriptorium/agents';
import { epubBytes } from '@scriptorium/books/epub';
import type { Publication, PublishedUnit } from '@scriptorium/books/epub';
import { markdownOf } from '@scriptorium/books/markdown';
import { chapterSchema, readChapter } from './chapter.ts';
import type { Chapter, ChapterRef } from './chapter.ts';
import { countWords, textOf } from './paragraph.ts';

interface Publishing {
  readonly title: string;
  readonly premise: string;
  readonly seed: number;
  readonly chapters: ItemCollection<ChapterRef>;
}

export const publishHandler: Handler = defineHandler({
  name: 'story/publish',
  version: '1.0.0',
  doc: 'Writes the story as Markdown and EPUB, and its lineage as JSON.',
  input: {
    type: 'object',
    required: ['title', 'premise', 'seed', 'chapters'],
    properties: {
      title: { type: 'string' },
      premise: { type: 'string' },
      seed: { type: 'integer' },
      chapters: { collection: chapterSchema },
    },
  },
  output: {
    type: 'object',
    required: ['title', 'words', 'markdown', 'epub', 'lineage', 'ended'],
    properties: {
      title: { type: 'string' },
      words: { type: 'integer' },
      markdown: artifactSchema,
      epub: artifactSchema,
      lineage: artifactSchema,
      ended: { type: 'array', items: { type: 'string' } },
    },
  },
  effects: 'none',
  run: async ({ title, premise, seed, chapters: refs }: Publishing, { artifacts, outputs }) => {
    const read: Chapter[] = [];
    const from: ArtifactRef[] = [];
    for await (const ref of refs) {
      read.push(await readChapter(artifacts, ref));
      from.push(ref.file);
    }
    const chapters = read.toSorted((a, b) => a.n - b.n);
    const publication = publicationOf(title, premise, seed, chapters);
    const options = { from };
    return {
      title,
      words: countWords(chapters.map(({ paragraphs }) => textOf(paragraphs)).join('\n')),
      markdown: await outputs.write('story.md', [...markdownOf(publication)].join(''), options),
      epub: await outputs.write('story.epub', await epubBytes(publication), options),
      lineage: await outputs.write('story.json', `${JSON.stringify({ title, premise, seed, chapters }, null, 1)}\n`, options),
      ended: chapters.map(({ ended }) => ended),
    };
  },
});

function publicationOf(title: string, premise: string, seed: number, chapters: readonly Chapter[]): Publication {
  const models = [...new Set(chapters.flatMap(({ paragraphs }) => paragraphs.map(({ origin }) => origin['model'])))];
  const label = models.includes('offline') ? `${OFFLINE_LABEL} Seed ${seed}.` : `Written by ${models.filter(Boolean).join(', ')}.`;
  const unit = ({ title: heading, paragraphs }: Chapter): PublishedUnit => ({
    title: heading,
    kind: 'chapter',
    blocks: paragraphs.map(({ text }) => ({ type: 'paragraph', text })),
  });
  const hex = createHash('sha256').update([title, premise, seed].join('\n')).digest('hex');
  return {
    id: `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    title,
    authors: ['Scriptorium'],
    language: 'en',
    front: [{ title: 'How this was made', kind: 'preface', blocks: [{ type: 'paragraph', text: `${label} Premise: ${premise}` }] }],
    body: chapters.map(unit),
  };
}

export const noteHandler: Handler = defineHandler({
  name: 'story/note',
  version: '1.0.0',
  doc: 'Writes down what is known of somebody, one file each.',
  input: { type: 'object', required: ['name', 'value'], properties: { name: { type: 'string' }, value: {} } },
  output: { type: 'object', required: ['file'], properties: { file: artifactSchema } },
  effects: 'none',
  run: async ({ name, value }: { readonly name: string; readonly value: Json }, { outputs }) => {
    const plain = name.replaceAll(/[^\p{L}\p{N}]+/gu, '-').slice(0, 60);
    return { file: await outputs.write(`${plain || 'somebody'}.json`, `${JSON.stringify(value, null, 1)}\n`) };
  },
});
