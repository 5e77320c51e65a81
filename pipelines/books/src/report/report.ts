/** The end of a run that got through its books: what became of them, in one small file for programs. */

import { artifactSchema, defineHandler, type ArtifactRef, type Handler, type ItemCollection, type Schema } from '@scriptorium/core';
import type { Validation } from '../validate/verdict.ts';
import { gatherBooks, type DoneBook, type FailedBook } from './summary.ts';

interface DoneItem extends DoneBook {
  /** Its validation.json. */
  readonly validation?: ArtifactRef | null;
}

const done: Schema = {
  type: 'object',
  required: ['id', 'skipped', 'method', 'quality', 'issues'],
  properties: {
    id: { type: 'string' },
    skipped: { type: ['string', 'null'] },
    method: { type: ['string', 'null'] },
    quality: { type: ['integer', 'null'] },
    issues: { type: 'array' },
    validation: { anyOf: [artifactSchema, { type: 'null' }] },
  },
};

const failed: Schema = {
  type: 'object',
  required: ['key', 'error'],
  properties: {
    key: { type: 'string' },
    error: { type: 'object', required: ['code', 'message'], properties: { code: { type: 'string' }, message: { type: 'string' } } },
  },
};

export const reportHandler: Handler = defineHandler<{
  readonly done: ItemCollection<DoneItem>;
  readonly failed: ItemCollection<FailedBook>;
  readonly ignored: number;
}>({
  name: 'book/report',
  version: '3.0.0',
  doc: 'Writes books.json: how many books were done, skipped and failed, what was found, and what was taken out of the texts.',
  input: {
    type: 'object',
    required: ['done', 'failed', 'ignored'],
    properties: { done: { collection: done }, failed: { collection: failed }, ignored: { type: 'integer', minimum: 0 } },
    additionalProperties: false,
  },
  output: {
    type: 'object',
    required: ['books', 'clean', 'withIssues', 'skipped', 'failed', 'summary'],
    properties: {
      books: { type: 'integer' },
      clean: { type: 'integer' },
      withIssues: { type: 'integer' },
      skipped: { type: 'integer' },
      failed: { type: 'integer' },
      summary: artifactSchema,
    },
    additionalProperties: false,
  },
  effects: 'read',
  run: async (input, context) => {
    const gathered = gatherBooks();
    for await (const book of input.done) {
      const validation = book.validation == null ? null : (JSON.parse(await context.artifacts.readText(book.validation)) as Validation);
      gathered.add(book, validation);
    }
    for await (const book of input.failed) gathered.fail(book, null);
    const summary = gathered.summary(input.ignored);
    const written = await context.outputs.write('books.json', `${JSON.stringify(summary, null, 1)}\n`);
    const { books, clean, withIssues, skipped, failed: failures } = summary.counts;
    return { books, clean, withIssues, skipped, failed: failures, summary: { ...written } };
  },
});
