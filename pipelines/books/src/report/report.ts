/** The end of a run: what became of the books, in one small file for programs and one page for people. */

import { artifactSchema, defineHandler, type ArtifactRef, type Handler, type ItemCollection, type Schema } from '@scriptorium/core';
import type { Validation } from '../validate/verdict.ts';
import { pageOf } from './page.ts';
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
  version: '2.1.0',
  doc: 'Writes books.json and report.html: how many books were done, skipped and failed, what was done to each, and what needs a human.',
  input: {
    type: 'object',
    required: ['done', 'failed', 'ignored'],
    properties: { done: { collection: done }, failed: { collection: failed }, ignored: { type: 'integer', minimum: 0 } },
    additionalProperties: false,
  },
  output: {
    type: 'object',
    required: ['books', 'clean', 'withIssues', 'skipped', 'failed', 'summary', 'page'],
    properties: {
      books: { type: 'integer' },
      clean: { type: 'integer' },
      withIssues: { type: 'integer' },
      skipped: { type: 'integer' },
      failed: { type: 'integer' },
      summary: artifactSchema,
      page: artifactSchema,
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
    for await (const book of input.failed) gathered.fail(book);
    const summary = gathered.summary(input.ignored);
    const written = await context.outputs.write('books.json', `${JSON.stringify(summary, null, 1)}\n`);
    const { batch, mode, test } = context.run;
    const page = await context.outputs.write('report.html', pageOf(summary, gathered.books(), { batch, mode, test }));
    const { books, clean, withIssues, skipped, failed: failures } = summary.counts;
    return { books, clean, withIssues, skipped, failed: failures, summary: { ...written }, page: { ...page } };
  },
});
