import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ArtifactRef } from '@scriptorium/core';
import { call, testContext } from '../../test/context.ts';
import { epubFiles, zipped, type GivenEpub, type GivenFiles } from '../../test/epub.ts';
import { gif, jpeg, png, svg } from '../../test/pictures.ts';
import { prose } from '../../test/sample.ts';
import { walkChapters, type Block, type Book } from '../document.ts';
import { scanFolder } from '../scan.ts';
import { structureHandlers } from '../stages/structure.ts';

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'pictures-'));
});
after(() => rm(root, { recursive: true }));

const [topology, clean, align] = structureHandlers;

interface Made {
  readonly book: Book;
  readonly pictures: readonly ArtifactRef[];
}

async function made(path: string): Promise<Made> {
  const input = { id: 'book', path, hash: 'sha256:0' };
  const measured = await call<{ document: ArtifactRef }>(topology!, { book: input }, testContext(root, 'topology'));
  const context = testContext(root, 'clean');
  const cleaned = await call<{ document: ArtifactRef; pictures: ArtifactRef[] }>(
    clean!,
    { book: input, topology: measured.document },
    context,
  );
  const aligned = await call<{ document: ArtifactRef }>(align!, { id: 'book', document: cleaned.document }, testContext(root, 'align'));
  const book = JSON.parse(await context.artifacts.readText(aligned.document)) as Book;
  assert.equal(book.letters.source, book.letters.kept + book.letters.removed);
  assert.equal(book.pictures, undefined);
  return { book, pictures: cleaned.pictures };
}

async function ofEpub(given: GivenEpub): Promise<Made> {
  const path = join(root, 'book.epub');
  await writeFile(path, await zipped(epubFiles(given)));
  return made(path);
}

async function ofFolder(name: string, files: GivenFiles): Promise<Made> {
  for (const [file, data] of Object.entries(files)) {
    await mkdir(join(root, name, file, '..'), { recursive: true });
    await writeFile(join(root, name, file), data);
  }
  return made(join(root, name));
}

const ending = (file: string): string => file.slice(file.lastIndexOf('.') + 1);
const shape = ({ type, text, picture }: Block): string =>
  picture === undefined
    ? `${type} ${text.split(' ').slice(0, 3).join(' ')}`
    : `${type} <${ending(picture.file)} ${picture.alt ?? '?'}> ${text}`;
const units = (book: Book): string[][] => [
  ...book.structure.frontMatter.sections.map(({ blocks }) => blocks.map(shape)),
  ...[...walkChapters(book.structure.body.chapters)].map(({ chapter }) => chapter.blocks.map(shape)),
];
const refusals = (book: Book): string[] => book.warnings.filter(({ type }) => type.startsWith('picture_')).map(({ message }) => message);
const paragraph = (seed: number): string => `<p>${prose(seed, 1)}</p>`;
const opening = (seed: number): string => `paragraph ${prose(seed, 1).split(' ').slice(0, 3).join(' ')}`;
const nav = (...titles: readonly string[]): string =>
  `<ol>${titles.map((title, index) => `<li><a href="${String(index + 1)}.xhtml">${title}</a></li>`).join('')}</ol>`;

describe('pictures of an EPUB', () => {
  it('become illustrations where they stood, with what is printed below them', async () => {
    const { book, pictures } = await ofEpub({
      documents: [
        {
          name: '1.xhtml',
          body: `<div><img src="images/a.jpg" alt="[Illustration: a wave]"/></div><h2>Chapter 1. The Tide</h2>${paragraph(1)}
            <figure><img src="images/b.gif" alt=""/><figcaption>The quay<br/>at night</figcaption></figure>${paragraph(2)}`,
        },
        {
          name: '2.xhtml',
          body: `<h2>Chapter 2. The Quay</h2>${paragraph(3)}<div class="figcenter"><img src="images/a.jpg"/><p class="caption">The wave again</p></div>
            <p><img src="images/c.png" alt="A"/> ship <img src="images/d.svg" alt="a star"/> came.</p>${paragraph(4)}<p><img src="images/b.gif"/></p>`,
        },
      ],
      nav: nav('Chapter 1. The Tide', 'Chapter 2. The Quay'),
      more: { 'OEBPS/images/a.jpg': jpeg, 'OEBPS/images/b.gif': gif, 'OEBPS/images/c.png': png(2, 2, 0), 'OEBPS/images/d.svg': svg },
    });
    assert.deepEqual(units(book), [
      [
        'heading Chapter 1. The',
        'illustration <jpg a wave> ',
        opening(1),
        'illustration <gif > The quay',
        'illustration at night',
        opening(2),
      ],
      [
        'heading Chapter 2. The',
        opening(3),
        'illustration <jpg ?> The wave again',
        'paragraph A ship came.',
        'illustration <svg a star> ',
        opening(4),
        'illustration <gif ?> ',
      ],
    ]);
    assert.deepEqual(refusals(book), []);
    // Each lies there once, by its content.
    assert.deepEqual(pictures.map(({ path }) => ending(path)).toSorted(), ['gif', 'jpg', 'svg']);
    for (const { path, hash } of pictures) assert.ok(path.startsWith(`clean/batch/book/${hash.slice(7, 39)}.`), path);
  });

  it('keep pages without text, and know the cover', async () => {
    const { book, pictures } = await ofEpub({
      documents: [
        { name: 'cover.xhtml', body: '<svg viewBox="0 0 1 1"><image xlink:href="c.jpg"/></svg>' },
        { name: 'plate.xhtml', body: '<svg viewBox="0 0 1 1"><title>The harbour</title><image xlink:href="p.png"/></svg>' },
        { name: '1.xhtml', body: `<h2>Chapter 1</h2>${paragraph(1)}` },
        { name: 'plate2.xhtml', body: '<img src="p.png" alt="again"/>' },
        { name: '2.xhtml', body: `<h2>Chapter 2</h2>${paragraph(2)}` },
      ],
      nav: nav('Chapter 1', 'Chapter 2'),
      metadata: '<meta name="cover" content="cover"/>',
      items: '<item id="cover" href="c.jpg" media-type="image/jpeg"/>',
      more: { 'OEBPS/c.jpg': jpeg, 'OEBPS/p.png': png(3, 4, 9) },
    });
    assert.deepEqual(units(book), [
      ['heading Chapter 1', 'illustration <png The harbour> ', opening(1), 'illustration <png again> '],
      ['heading Chapter 2', opening(2)],
    ]);
    assert.equal(book.meta.cover?.mediaType, 'image/jpeg');
    assert.deepEqual([book.structure.body.chapters[0]?.blocks[1]?.picture?.width, pictures.length], [3, 2]);
  });

  it('stay behind where they are none, act, or lie elsewhere, and the book says which', async () => {
    const names = ['gone.png', 'no.png', 'act.svg', 'https://a.example/x.png', '../../etc/passwd', 'data:image/png,AA'];
    const { book, pictures } = await ofEpub({
      documents: [
        {
          name: '1.xhtml',
          body: `<h2>Chapter 1</h2>${paragraph(1)}${names.map((name) => `<img src="${name}"/>`).join('')}<svg><a href="x:y"><path/></a></svg>`,
        },
        { name: '2.xhtml', body: `<h2>Chapter 2</h2>${paragraph(2)}<svg><use xlink:href="#elsewhere"/></svg>` },
      ],
      nav: nav('Chapter 1', 'Chapter 2'),
      more: { 'OEBPS/no.png': 'GIF', 'OEBPS/act.svg': '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>' },
    });
    assert.deepEqual(pictures, []);
    assert.deepEqual(refusals(book), [
      '1 drawing in the markup (svg) shows what stands elsewhere in the page, and is not carried over',
      '7 pictures stay behind: OEBPS/gone.png is not there; OEBPS/no.png is no JPEG, PNG, GIF, WebP or SVG; ' +
        'OEBPS/act.svg is a drawing that carries a script; https://a.example/x.png lies outside of the book, and nothing is fetched; ' +
        '../../etc/passwd is not there; data:image/png,AA is written into the text in a way that is not read; ' +
        'data:image/svg+xml… is a drawing that points at something outside of it',
    ]);
  });
});

describe('pictures of HTML', () => {
  const page = (body: string): string => `<html><body>${body}</body></html>`;

  it('are read beside it, or out of the address, and from nowhere else', async () => {
    await writeFile(join(root, 'secret.png'), png(1, 1, 1));
    await mkdir(join(root, 'pages', 'pics'), { recursive: true });
    await symlink(join(root, 'secret.png'), join(root, 'pages', 'pics', 'link.png'));
    const { book, pictures } = await ofFolder('pages', {
      '1.html': page(`<h1>Chapter 1</h1>${paragraph(1)}<p><img src="pics/a%20b.png" alt="a boat"></p><p><img src="../secret.png"></p>`),
      '2.html': page(
        `<img src="data:image/gif;base64,${gif.toString('base64')}"><h1>Chapter 2</h1><p><img src="l.png" alt="O">nce more.</p>${paragraph(2)}<img src="pics/link.png">`,
      ),
      'pics/a b.png': png(5, 5, 5),
    });
    assert.deepEqual(units(book), [
      ['heading Chapter 1', opening(1), 'illustration <png a boat> '],
      ['heading Chapter 2', 'illustration <gif ?> ', 'paragraph Once more.', opening(2)],
    ]);
    assert.equal(pictures.length, 2);
    assert.deepEqual(refusals(book), [
      '2 pictures stay behind: ../secret.png lies outside of the folder of the book; pics/link.png lies outside of the folder of the book',
    ]);
    assert.deepEqual((await readdir(join(root, 'clean', 'batch', 'book'))).length >= 2, true);
  });

  it('may be drawn in the markup, or objects', async () => {
    const { book, pictures } = await ofFolder('drawn', {
      '1.html': page(
        `<h1>Chapter 1</h1>${paragraph(1)}<p><svg viewBox="0 0 9 9"><title>A map</title><path d="M0 0h9"/></svg></p>${paragraph(2)}
         <svg style="display: none"><symbol id="s"><path d="M0 0h9"/></symbol></svg><svg><use href="#s"/></svg>`,
      ),
      '2.html': page(
        `<h1>Chapter 2</h1>${paragraph(3)}<p><object data="o.png" type="image/png" title="a boat">A boat.</object></p>${paragraph(4)}
         <object data="o.svg"><img src="o.png" alt="the boat again"></object><object data="o.pdf"></object><embed src="o.svg">`,
      ),
      'o.png': png(5, 5, 6),
      'o.svg': svg,
    });
    assert.deepEqual(units(book), [
      ['heading Chapter 1', opening(1), 'illustration <svg A map> ', opening(2)],
      [
        ...['heading Chapter 2', opening(3), 'paragraph A boat.', 'illustration <png a boat> ', opening(4)],
        ...['illustration <png the boat again> ', 'illustration <svg ?> '],
      ],
    ]);
    assert.equal(pictures.length, 3);
    assert.deepEqual(refusals(book), ['1 drawing in the markup (svg) shows what stands elsewhere in the page, and is not carried over']);
  });

  it('make another book of it when they change', async () => {
    const folder = join(root, 'shelf');
    await mkdir(folder);
    await writeFile(join(folder, 'one.html'), page(`<h1>One</h1>${paragraph(1)}<object data="one.png">`));
    await writeFile(join(folder, 'one.png'), png(1, 1, 1));
    const first = await scanFolder(folder);
    await writeFile(join(folder, 'one.png'), png(1, 1, 2));
    const second = await scanFolder(folder);
    assert.deepEqual([first.books.length, first.ignored.length], [1, 1]);
    assert.notEqual(first.books[0]!.hash, second.books[0]!.hash);
  });
});
