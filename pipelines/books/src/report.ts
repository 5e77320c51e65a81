/** The end of a run: what became of the books, in one small file. */

import { artifactSchema, defineHandler, type Handler, type ItemCollection, type Schema } from '@scriptorium/core';
import type { Issue } from './sanity/issue.ts';

interface DoneBook {
  readonly id: string;
  readonly skipped: string | null;
  readonly method: string | null;
  readonly quality: number | null;
  readonly issues: readonly Issue[];
}

interface FailedBook {
  readonly key: string;
  readonly error: { readonly code: string; readonly message: string };
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

/** Books of the lowest quality that the summary names. */
const worstListed = 20;

export const reportHandler: Handler = defineHandler<{
  readonly done: ItemCollection<DoneBook>;
  readonly failed: ItemCollection<FailedBook>;
  readonly ignored: number;
}>({
  name: 'book/report',
  version: '1.0.0',
  doc: 'Writes books.json: how many books were done, skipped and failed, their quality, and their issues by type.',
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
    const tally = { clean: 0, withIssues: 0, skipped: 0 };
    const issues = new Map<string, { severity: string; count: number; books: number }>();
    const methods = new Map<string, number>();
    const skipped: { id: string; reason: string }[] = [];
    const qualities: { id: string; quality: number }[] = [];
    for await (const book of input.done) {
      if (book.skipped !== null) {
        tally.skipped += 1;
        skipped.push({ id: book.id, reason: book.skipped });
        continue;
      }
      tally[book.issues.length === 0 ? 'clean' : 'withIssues'] += 1;
      methods.set(book.method ?? 'none', (methods.get(book.method ?? 'none') ?? 0) + 1);
      if (book.quality !== null) qualities.push({ id: book.id, quality: book.quality });
      countIssues(book.issues, issues);
    }
    const failures: { id: string; code: string; message: string }[] = [];
    for await (const { key, error } of input.failed) failures.push({ id: key, code: error.code, message: error.message });
    qualities.sort((one, other) => one.quality - other.quality);
    const counts = {
      books: tally.clean + tally.withIssues + tally.skipped + failures.length,
      ...tally,
      failed: failures.length,
      ignored: input.ignored,
    };
    const summary = {
      version: '1.0.0',
      counts,
      methods: Object.fromEntries(methods),
      issues: Object.fromEntries([...issues].sort(([, one], [, other]) => other.count - one.count)),
      quality: { median: qualities[qualities.length >> 1]?.quality ?? null, lowest: qualities.slice(0, worstListed) },
      skipped,
      failures,
    };
    const written = await context.outputs.write('books.json', `${JSON.stringify(summary, null, 1)}\n`);
    return {
      books: counts.books,
      clean: tally.clean,
      withIssues: tally.withIssues,
      skipped: tally.skipped,
      failed: failures.length,
      summary: { ...written },
    };
  },
});

function countIssues(found: readonly Issue[], issues: Map<string, { severity: string; count: number; books: number }>): void {
  for (const [type, group] of Map.groupBy(found, (issue) => issue.type)) {
    const entry = issues.get(type) ?? { severity: group[0]?.severity ?? 'info', count: 0, books: 0 };
    issues.set(type, { ...entry, count: entry.count + group.length, books: entry.books + 1 });
  }
}
