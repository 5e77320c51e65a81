import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EpubCheck } from '@likecoin/epubcheck-ts';
import type { ArtifactRef } from '@scriptorium/core';
import { call, testContext } from '../../test/context.ts';
import { epubcheck, noEpubcheck } from '../../test/epubcheck.ts';
import { gif, jpeg, png, svg, webp } from '../../test/pictures.ts';
import { outline, prose } from '../../test/sample.ts';
import type { Picture } from '../document.ts';
import { openArchive } from '../source/epub/archive.ts';
import { alignBook, blocksOf, bookVersion, cleanBook, measureTopology, readSource, restructureToc, type Book } from '../structure.ts';
import { epubBytes, type Publication, type PublishedBlock, type PublishedPicture } from './epub.ts';
import { markdownOf } from './markdown.ts';
import { plainTextOf } from './plain.ts';
import { publishHandler } from './publish.ts';

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'published-'));
});
after(() => rm(root, { recursive: true }));

const given: readonly (readonly [string, string, Buffer])[] = [
  ['a.jpg', 'image/jpeg', jpeg],
  ['b.png', 'image/png', png(6, 4, 90)],
  ['c.gif', 'image/gif', gif],
  ['d.svg', 'image/svg+xml', Buffer.from(svg)],
];
const pictures: readonly PublishedPicture[] = given.map(([file, mediaType, bytes]) => ({
  file,
  mediaType,
  read: () => Promise.resolve(bytes),
}));
const show = (file: string, alt: string | null, text: string = ''): PublishedBlock => ({
  type: 'illustration',
  text,
  picture: { file, mediaType: pictures.find((one) => one.file === file)?.mediaType ?? '', alt },
});
const paragraph = (text: string): PublishedBlock => ({ type: 'paragraph', text });

const atlas: Publication = {
  id: 'urn:uuid:7b1f2c4e-0000-4000-8000-000000000002',
  title: 'An Atlas & more',
  authors: ['Ann Author'],
  language: 'en',
  pictures,
  cover: 'a.jpg',
  front: [{ title: 'Frontispiece', kind: 'titlePage', heading: false, blocks: [show('b.png', 'The "harbour" <at> night')] }],
  body: [
    {
      title: 'Part One',
      kind: 'part',
      blocks: [],
      children: [
        {
          title: 'Chapter 1',
          kind: 'chapter',
          blocks: [
            { ...paragraph('It rose twice.'), links: [{ mark: '1', at: 7, note: 'n' }] },
            show('c.gif', null, 'The quay'),
            { type: 'illustration', text: 'at night' },
            show('c.gif', ''),
            show('gone.png', 'nothing', 'A caption alone'),
            { type: 'note', id: 'n', mark: '1', text: 'From the Moon.' },
          ],
          children: [{ title: 'A section', kind: 'section', blocks: [show('d.svg', null)] }],
        },
        { title: 'Chapter 2', kind: 'chapter', blocks: [paragraph('It fell.')] },
      ],
    },
  ],
};

const chinese: Publication = {
  id: 'urn:uuid:7b1f2c4e-0000-4000-8000-000000000003',
  title: '粉妝樓',
  authors: ['羅貫中'],
  language: 'zh',
  pictures,
  body: ['第一回 系紅繩月下聯姻', '第二回 柏公長安面聖'].map((title, index) => ({
    title,
    kind: 'chapter',
    blocks: [
      { type: 'heading', text: title },
      paragraph('話說天下大勢，分久必合，合久必分。'),
      show('b.png', '長安城', `圖${String(index + 1)}`),
    ],
  })),
};

describe('pictures of a publication', () => {
  it('make a valid EPUB with a cover, words for each of them, and captions', async () => {
    for (const publication of [atlas, chinese]) {
      const { messages } = await EpubCheck.validate(await epubBytes(publication));
      assert.deepEqual(
        messages.filter(({ severity }) => severity !== 'info' && severity !== 'usage'),
        [],
      );
    }
    const archive = await openArchive(await epubBytes(atlas), 'atlas');
    const text = (name: string): string => Buffer.from(archive.read(name)).toString();
    assert.match(text('EPUB/package.opf'), /<item id="i1" href="images\/a\.jpg" media-type="image\/jpeg" properties="cover-image"\/>/);
    assert.match(text('EPUB/package.opf'), /<meta name="cover" content="i1"\/>/);
    assert.ok(Buffer.from(archive.read('EPUB/images/b.png')).equals(given[1]![2]));
    const chapter = text('EPUB/text/body-0003.xhtml');
    assert.match(
      chapter,
      /<figure><img src="\.\.\/images\/c\.gif" alt="The quay"\/><figcaption>The quay<br\/>at night<\/figcaption><\/figure>/,
    );
    assert.match(chapter, /<figure><img src="\.\.\/images\/c\.gif" alt=""\/><\/figure>/);
    assert.match(chapter, /<figure><figcaption>A caption alone<\/figcaption><\/figure>/);
    assert.match(text('EPUB/text/front-0001.xhtml'), /alt="The &quot;harbour&quot; &lt;at&gt; night"/);
  });

  it('pass the W3C’s own checker too', { skip: noEpubcheck }, async () => {
    // One book with all of it, for each call starts a Java machine.
    const path = join(root, 'both.epub');
    await writeFile(path, await epubBytes({ ...atlas, language: 'zh', body: [...atlas.body, ...chinese.body] }));
    assert.deepEqual(await epubcheck(path), []);
  });

  it('of the newest kind are valid in EPUB 3.3', async () => {
    const picture: PublishedPicture = { file: 'e.webp', mediaType: 'image/webp', read: () => Promise.resolve(webp) };
    const block: PublishedBlock = { type: 'illustration', text: '', picture: { file: 'e.webp', mediaType: 'image/webp', alt: 'x' } };
    const bytes = await epubBytes({ ...atlas, pictures: [picture], body: [{ title: 'One', kind: 'chapter', blocks: [block] }] });
    const { messages } = await EpubCheck.validate(bytes);
    assert.deepEqual(
      messages.filter(({ severity }) => severity !== 'info' && severity !== 'usage').map(({ id, message }) => `${id} ${message}`),
      [],
    );
  });

  it('are linked in Markdown, and named in plain text', () => {
    const markdown = [...markdownOf(atlas, 'my atlas')].join('');
    assert.match(markdown, /^# An Atlas & more\n\n\*Ann Author\*\n\n!\[An Atlas & more\]\(my%20atlas\/a\.jpg\)\n/);
    assert.match(markdown, /\n!\[The "harbour" \\<at\\> night\]\(my%20atlas\/b\.png\)\n/);
    assert.match(
      markdown,
      /\n!\[The quay\]\(my%20atlas\/c\.gif\)\\\n\*The quay\*\n\n\*at night\*\n\n!\[\]\(my%20atlas\/c\.gif\)\n\n\*A caption alone\*\n/,
    );
    const text = [...plainTextOf(atlas)].join('');
    assert.match(text, /\n\[Illustration: The "harbour" <at> night\]\n/);
    assert.match(
      text,
      /\n\[Illustration: The quay\]\n\n\[Illustration: at night\]\n\n\[Illustration\]\n\n\[Illustration: A caption alone\]\n/,
    );
  });

  it('that cannot be read end the archive with an error', async () => {
    const broken: PublishedPicture = { ...pictures[0]!, read: () => Promise.reject(new Error('the disk is gone')) };
    await assert.rejects(epubBytes({ ...atlas, pictures: [broken] }), /the disk is gone/);
  });

  it('come back from the EPUB with their captions and the cover', async () => {
    const path = join(root, 'atlas.epub');
    await writeFile(path, await epubBytes(atlas));
    const source = await readSource(path);
    const kept = new Map((source.pictures ?? []).map(({ path: at }): [string, Picture] => [at, { file: at.slice(-5), mediaType: '' }]));
    kept.set('EPUB/images/a.jpg', { file: 'a.jpg', mediaType: 'image/jpeg' });
    const found = { find: ({ path: at }: { readonly path: string }) => kept.get(at), issues: [] };
    const book = restructureToc(alignBook(cleanBook(source, measureTopology('back', source), {}, { pictures: found })));
    assert.deepEqual(
      [...blocksOf(book)].filter(({ picture }) => picture !== undefined).map(({ picture, text }) => [picture?.file, picture?.alt, text]),
      [
        ['b.png', 'The "harbour" <at> night', ''],
        ['c.gif', 'The quay', 'The quay'],
        ['c.gif', '', ''],
        ['d.svg', null, ''],
      ],
    );
    assert.equal(book.meta.cover?.file, 'a.jpg');
    assert.deepEqual(outline(book), ['part 1', '  chapter 1', '    section A section', '  chapter 2']);
  });
});

describe('the stage that publishes', () => {
  it('writes the pictures that the book shows into the EPUB and beside the Markdown', async () => {
    const context = testContext(root, 'clean');
    const shown = { file: `${'0'.repeat(32)}.png`, mediaType: 'image/png' };
    const ref = await context.outputs.write(`atlas/${shown.file}`, png(2, 2, 2));
    const unshown = await context.outputs.write(`atlas/${'1'.repeat(32)}.gif`, gif);
    const source = { start: 0, end: 0 };
    const book: Book = {
      version: bookVersion,
      id: 'atlas',
      meta: { title: 'An Atlas', author: null, language: 'en', source: { kind: 'epub', files: [] } },
      structure: {
        frontMatter: { toc: [], sections: [] },
        body: {
          chapters: [
            {
              id: 'chapter-1',
              kind: 'chapter',
              title: 'One',
              ordinal: 1,
              blocks: [
                { id: 'b1', type: 'paragraph', text: prose(1, 1), source },
                { id: 'picture-1', type: 'illustration', text: '', picture: { ...shown, alt: 'a map' }, source },
              ],
              children: [],
            },
          ],
        },
        backMatter: { sections: [] },
      },
      removed: [],
      letters: { source: 0, kept: 0, removed: 0 },
      warnings: [],
    };
    const document = await context.outputs.write('atlas.json', JSON.stringify(book));
    const { files } = await call<{ files: ArtifactRef[] }>(
      publishHandler,
      { id: 'atlas', document, formats: ['epub', 'markdown', 'text'], pictures: [ref, unshown] },
      testContext(root, 'publish'),
    );
    assert.deepEqual(
      files.map(({ path }) => path),
      ['atlas.epub', 'atlas.md', 'atlas.txt', `atlas/${shown.file}`].map((name) => `publish/batch/${name}`),
    );
    const text = await context.artifacts.readText(files[1]!);
    assert.ok(text.includes(`![a map](atlas/${shown.file})`));
    const archive = await openArchive(await context.artifacts.read(files[0]!), 'atlas');
    assert.deepEqual(
      archive.names.filter((name) => name.includes('/images/')),
      [`EPUB/images/${shown.file}`],
    );
  });
});
