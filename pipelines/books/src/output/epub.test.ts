import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EpubCheck } from '@likecoin/epubcheck-ts';
import { book, outline, prose, structured, textSource } from '../../test/sample.ts';
import { keyOf } from '../headings/piece.ts';
import { openArchive } from '../source/epub/archive.ts';
import {
  alignBook,
  blocksOf,
  cleanBook,
  countLetters,
  measureTopology,
  readSource,
  restructureToc,
  walkChapters,
  type Book,
} from '../structure.ts';
import { epubBytes, type Publication, type PublishedUnit } from './epub.ts';
import { publicationOf } from './publication.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'output-'));
});
after(() => rm(folder, { recursive: true }));

async function readBack(bytes: Uint8Array): Promise<Book> {
  const path = join(folder, 'back.epub');
  await writeFile(path, bytes);
  return bookAt(path);
}

async function bookAt(path: string): Promise<Book> {
  const source = await readSource(path);
  return restructureToc(alignBook(cleanBook(source, measureTopology('back', source), {})));
}

async function faults(bytes: Uint8Array): Promise<string[]> {
  const { messages } = await EpubCheck.validate(bytes);
  return messages
    .filter(({ severity }) => severity !== 'info' && severity !== 'usage')
    .map(({ id, message, location }) => `${id} ${message} ${location?.path ?? ''}:${String(location?.line ?? '')}`);
}

const letters = (of: Book): number => [...blocksOf(of)].reduce((sum, block) => sum + countLetters(block.text), 0);
const linked = (of: Book): unknown[] => {
  const blocks = [...blocksOf(of)];
  return blocks.flatMap((block) => (block.links ?? []).map(({ mark, note }) => [mark, blocks.find((one) => one.id === note)?.text]));
};
const paragraph = (text: string): PublishedUnit['blocks'][number] => ({ type: 'paragraph', text });

const story: Publication = {
  id: 'urn:uuid:7b1f2c4e-0000-4000-8000-000000000001',
  title: 'The Harbour & the <Tide>',
  authors: ['Ann Author', 'Ben "B" Author'],
  language: 'en',
  series: { name: 'Tales of the Sea', position: '2' },
  front: [{ title: 'Preface', kind: 'preface', blocks: [paragraph('A word before.')] }],
  body: [
    {
      title: 'Part One: Morning',
      kind: 'part',
      blocks: [],
      children: [
        {
          title: 'Chapter 1: The Tide',
          kind: 'chapter',
          blocks: [paragraph('It rose.')],
          children: [{ title: 'The first hour', kind: 'section', blocks: [paragraph('And fell.')] }],
        },
        { title: 'Chapter 2: The Quay', kind: 'chapter', blocks: [paragraph('It stood.')] },
      ],
    },
    {
      title: 'Part Two: Evening',
      kind: 'part',
      blocks: [],
      children: [{ title: 'Chapter 3: The Ship', kind: 'chapter', blocks: [paragraph('She came.')] }],
    },
  ],
};

describe('the EPUB of a publication', () => {
  it('is valid, and comes back with its tree, its people and its language', async () => {
    const bytes = await epubBytes(story);
    assert.deepEqual(await faults(bytes), []);
    const back = await readBack(bytes);
    assert.deepEqual(outline(back), [
      'part 1 Morning',
      '  chapter 1 The Tide',
      '    section The first hour',
      '  chapter 2 The Quay',
      'part 2 Evening',
      '  chapter 3 The Ship',
    ]);
    assert.deepEqual(
      [back.meta.title, back.meta.author, back.meta.language, back.meta.volume],
      [story.title, 'Ann Author; Ben "B" Author', 'en', '2'],
    );
    assert.deepEqual(
      back.structure.frontMatter.sections.map((section) => section.role),
      ['preface'],
    );
    assert.deepEqual(
      back.warnings.filter((warning) => warning.stage === 'read'),
      [],
    );
  });

  it('has the same bytes whenever it is made, and its type first, as readers want it', async () => {
    const [one, other] = [await epubBytes(story), await epubBytes(story)];
    assert.ok(Buffer.from(one).equals(other));
    assert.equal(Buffer.from(one.subarray(30, 58)).toString('latin1'), 'mimetypeapplication/epub+zip');
  });

  it('has nested contents for new readers and for old ones', async () => {
    const archive = await openArchive(await epubBytes(story), 'story');
    const text = (name: string): string => Buffer.from(archive.read(name)).toString();
    assert.match(
      text('EPUB/nav.xhtml'),
      /<a href="text\/body-0002\.xhtml">Part One: Morning<\/a><ol><li><a[^>]*>Chapter 1: The Tide<\/a><ol><li><a href="text\/body-0003\.xhtml#u4">The first hour<\/a><\/li>\n<\/ol><\/li>/,
    );
    assert.match(text('EPUB/nav.xhtml'), /epub:type="bodymatter" href="text\/body-0002\.xhtml"/);
    assert.match(
      text('EPUB/toc.ncx'),
      /<navPoint id="p2"[^>]*><navLabel><text>Part One: Morning<\/text><\/navLabel><content src="text\/body-0002\.xhtml"\/>\n<navPoint id="p3"/,
    );
  });

  it('takes whatever stands in a text: markup, control characters, halves of characters, other scripts', async () => {
    const text = 'a < b & c > "d" ]]> \u0000\u0008\ud800 \ufffe 𝔄 漢字 e\u0301 \u202e';
    const bytes = await epubBytes({
      ...story,
      title: `t ${text}`,
      body: [{ title: text, kind: 'chapter', blocks: [paragraph(text), { type: 'verse', text: 'one\ntwo' }] }],
    });
    assert.deepEqual(await faults(bytes), []);
    const back = await readBack(bytes);
    assert.ok([...blocksOf(back)].some((block) => /^a < b & c > ["“]d["”] \]\]>/.test(block.text) && block.text.includes('𝔄 漢字')));
    assert.ok([...blocksOf(back)].some((block) => block.type === 'verse' && block.text === 'one\ntwo'));
  });

  it('is valid without titles, without text, and with a tree that is deeper than headings go', async () => {
    const deep = (depth: number): PublishedUnit => ({
      title: `Level ${String(depth)}`,
      kind: depth > 2 ? 'section' : 'part',
      blocks: [paragraph('x')],
      children: depth < 9 ? [deep(depth + 1)] : [],
    });
    assert.deepEqual(await faults(await epubBytes({ ...story, body: [deep(1)] })), []);
    assert.deepEqual(
      await faults(await epubBytes({ ...story, front: [], body: [{ title: '', kind: 'chapter', blocks: [paragraph('x')] }] })),
      [],
    );
  });

  it('links notes both ways, and leaves marks whose note is missing in the text', async () => {
    const blocks: PublishedUnit['blocks'] = [
      {
        type: 'paragraph',
        text: 'The tide rose twice.',
        links: [
          { mark: '1', at: 8, note: 'n' },
          { mark: '*', at: 13, note: 'gone' },
        ],
        emphasis: [[4, 13]],
      },
      { type: 'note', id: 'n', mark: '1', text: 'From the Moon.' },
      { type: 'note', id: 'm', mark: '1', text: 'As Newton says.' },
    ];
    const bytes = await epubBytes({
      ...story,
      body: [
        { title: 'One', kind: 'chapter', blocks },
        { title: 'Two', kind: 'chapter', blocks: [paragraph('It fell.')] },
      ],
    });
    assert.deepEqual(await faults(bytes), []);
    const back = await readBack(bytes);
    assert.deepEqual(linked(back), [['1', 'From the Moon.']]);
    const rose = [...blocksOf(back)].find((block) => block.text.startsWith('The tide'));
    assert.equal(rose?.text, 'The tide rose[*] twice.');
    assert.deepEqual(rose?.emphasis, [[4, 13]]);
    assert.deepEqual(
      [...blocksOf(back)].filter((block) => block.type === 'note').map((block) => block.text),
      ['From the Moon.', 'As Newton says.'],
    );
  });

  it('can be written by a stream that its reader stops', async () => {
    const { epubStream } = await import('./epub.ts');
    let pieces = 0;
    for await (const _ of epubStream({
      ...story,
      body: Array.from({ length: 50 }, (_, n) => ({ title: `${n}`, kind: 'chapter', blocks: [paragraph(prose(n))] })),
    })) {
      pieces += 1;
      if (pieces === 2) break;
    }
    assert.equal(pieces, 2);
  });
});

describe('a book document', () => {
  it('comes back from its EPUB with the same chapters, letters and notes', async () => {
    const made = structured(
      textSource(
        book(
          'THE HARBOUR',
          'by Ann Author',
          `PREFACE\n\n${prose(9, 2)}`,
          `PART ONE\n\nMORNING`,
          `CHAPTER I.\n\nThe Tide\n\n${prose(1)}\n\nA ship[1] came.\n\n[1] A brig.`,
          `CHAPTER II.\n\nThe Quay\n\n${prose(2)}`,
          `PART TWO\n\nEVENING`,
          `CHAPTER III.\n\nThe Ship\n\n${prose(3)}`,
        ),
        { title: 'The Harbour', author: 'Ann Author', language: 'en' },
      ),
    );
    const bytes = await epubBytes(publicationOf(made));
    assert.deepEqual(await faults(bytes), []);
    const back = await readBack(bytes);
    assert.deepEqual(outline(back), outline(made));
    assert.equal(letters(back), letters(made));
    assert.deepEqual(linked(back), linked(made));
  });

  const corpus = fileURLToPath(new URL('../../../../../shared/corpus/raw', import.meta.url));
  it('of the corpus does so too', { skip: existsSync(corpus) ? false : `no corpus at ${corpus}` }, async () => {
    const names = (await readdir(corpus)).filter((name) => name.endsWith('.txt')).filter((_, index) => index % 20 === 0);
    for (const name of names) {
      const made = await bookAt(join(corpus, name));
      const bytes = await epubBytes(publicationOf(made));
      assert.deepEqual(await faults(bytes), [], name);
      const back = await readBack(bytes);
      const numbers = (of: Book): (number | null)[] => [...walkChapters(of.structure.body.chapters)].map(({ chapter }) => chapter.ordinal);
      assert.deepEqual(numbers(back), numbers(made), name);
      // Marks of notes that are letters, and the word before a picture, are listed as markup.
      const marks = back.removed.filter((entry) => entry.kind === 'markup').reduce((sum, entry) => sum + entry.letters, 0);
      assert.ok(Math.abs(letters(back) + marks - letters(made)) <= marks, `${name}: ${String(letters(back))} of ${String(letters(made))}`);
      assert.ok(keyOf(back.meta.title ?? '') === keyOf(made.meta.title ?? ''));
    }
  });
});
