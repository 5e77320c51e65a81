import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { importCatalog, openCatalog, type CatalogRow } from '@scriptorium/books/checks';
import { corpusWorks, readRows, scoreLookup, workFinder, type Work } from './catalog.ts';
import { inventedTables } from './invented-tables.ts';
import { precisionOf, recallOf, scoreInvented, scoreSequences } from './sequences.ts';

const corpus = fileURLToPath(new URL('../../../../shared/corpus', import.meta.url));

describe('stage 2 on invented contents tables', () => {
  it('finds two defects in one place, and those at the borders of volumes', () => {
    for (const score of scoreInvented(inventedTables([11]))) {
      assert.deepEqual([score.extra, score.missed], [[], []], score.type);
      assert.ok(score.hits > 0);
    }
  });
});

describe('stage 2 on the corpus', { skip: existsSync(corpus) ? false : `no corpus at ${corpus}` }, () => {
  it('finds the defects of real contents tables: precision and recall of at least 0.98 for every type', async () => {
    const { types, spaced } = await scoreSequences(corpus);
    for (const score of types) {
      const { type, hits, extra, missed } = score;
      assert.ok(hits > 0, type);
      assert.ok(precisionOf(score) >= 0.98 && recallOf(score) >= 0.98, `${type}: extra ${extra.join(', ')}; missed ${missed.join(', ')}`);
    }
    assert.deepEqual(
      types.map(({ type }) => type),
      ['duplicate', 'gap', 'out_of_order', 'nonstandard_start', 'no_number', 'continuation_volume', 'nonstandard_start, halves'],
    );
    assert.equal(spaced.length, 2);
  });

  it('finds every book that the catalog has, by number or without, and takes no other for it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'catalog-'));
    const path = join(directory, 'catalog.db');
    await importCatalog(join(corpus, 'catalog', 'pg_catalog.csv'), path);
    const catalog = openCatalog(path);
    try {
      const works = await corpusWorks(corpus);
      const worksOf = workFinder(readRows(path));
      const asked = (query: (work: Work) => Partial<Work>): ReturnType<typeof scoreLookup> =>
        scoreLookup(
          catalog,
          works.map((truth) => ({ query: query(truth), truth })),
          worksOf,
        );
      for (const score of [asked((work) => work), asked(({ title, author }) => ({ title, author }))])
        assert.deepEqual([score.wrong, score.missed], [0, 0], score.examples.join('\n'));
      // Nothing is found by a number that belongs to another book, nor is its title taken over.
      const others: readonly CatalogRow[] = readRows(path).slice(0, works.length);
      const borrowed = works.map((truth, index) => ({
        query: { title: truth.title, author: truth.author, workNumber: others[index]?.number ?? '' },
        truth,
      }));
      assert.equal(scoreLookup(catalog, borrowed, worksOf).wrong, 0);
    } finally {
      catalog.close();
      await rm(directory, { recursive: true });
    }
  });
});
