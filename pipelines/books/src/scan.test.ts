import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { StepError } from '@scriptorium/core';
import { call, testContext } from '../test/context.ts';
import { scanFolder, scanHandler } from './scan.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scan-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function given(files: { readonly [name: string]: string | Uint8Array }): Promise<void> {
  for (const [name, data] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), data);
  }
}

const fatal = (message: RegExp) => (error: unknown) =>
  error instanceof StepError && error.code === 'fatal' && message.test(error.message) && error.fix !== undefined;

describe('scanFolder', () => {
  it('lists files and folders as books, in the order of their ids', async () => {
    await given({ 'b.txt': 'text', 'a/1.html': '<p>x', 'a/2.html': '<p>y', 'c.json': '{"chapters": []}', 'd.html': '<p>z' });
    const { books, ignored } = await scanFolder(folder);
    assert.deepEqual(
      books.map(({ id, kind, bytes }) => [id, kind, bytes]),
      [
        ['a', 'html', 8],
        ['b', 'text', 4],
        ['c', 'json', 16],
        ['d', 'html', 4],
      ],
    );
    assert.deepEqual(ignored, []);
  });

  it('says why it ignores what is no book', async () => {
    await given({
      'cover.png': Buffer.from('\x89PNG\r\n', 'latin1'),
      'list.json': '{"books": []}',
      'empty/notes.md': 'x',
      '.hidden.txt': 'x',
    });
    const { books, ignored } = await scanFolder(folder);
    assert.deepEqual(books, []);
    assert.deepEqual(ignored.map(({ reason }) => reason).sort(), [
      'JSON without chapters',
      'a folder without text, HTML, JSON or EPUB files',
      'not a text, HTML, JSON or EPUB file',
    ]);
  });

  it('takes pages of one name that are counted for one book where nothing else is, and those beside an info.json', async () => {
    const found = async (): Promise<unknown> => (await scanFolder(folder)).books.map(({ kind, files }) => [kind, files]);
    await given({ 'ch1.html': '<p>x', 'ch2.html': '<p>y', 'ch10.html': '<p>z' });
    assert.deepEqual(await found(), [['html', ['ch1.html', 'ch2.html', 'ch10.html']]]);
    await given({ 'cz.txt': 'text' });
    assert.equal((await scanFolder(folder)).books.length, 4);
    await given({ 'info.json': '{"name": "N"}' });
    assert.equal((await scanFolder(folder)).books.length, 2);
  });

  it('takes pages that say that they are books for books', async () => {
    const page = '<meta name="dc.title" content="T"><p>x';
    await given({ 'shelf/1.html': page, 'shelf/2.html': page, 'shelf/3.html': page });
    assert.deepEqual(
      (await scanFolder(folder)).books.map(({ id }) => id),
      ['shelf_1', 'shelf_2', 'shelf_3'],
    );
  });

  it('joins volumes or keeps them apart, as it is told', async () => {
    await given({
      '12a_Tale_Ann.txt': 'one',
      '12b_Tale_Ann.txt': 'two',
      '13a_Else_Ann.txt': 'x',
      'work/1.txt': 'one',
      'work/2.txt': 'two',
    });
    const ids = async (volumes: 'folder' | 'joined' | 'apart'): Promise<string[]> =>
      (await scanFolder(folder, volumes)).books.map(({ id, files }) => `${id}${files === undefined ? '' : `: ${files.join(' + ')}`}`);
    assert.deepEqual(await ids('folder'), ['12a_Tale_Ann', '12b_Tale_Ann', '13a_Else_Ann', 'work']);
    assert.deepEqual(await ids('joined'), ['12_Tale_Ann: 12a_Tale_Ann.txt + 12b_Tale_Ann.txt', '13a_Else_Ann', 'work']);
    assert.deepEqual(await ids('apart'), ['12a_Tale_Ann', '12b_Tale_Ann', '13a_Else_Ann', 'work_1', 'work_2']);
  });

  it('tells which files of a folder are no part of its book', async () => {
    await given({ 'book/1.html': '<p>x', 'book/2.html': '<p>y', 'book/notes.txt': 'n', 'book/style.css': 'p', 'book/more/3.html': '<p>z' });
    const { books, ignored } = await scanFolder(folder);
    assert.equal(books.length, 1);
    assert.deepEqual(
      ignored.map(({ path, reason }) => [path.slice(folder.length + 1), reason]),
      [
        ['book/more', 'beside the 2 files of the book book'],
        ['book/notes.txt', 'beside the 2 files of the book book'],
      ],
    );
  });

  it('goes by the bytes where the name says otherwise', async () => {
    await given({ 'page.txt': '<!DOCTYPE html><p>x', 'book.txt': '{ "metadata": {}, "chapters": [] }' });
    assert.deepEqual(
      (await scanFolder(folder)).books.map(({ kind }) => kind),
      ['json', 'html'],
    );
  });

  it('gives equal content equal hashes, and other content others', async () => {
    await given({ 'a.txt': 'same', 'b.txt': 'same', 'c.txt': 'other', 'd/1.html': '<p>1', 'e/1.html': '<p>1', 'f/2.html': '<p>1' });
    const hashes = (await scanFolder(folder)).books.map((book) => book.hash);
    assert.equal(hashes[0], hashes[1]);
    assert.equal(hashes[3], hashes[4]);
    assert.equal(new Set(hashes).size, 4);
  });

  it('refuses two books of one id and names both', async () => {
    await given({ 'one.txt': 'x', 'one.html': '<p>y' });
    await assert.rejects(scanFolder(folder), fatal(/"one".*one\.(txt|html).*one\.(txt|html)/));
  });

  it('makes ids of one Unicode form that are safe as file names', async () => {
    await given({ 'cafe\u0301.txt': 'x', 'a:b?.txt': 'y' });
    assert.deepEqual(
      (await scanFolder(folder)).books.map((book) => book.id),
      ['a_b_', 'caf\u00e9'],
    );
  });

  it('refuses a folder that is missing', async () => {
    await assert.rejects(scanFolder(join(folder, 'absent')), fatal(/absent/));
  });
});

describe('book/scan', () => {
  it('tells about everything that it ignores', async () => {
    await given({ 'a.txt': 'x', 'b.bin': 'y' });
    const context = testContext(folder, 'scan');
    const scan = await call<{ books: unknown[]; ignored: unknown[] }>(scanHandler, { folder }, context);
    assert.deepEqual([scan.books.length, scan.ignored.length], [1, 1]);
    assert.match(context.logged[0]?.message ?? '', /ignored .*b\.bin/);
  });
});
