import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { StepError } from '@scriptorium/core';
import { call, testContext } from '../../test/context.ts';
import { handlers } from '../index.ts';
import { scanFolder, type ScannedBook } from '../scan.ts';
import { readSource } from '../source/read.ts';
import { REAL_BOOKS } from './public-domain.ts';
import { makeSamples } from './samples.ts';
import { scoreSamples } from './score.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'samples-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('makeSamples', () => {
  it('makes the same bytes from the same seed, and others from another', async () => {
    const made = async (name: string, seed: number): Promise<string> => {
      const { folder } = await makeSamples(join(root, name), { count: 30, seed });
      return (await scanFolder(folder)).books.map((book) => book.hash).join();
    };
    assert.equal(await made('one', 5), await made('two', 5));
    assert.notEqual(await made('three', 6), await made('four', 5));
  });

  it('makes every kind of book, every defect and every outcome', async () => {
    const { folder, truth, truthFile } = await makeSamples(root, { count: 100, seed: 1 });
    const { books, ignored } = await scanFolder(folder);
    assert.deepEqual([books.length, ignored.length], [100, 0]);
    assert.deepEqual(
      truth.books.map((book) => book.id),
      books.map((book) => book.id),
    );
    assert.deepEqual([...new Set(books.map((book) => book.kind))].sort(), ['html', 'json', 'text']);
    assert.deepEqual([...new Set(truth.books.map((book) => book.outcome))].sort(), ['done', 'failed', 'skipped']);
    assert.equal(new Set(truth.books.flatMap((book) => book.defects.map((defect) => defect.type))).size, 14);
    assert.deepEqual(JSON.parse(await readFile(truthFile, 'utf8')), truth);
    assert.deepEqual((await readdir(root)).sort(), ['books', 'truth.json']);
  });

  it('knows where each unit begins', async () => {
    const { folder, truth } = await makeSamples(root, { count: 28, seed: 3 });
    for (const book of truth.books.filter(
      ({ shape, outcome }) => outcome === 'done' && ['roman', 'arabic', 'web', 'zhang', 'words'].includes(shape),
    )) {
      const name = (await readdir(folder)).find((file) => file.startsWith(book.id)) ?? '';
      const { lines } = await readSource(join(folder, name));
      for (const unit of book.units)
        assert.ok(
          lines.some((line) => line.start === unit.start && line.text !== ''),
          `${book.id}: no line at ${String(unit.start)}`,
        );
    }
  });

  it('puts real public-domain books among them, and knows where their chapters begin', async () => {
    const { folder, truth } = await makeSamples(root, { count: 5, seed: 1, real: true });
    const real = truth.books.slice(-REAL_BOOKS);
    assert.deepEqual([truth.books.length, real.map((book) => book.units.length)], [5, [12, 23, 24]]);
    for (const book of real) {
      const { lines } = await readSource(join(folder, `${book.id}.txt`));
      for (const unit of book.units)
        assert.match(lines.find((line) => line.start === unit.start)?.text ?? '', /^ *(CHAPTER |Chapter |[IVX]+$)/);
    }
  });

  it('does not write among other files', async () => {
    await makeSamples(root, { count: 1, seed: 1 });
    await assert.rejects(
      makeSamples(root, { count: 1, seed: 1 }),
      (error) => error instanceof StepError && error.code === 'io' && error.fix !== undefined,
    );
  });
});

describe('the stages over samples', () => {
  const handler = (name: string): (typeof handlers)[number] => handlers.find((one) => one.name === name) ?? assert.fail(name);

  async function runStages(book: ScannedBook, out: string): Promise<void> {
    const step = <T>(stage: string, uses: string, input: object): Promise<T> => call<T>(handler(uses), input, testContext(out, stage));
    const topology = await step<{ skip: object | null; document: object }>('topology', 'book/topology', { book });
    if (topology.skip !== null) return;
    const sanity = await step<{ meta: object; issues: object[] }>('sanity', 'book/sanity', {
      book,
      topology: topology.document,
      catalog: null,
    });
    const clean = await step<{ document: object }>('clean', 'book/clean', { book, topology: topology.document, meta: sanity.meta });
    const align = await step<{ document: object }>('align', 'book/align', { id: book.id, document: clean.document });
    const toc = await step<{ document: object }>('toc', 'book/toc', { id: book.id, document: align.document });
    await step('validate', 'book/validate-rules', { book: toc.document, source: book, issues: sanity.issues, fallback: null });
  }

  it('end as they must and find most of what is true', async (test) => {
    const { folder, truth } = await makeSamples(root, { count: 60, seed: 11 });
    for (const book of (await scanFolder(folder)).books) {
      await runStages(book, join(root, 'out')).catch((error: unknown) =>
        assert.ok(error instanceof StepError && error.code === 'unreadable', String(error)),
      );
    }
    const score = await scoreSamples(truth, join(root, 'out'), 'batch');
    const [injected, found] = [
      score.defects.reduce((sum, { injected: one }) => sum + one, 0),
      score.defects.reduce((sum, { found: one }) => sum + one, 0),
    ];
    test.diagnostic(`boundaries F1 ${score.boundaries.f1.toFixed(3)}, defects found ${String(found)} of ${String(injected)}`);
    assert.equal(score.asExpected, 60);
    assert.ok(score.boundaries.f1 > 0.93, JSON.stringify(score.misses));
    assert.ok(found / injected > 0.93, JSON.stringify(score.defects));
  });

  it('score nothing where nothing was made', async () => {
    const { truth } = await makeSamples(root, { count: 8, seed: 1 });
    const score = await scoreSamples(truth, join(root, 'nowhere'), 'batch');
    assert.deepEqual([score.asExpected, score.boundaries.f1], [0, 0]);
    assert.ok(score.defects.every((defect) => defect.found === 0));
  });
});
