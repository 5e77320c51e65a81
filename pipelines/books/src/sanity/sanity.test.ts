import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { importCatalog } from '../catalog/import.ts';
import { chanceOf } from '../samples/chance.ts';
import { epubBytes } from '../output/epub.ts';
import type { PublishedUnit } from '../output/publication.ts';
import { proseOf, type SampleLanguage } from '../samples/prose.ts';
import { readSource } from '../source/read.ts';
import { measureTopology } from '../topology/topology.ts';
import { call, putArtifact, testContext, type TestOptions } from '../../test/context.ts';
import { enriched } from './enrich.ts';
import type { Issue } from './issue.ts';
import { languageOf } from './language.ts';
import { lengthIssues } from './length.ts';
import { sanityHandler } from './sanity.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sanity-'));
});
afterEach(() => rm(root, { recursive: true }));

interface SanityResult {
  readonly meta: { readonly title?: string; readonly volume?: string; readonly extra?: { readonly subjects?: string } };
  readonly issues: readonly Issue[];
  readonly catalog: string;
}

const prose = (language: SampleLanguage, paragraphs = 12): string => {
  const { paragraph } = proseOf(language, chanceOf(7));
  return Array.from({ length: paragraphs }, paragraph).join('\n\n');
};

const chapters = (numbers: readonly number[]): string =>
  numbers.map((number) => `\n\n\n\nCHAPTER ${String(number)}\n\n\n${prose('en', 6)}\n`).join('');

async function whenChecked(
  name: string,
  text: string | Uint8Array,
  options: TestOptions & { readonly catalog?: string } = {},
): Promise<SanityResult> {
  const path = join(root, name);
  await writeFile(path, text);
  const topology = await putArtifact(root, 'topology/batch/b.json', JSON.stringify(measureTopology('b', await readSource(path))));
  return call(
    sanityHandler,
    { book: { id: 'b', path, hash: 'h' }, topology, catalog: options.catalog === undefined ? null : { path: options.catalog, hash: 'h' } },
    testContext(root, 'sanity', options),
  );
}

const types = (result: SanityResult): string[] => result.issues.map((issue) => issue.type);

describe('book/sanity', () => {
  it('lets the numbers of an EPUB start again below each part, and tells of those that do not go on', async () => {
    const chapter = (number: number): PublishedUnit => ({
      title: `${String(number)}. The Tide`,
      kind: 'chapter',
      blocks: prose('en', 4)
        .split('\n\n')
        .map((text) => ({ type: 'paragraph', text })),
    });
    const part = (title: string, ...numbers: readonly number[]): PublishedUnit => ({
      title,
      kind: 'part',
      blocks: [],
      children: numbers.map(chapter),
    });
    const body = [part('Book One: Ebb', 1, 2, 3), part('Book Two: Flood', 1, 2, 4)];
    const result = await whenChecked('a.epub', await epubBytes({ id: 'urn:a', title: 'A', authors: [], language: 'und', body }));
    assert.deepEqual(
      result.issues.map(({ type, title }) => [type, title]),
      [['gap', '4. The Tide']],
    );
  });

  it('finds nothing wrong with a sound book, and writes what it found', async () => {
    const result = await whenChecked('a.txt', chapters([1, 2, 3, 4, 5]));
    assert.deepEqual([types(result), result.catalog, result.meta], [[], 'none', { language: 'en' }]);
    assert.deepEqual((JSON.parse(await readFile(join(root, 'sanity/batch/b.json'), 'utf8')) as { issues: unknown }).issues, []);
  });

  it('checks the numbers of chapters; a gap is an error in strict mode', async () => {
    const text = chapters([1, 2, 3, 5, 6]);
    assert.deepEqual(
      (await whenChecked('a.txt', text)).issues.map(({ type, severity }) => [type, severity]),
      [['gap', 'warning']],
    );
    assert.deepEqual(
      (await whenChecked('a.txt', text, { mode: 'strict' })).issues.map(({ type, severity }) => [type, severity]),
      [['gap', 'error']],
    );
  });

  it('tells that the bytes are not what the file says', async () => {
    const text = `Title: A\nLanguage: English\nCharacter set encoding: UTF-8\n\n*** START OF THIS PROJECT GUTENBERG EBOOK A ***\n${chapters([1, 2, 3]).replace('The', 'Caf\u00e9. The')}`;
    const issue = (await whenChecked('a.txt', Buffer.from(text.replace(/[^\x00-\xff]/g, '"'), 'latin1'))).issues.find(
      ({ type }) => type === 'wrong_encoding',
    );
    assert.deepEqual([issue?.expected, issue?.actual], ['utf-8', 'iso-8859-1']);
  });

  it('tells that the text is in another language than its header says', async () => {
    const text = `Title: A\nLanguage: French\n\n*** START OF THIS PROJECT GUTENBERG EBOOK A ***\n${chapters([1, 2, 3])}`;
    const issue = (await whenChecked('a.txt', text)).issues.find(({ type }) => type === 'language_mismatch');
    assert.deepEqual([issue?.expected, issue?.actual], ['fr', 'en']);
  });
});

describe('with a catalog', () => {
  const csv = 'Text#,Type,Title,Language,Authors,Subjects,Bookshelves\n7,Text,"The Set — Volume 2",en,"Writer, Anne",Gardens,\n';
  const givenCatalog = async (): Promise<string> => {
    await writeFile(join(root, 'in.csv'), csv);
    await importCatalog(join(root, 'in.csv'), join(root, 'catalog.db'));
    return join(root, 'catalog.db');
  };

  it('adds metadata, and lets a later volume start where it likes', async () => {
    const result = await whenChecked('7.txt', chapters([12, 13, 14]), { catalog: await givenCatalog() });
    assert.deepEqual(
      [result.catalog, result.meta.title, result.meta.volume, result.meta.extra?.subjects],
      ['found', 'The Set — Volume 2', '2', 'Gardens'],
    );
    assert.deepEqual(types(result), ['continuation_volume']);
  });

  it('warns of a book that the catalog does not have', async () => {
    const result = await whenChecked('8.txt', chapters([1, 2, 3]), { catalog: await givenCatalog() });
    assert.deepEqual([result.catalog, types(result)], ['missing', ['not_in_catalog']]);
    assert.match(result.issues[0]?.message ?? '', /number 8/);
  });

  it('warns where number and book disagree, and takes nothing from the other work', async () => {
    const text = `Title: Other Things\nAuthor: Bob Else\n\n*** START OF THIS PROJECT GUTENBERG EBOOK A ***\n${chapters([1, 2, 3])}`;
    const result = await whenChecked('7.txt', text, { catalog: await givenCatalog() });
    assert.deepEqual([result.catalog, types(result), result.meta.extra], ['missing', ['catalog_mismatch'], undefined]);
  });

  it('finds a work by the name of its file', async () => {
    const result = await whenChecked('Anne Writer - The Set, Volume 2.txt', chapters([12, 13, 14]), { catalog: await givenCatalog() });
    assert.deepEqual([result.catalog, types(result)], ['found', ['continuation_volume']]);
  });

  it('says which work it took where the title is not quite the same', async () => {
    const head = (title: string): string => `Title: ${title}\nAuthor: Anne Writer\n\n*** START OF THIS PROJECT GUTENBERG EBOOK A ***\n`;
    const csvOf = 'Text#,Type,Title,Language,Authors,Subjects,Bookshelves\n8,Text,"The Garden in Autumn",en,"Writer, Anne",Gardens,\n';
    await writeFile(join(root, 'in.csv'), csvOf);
    await importCatalog(join(root, 'in.csv'), join(root, 'one.db'));
    const ask = (title: string): Promise<SanityResult> =>
      whenChecked('a.txt', head(title) + chapters([1, 2, 3]), { catalog: join(root, 'one.db') });
    const slip = await ask('The Gardon in Autumn');
    assert.deepEqual([slip.catalog, types(slip)], ['found', ['catalog_similar']]);
    assert.match(slip.issues[0]?.message ?? '', /number 8 .*Garden in Autumn.*likeness 0\.9/);
    assert.deepEqual(types(await ask('The Garden in Winter')), ['not_in_catalog']);
    assert.deepEqual(types(await ask('The Garden in Autumn, Volume 2')), ['not_in_catalog']);
  });

  it('leaves what the file itself says', () => {
    const row = {
      number: '7',
      title: 'The Set\nIts Subtitle',
      authors: 'Writer, Anne',
      language: 'en',
      subjects: 's',
      bookshelves: '',
      volume: null,
    };
    const meta = enriched({ title: 'Set', language: 'de' }, row);
    assert.deepEqual([meta.title, meta.language, meta.author, meta.workNumber], ['Set', 'de', 'Writer, Anne', '7']);
  });
});

describe('lengths', () => {
  const units = (...letters: number[]): { title: string; letters: number; container: boolean }[] =>
    letters.map((count) => ({ title: 't', letters: count, container: false }));
  const found = (...letters: number[]): string[] => lengthIssues(units(...letters)).map(({ type, index }) => `${type}@${String(index)}`);

  it('are told against the middle one of the book', () => {
    assert.deepEqual(found(9000, 8000, 0, 9500, 200, 8800, 100_000), ['empty@2', 'very_short@4', 'very_long@6']);
    assert.deepEqual(found(300, 250, 280, 20, 310), []);
    assert.deepEqual(found(9000, 100), []);
  });

  it('of units that hold others mean nothing', () => {
    assert.deepEqual(lengthIssues([{ title: 'part', letters: 0, container: true }, ...units(9000, 9000, 9000, 9000)]), []);
  });
});

describe('languageOf', () => {
  it('knows languages by script and common words', () => {
    assert.equal(languageOf(prose('en')), 'en');
    assert.equal(languageOf(prose('de')), 'de');
    assert.equal(languageOf(prose('zh')), 'zh');
    assert.equal(languageOf('Съешь же ещё этих мягких французских булок, да выпей чаю и иди домой'), 'ru');
  });

  it('does not guess from a few words', () => {
    assert.equal(languageOf('The end.'), null);
    assert.equal(languageOf(''), null);
  });
});
