import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { StepError } from '@scriptorium/core';
import { call, testContext } from '../../test/context.ts';
import { openCatalog, type CatalogQuery, type CatalogRow } from './catalog.ts';
import { checkCatalogHandler } from './check.ts';
import { importCatalog } from './import.ts';
import { authorKey, sameAuthor, titleKey } from './key.ts';

const head = 'Text#,Type,Issued,Title,Language,Authors,Subjects,LoCC,Bookshelves\n';
const rows = [
  '98,Text,1994-01-01,"A Tale of Two Cities\nA Story of the ""Revolution""",en,"Dickens, Charles, 1812-1870",History,PR,Best',
  '46,Text,2004-08-11,A Christmas Carol,en,"Dickens, Charles, 1812-1870; Leech, John, 1817-1864 [Illustrator]",,PR,',
  '47,Text,2004-08-11,A Christmas Carol,de,"Dickens, Charles, 1812-1870",,PR,',
  '300,Text,2004-08-11,"History of the World — Volume II",en,"Bois, W. E. B. Du",,PR,',
  '5,Sound,2004-08-11,A Recording,en,,,,',
  ',Text,,No Number,en,,,,',
  '98,Text,,Again,en,,,,',
];

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'catalog-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function givenCatalog(csv: string = head + rows.join('\n')): Promise<string> {
  await writeFile(join(folder, 'in.csv'), csv);
  await importCatalog(join(folder, 'in.csv'), join(folder, 'catalog.db'));
  return join(folder, 'catalog.db');
}

async function found(query: CatalogQuery): Promise<CatalogRow | null> {
  const catalog = openCatalog(await givenCatalog());
  try {
    return catalog.find(query)?.row ?? null;
  } finally {
    catalog.close();
  }
}

const failure = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof StepError && error.code === code && message.test(error.message) && error.fix !== undefined;

describe('importCatalog', () => {
  it('takes texts and counts what it leaves out', async () => {
    await writeFile(join(folder, 'in.csv'), `\ufeff${head}${rows.join('\r\n')}\r\n`);
    assert.deepEqual(await importCatalog(join(folder, 'in.csv'), join(folder, 'catalog.db')), { rows: 4, skipped: 3 });
  });

  it('puts a new catalog in the place of the old one, and leaves nothing else behind', async () => {
    await givenCatalog();
    await givenCatalog(`${head}1,Text,,Only,en,,,,\n`);
    const catalog = openCatalog(join(folder, 'catalog.db'));
    assert.equal(catalog.size(), 1);
    catalog.close();
    assert.deepEqual((await readdir(folder)).sort(), ['catalog.db', 'in.csv']);
  });

  it('keeps the old catalog when the new one cannot be built', async () => {
    const path = await givenCatalog();
    await assert.rejects(givenCatalog('a,b\n1,2\n'), failure('invalid_catalog', /lacks the columns Text#/));
    await assert.rejects(givenCatalog(`${head}1,Text,,"open quote`), failure('invalid_catalog', /CSV/));
    await assert.rejects(importCatalog(join(folder, 'absent.csv'), path), failure('io', /absent\.csv/));
    const catalog = openCatalog(path);
    assert.equal(catalog.size(), 4);
    catalog.close();
  });

  const real = fileURLToPath(new URL('../../../../../shared/corpus/catalog/pg_catalog.csv', import.meta.url));
  it('takes the real catalog', { skip: existsSync(real) ? false : 'the corpus is not beside the repository' }, async () => {
    const { rows: taken, skipped } = await importCatalog(real, join(folder, 'catalog.db'));
    assert.equal(taken + skipped, 7660);
    assert.ok(taken > 7500);
  });
});

describe('lookup', () => {
  it('goes by number first, where title or author agree with it', async () => {
    const row = await found({ workNumber: '98', title: 'A Christmas Carol', author: 'Charles Dickens' });
    assert.equal(row?.title, 'A Tale of Two Cities\nA Story of the "Revolution"');
    assert.equal((await found({ workNumber: '98' }))?.number, '98');
  });

  it('does not believe a number whose work has another title and author', async () => {
    assert.equal(await found({ workNumber: '98', title: 'Emma', author: 'Jane Austen' }), null);
    assert.equal((await found({ workNumber: '300', title: 'A Christmas Carol', author: 'Charles Dickens', language: 'en' }))?.number, '46');
  });

  it('goes by title and author where the number is unknown', async () => {
    assert.equal((await found({ workNumber: '999', title: 'The Tale of Two Cities; a story', author: 'Charles Dickens' }))?.number, '98');
    assert.equal(await found({ title: 'A Tale of Two Cities', author: 'Jane Austen' }), null);
  });

  it('prefers the language, and does not guess without an author', async () => {
    assert.equal((await found({ title: 'A Christmas Carol', author: 'C. Dickens', language: 'de' }))?.number, '47');
    assert.equal(await found({ title: 'A Christmas Carol' }), null);
    assert.equal((await found({ title: 'A Christmas Carol', language: 'en' }))?.number, '46');
  });

  it('knows the volume', async () => {
    assert.equal((await found({ workNumber: '300' }))?.volume, 2);
  });
});

describe('keys', () => {
  it('are what titles and authors have in common', () => {
    assert.equal(titleKey('The Strange Case: a Tale'), 'strange case');
    assert.equal(titleKey('Ragged Dick, Or, Street Life'), titleKey('Ragged Dick; Or, Street Life in New York'));
    assert.deepEqual(
      ['Dickens, Charles, 1812-1870', 'Charles Dickens', 'Francis Parkman, Jr.', 'Mark Twain (Samuel Clemens)'].map(authorKey),
      ['dickens', 'dickens', 'parkman', 'twain'],
    );
  });

  it('of authors bear particles and one letter more or less', () => {
    assert.ok(sameAuthor(authorKey('Du Bois, W. E. B.'), authorKey('W. E. B. Du Bois')));
    assert.ok(sameAuthor('dostoevsky', 'dostoyevsky'));
    assert.ok(!sameAuthor('brown', 'browne') && !sameAuthor('dickens', 'dickinson'));
  });
});

describe('book/check-catalog', () => {
  it('says once that none is named', async () => {
    const context = testContext(folder, 'preflight');
    assert.deepEqual(await call(checkCatalogHandler, { catalog: null }, context), { catalog: null, works: 0 });
    assert.deepEqual(
      context.logged.map(({ level }) => level),
      ['info'],
    );
  });

  it('opens the one that is named', async () => {
    const catalog = await givenCatalog();
    const checked = await call<{ catalog: { path: string; hash: string }; works: number }>(
      checkCatalogHandler,
      { catalog },
      testContext(folder, 'preflight'),
    );
    assert.deepEqual([checked.catalog.path, checked.works], [catalog, 4]);
    assert.match(checked.catalog.hash, /^sha256:[0-9a-f]{64}$/);
  });

  it('refuses one that is missing, is something else, or of another version', async () => {
    const check = (name: string) => async () =>
      call(checkCatalogHandler, { catalog: join(folder, name) }, testContext(folder, 'preflight'));
    await assert.rejects(check('absent.db'), failure('fatal', /does not exist/));
    await writeFile(join(folder, 'text.db'), 'no database');
    await assert.rejects(check('text.db'), failure('fatal', /no SQLite file/));
    const other = new DatabaseSync(join(folder, 'other.db'));
    other.exec('CREATE TABLE things (id INTEGER)');
    other.close();
    await assert.rejects(check('other.db'), failure('fatal', /without a catalog/));
    const old = new DatabaseSync(await givenCatalog());
    old.exec('PRAGMA user_version = 0');
    old.close();
    await assert.rejects(check('catalog.db'), failure('fatal', /version 0/));
  });
});
