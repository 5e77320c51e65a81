import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { book, prose, sectionSource, shapeOf, textSource } from '../../test/sample.ts';
import { measureWrapping } from './paragraphs.ts';
import { measureTopology } from './topology.ts';

const licence = [
  '*** END OF THE PROJECT GUTENBERG EBOOK A QUAY ***',
  'Updated editions will replace the previous one.',
  '*** START: FULL LICENSE ***',
  'You may copy it under the terms of the licence.',
].join('\n\n');
const header = ['The Project Gutenberg EBook of A Quay', 'Title: A Quay', '*** START OF THIS PROJECT GUTENBERG EBOOK A QUAY ***'].join(
  '\n\n',
);

describe('the shape of a book', () => {
  it('tells hard-wrapped text and its width from text with a line a paragraph', () => {
    assert.deepEqual(shapeOf(prose(1, 20)).wrapping.wrapped, true);
    assert.ok(Math.abs(shapeOf(prose(1, 20)).wrapping.width - 70) <= 3);
    const unwrapped = prose(1, 20)
      .split('\n\n')
      .map((paragraph) => paragraph.replaceAll('\n', ' '));
    assert.equal(shapeOf(unwrapped.join('\n\n')).wrapping.wrapped, false);
    assert.equal(shapeOf(unwrapped.join('\n')).wrapping.wrapped, false);
  });

  it('finds the distributor’s header, footer and licence', () => {
    const shape = shapeOf(book(header, prose(1), licence));
    assert.deepEqual(
      shape.added.map((range) => range.kind),
      ['boilerplate', 'boilerplate', 'licence'],
    );
    assert.equal(shape.kept.length, 1);
  });

  it('keeps every book of a file that has several, each with a header and a licence', () => {
    const shape = shapeOf([1, 2].map((seed) => book(header, 'Produced by A. Hand', prose(seed), licence)).join(''));
    assert.equal(shape.kept.length, 2);
    assert.equal(shape.size.paragraphs, 16);
    assert.deepEqual(
      shape.added.map(({ kind }) => kind),
      ['boilerplate', 'credits', 'boilerplate', 'credits', 'boilerplate', 'licence'],
    );
  });

  it('finds no boilerplate in a text that only speaks of it', () => {
    assert.deepEqual(shapeOf(book(prose(1), 'He had read of the End of the Road in a project Gutenberg never began.', prose(2))).added, []);
  });

  it('reports numbering schemes and their restarts in each part', () => {
    const chapters = (part: number): string[] =>
      [1, 2, 3].flatMap((number) => [`Chapter ${['I', 'II', 'III'][number - 1]}`, prose(part * 10 + number)]);
    const shape = shapeOf(book('PART ONE', ...chapters(1), 'PART TWO', ...chapters(2)));
    assert.deepEqual(shape.headings.schemes, [
      { keyword: 'part', scheme: 'words', level: 1, count: 2, first: 1, last: 2, restarts: 0 },
      { keyword: 'chapter', scheme: 'roman', level: 2, count: 6, first: 1, last: 3, restarts: 1 },
    ]);
    assert.equal(shape.headings.depth, 2);
  });

  it('finds the contents list and where it ends', () => {
    const text = book(
      'CONTENTS\n\n I. The Tide    1\n II. The Ship    9\n III. The Quay    20',
      'I. THE TIDE',
      prose(1),
      'II. THE SHIP',
      prose(2),
      'III. THE QUAY',
      prose(3),
    );
    const [contents] = shapeOf(text).contents;
    assert.equal(contents?.role, 'contents');
    assert.equal([...text].slice(contents?.start, contents?.end).join('').endsWith('20'), true);
  });

  it('counts notes, illustrations and page marks', () => {
    const pages = Array.from({ length: 10 }, (_, page) => `A line with a mark {${page + 1}} in it and some more words to fill.`).join(
      '\n\n',
    );
    const shape = shapeOf(book(pages, '[Illustration: A quay]', 'A word.[1]', '[1] A note on the word.'));
    assert.deepEqual(shape.marks.pages, { style: 'braces', count: 10 });
    assert.deepEqual(shape.marks.notes, { style: 'brackets', count: 1, names: ['1'] });
    assert.equal(shape.marks.illustrations, 1);
  });

  it('advises chunks of 30,000 tokens above 100,000', () => {
    const paragraph = `${'word '.repeat(2000)}\n\n`;
    assert.equal(shapeOf(paragraph.repeat(20)).tokens.chunks, null);
    const large = shapeOf(paragraph.repeat(60)).tokens;
    assert.deepEqual(large.chunks, { size: 30_000, count: Math.ceil(large.estimate / 30_000) });
  });

  it('says whether the declared encoding is what the bytes are', () => {
    const source = textSource(prose(1));
    const declared = (encoding: string, name: string) =>
      measureTopology('sample', { ...source, files: [{ ...source.files[0]!, encoding, declared: name }] }).files[0]!.agrees;
    assert.equal(declared('utf-8', 'iso-8859-1'), false);
    assert.equal(declared('windows-1252', 'iso-8859-1'), true);
    assert.equal(declared('ascii', 'utf-8'), true);
  });

  it('skips what is empty or has no chapters, with the reason', () => {
    assert.equal(shapeOf('').skip?.reason, 'empty');
    assert.equal(shapeOf(`${header}\n\n\n${licence}`).skip?.reason, 'empty');
    assert.equal(measureTopology('sample', { ...sectionSource([]), kind: 'json' }).skip !== null, true);
    assert.equal(shapeOf('Only a few words.').skip?.reason, 'chapterless');
    assert.equal(shapeOf(prose(1)).skip, null);
  });
});

describe('a book of verse', () => {
  it('has stanzas for paragraphs, whatever is wider than its lines', () => {
    const stanza = '    The tide came in,\n    And nobody had yet said a word,\n    Of the ship on the quay,\n    That lay in the grey.\n';
    const listed = Array.from({ length: 10 }, (_, index) => `The Song of the Tide ${'. '.repeat(18)}${index + 1}`).join('\n');
    const { wrapped } = measureWrapping(textSource([listed, ...Array.from({ length: 20 }, () => stanza)].join('\n\n')));
    assert.equal(wrapped, true);
  });
});
