import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { book, cleaned, outline, prose, sectionSource, structured, textSource, wrap } from '../../test/sample.ts';
import { blocksOf, countLetters, walkChapters, type Book } from '../document.ts';
import { alignBook } from './align.ts';

const roman = ['I', 'II', 'III', 'IV', 'V', 'VI'];
const names = ['The Tide', 'The Ship', 'The Quay', 'The Lamp', 'The Rope', 'The Storm'];

function aligned(text: string): Book {
  return alignBook(cleaned(text));
}

describe('headings', () => {
  for (const [style, heading] of [
    ['a word and a roman number', (index: number) => `CHAPTER ${roman[index]}`],
    ['a word and a digit', (index: number) => `Chapter ${index + 1}.`],
    ['a word and a number word', (index: number) => `CHAPTER ${['ONE', 'TWO', 'THREE', 'FOUR'][index]}`],
    ['an ordinal', (index: number) => `CHAPTER THE ${['FIRST', 'SECOND', 'THIRD', 'FOURTH'][index]}`],
    ['a roman number alone', (index: number) => `${roman[index]}.`],
    ['a digit alone', (index: number) => `${index + 1}`],
    ['another language', (index: number) => `${['Erstes', 'Zweites', 'Drittes', 'Viertes'][index]} Kapitel`],
    ['a Chinese number', (index: number) => `第${'一二三四'[index]}回`],
  ] as const) {
    it(`are recognised as ${style}`, () => {
      const result = aligned(book(...[0, 1, 2, 3].flatMap((index) => [heading(index), prose(index)])));
      assert.deepEqual(outline(result), ['chapter 1', 'chapter 2', 'chapter 3', 'chapter 4']);
    });
  }

  it('take number, title and bracketed subtitle over several lines as one', () => {
    const result = aligned(
      book(
        ...[0, 1, 2].flatMap((index) => [
          `CHAPTER ${roman[index]}\n\n${names[index]!.toUpperCase()}\n\n(Kept in shorthand.)`,
          prose(index),
        ]),
      ),
    );
    assert.deepEqual(outline(result), ['chapter 1 THE TIDE', 'chapter 2 THE SHIP', 'chapter 3 THE QUAY']);
    assert.deepEqual(
      result.structure.body.chapters[0]!.blocks.slice(0, 4).map((block) => block.type),
      ['heading', 'heading', 'heading', 'paragraph'],
    );
  });

  it('take a title on the same line, with and without the word', () => {
    assert.deepEqual(outline(aligned(book('CHAPTER I. THE TIDE', prose(1), 'CHAPTER II--THE SHIP', prose(2)))), [
      'chapter 1 THE TIDE',
      'chapter 2 THE SHIP',
    ]);
    assert.deepEqual(outline(aligned(book('I. The Tide', prose(1), 'II. The Ship', prose(2), 'III. The Quay', prose(3)))), [
      'chapter 1 The Tide',
      'chapter 2 The Ship',
      'chapter 3 The Quay',
    ]);
  });

  it('find the title behind an illustration', () => {
    const result = aligned(book('STAVE ONE\n\n[Illustration]\n\nTHE TIDE', prose(1), 'STAVE TWO\n\n[Illustration]\n\nTHE SHIP', prose(2)));
    assert.deepEqual(outline(result), ['chapter 1 THE TIDE', 'chapter 2 THE SHIP']);
  });

  it('are not seen inside prose', () => {
    const text = [
      wrap(
        'He read the first page again. Chapter III of the report, he said, was never written, and I believe him, for the clerk kept all of the drafts.',
      ),
      'I. have never seen him since, said the clerk, and went on.',
      'Part of the quay was under water.',
    ].join('\n\n');
    assert.deepEqual(outline(aligned(book('CHAPTER I', prose(1), text, 'CHAPTER II', prose(2)))), ['chapter 1', 'chapter 2']);
  });

  it('are not the numbers of a story told inside a chapter', () => {
    const text = book(
      'CHAPTER 1',
      prose(1),
      'CHAPTER 2',
      `${prose(2)}\n\n        CHAPTER I--by Dora\n\n${prose(3)}`,
      'CHAPTER 3',
      prose(4),
      'CHAPTER 4',
      prose(5),
    );
    assert.deepEqual(outline(aligned(text)), ['chapter 1', 'chapter 2', 'chapter 3', 'chapter 4']);
  });

  it('are believed when one number is misprinted', () => {
    const result = aligned(book(...['I.', 'II.', 'VI.', 'IV.', 'V.'].flatMap((number, index) => [number, prose(index)])));
    assert.equal(outline(result).length, 5);
  });

  it('are found by the contents list where they have no numbers', () => {
    const list = `CONTENTS\n\n${names.join('\n')}`;
    const result = aligned(book(list, ...names.flatMap((name, index) => [name, prose(index)])));
    assert.deepEqual(
      outline(result),
      names.map((name) => `chapter ${name}`),
    );
  });

  it('are found by their layout where there is nothing else', () => {
    const result = aligned(book(...names.flatMap((name, index) => [name.toUpperCase(), prose(index, 14)])));
    assert.deepEqual(
      outline(result),
      names.map((name) => `chapter ${name.toUpperCase()}`),
    );
  });

  it('are found in texts with a line a paragraph and no blank lines', () => {
    const text = [0, 1, 2]
      .flatMap((index) => [
        `第${'一二三'[index]}回 開端`,
        ...Array.from({ length: 12 }, () => `　　話說那一日，天色已晚，港上無人。${'人皆歸家，燈火俱滅。'.repeat(9)}`),
      ])
      .join('\n');
    assert.deepEqual(outline(structured(textSource(text))), ['chapter 1 開端', 'chapter 2 開端', 'chapter 3 開端']);
  });
});

describe('the tree', () => {
  it('puts chapters into parts, whose numbers start anew', () => {
    const part = (index: number): string[] => [
      `BOOK ${['ONE', 'TWO'][index]}\n\n${['THE COMING', 'THE GOING'][index]}`,
      ...[0, 1].flatMap((chapter) => [`${roman[chapter]}.\n\n${names[index * 2 + chapter]!.toUpperCase()}`, prose(index * 3 + chapter)]),
    ];
    const result = aligned(book(...part(0), ...part(1)));
    assert.deepEqual(outline(result), [
      'part 1 THE COMING',
      '  chapter 1 THE TIDE',
      '  chapter 2 THE SHIP',
      'part 2 THE GOING',
      '  chapter 1 THE QUAY',
      '  chapter 2 THE LAMP',
    ]);
    const ids = [...walkChapters(result.structure.body.chapters)].map(({ chapter }) => chapter.id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('makes scenes the chapters of acts', () => {
    const act = (number: string): string[] => [`ACT ${number}`, 'SCENE I. A quay.', prose(1), 'SCENE II. A ship.', prose(2)];
    assert.deepEqual(outline(aligned(book(...act('I'), ...act('II')))), [
      'part 1',
      '  chapter 1 A quay.',
      '  chapter 2 A ship.',
      'part 2',
      '  chapter 1 A quay.',
      '  chapter 2 A ship.',
    ]);
  });

  it('makes numbers inside numbered chapters sections', () => {
    const text = book('CHAPTER I', `I.\n\n${prose(1)}`, 'II.', prose(2), 'CHAPTER II', prose(3), 'CHAPTER III', prose(4));
    assert.deepEqual(outline(aligned(text)), ['chapter 1', '  section 1', '  section 2', 'chapter 2', 'chapter 3']);
  });

  it('makes the numbered parts of untitled stories sections of them', () => {
    const stories = names.slice(0, 4);
    const text = book(
      `CONTENTS\n\n${stories.join('\n')}`,
      ...stories.flatMap((name, index) => [
        name.toUpperCase(),
        ...(index < 2 ? [`I.\n\n${prose(index)}`, 'II.', prose(index + 9)] : [prose(index)]),
      ]),
    );
    assert.deepEqual(outline(aligned(text)), [
      'chapter THE TIDE',
      '  section 1',
      '  section 2',
      'chapter THE SHIP',
      '  section 1',
      '  section 2',
      'chapter THE QUAY',
      'chapter THE LAMP',
    ]);
  });

  it('leaves the numbers of an introduction in it', () => {
    const text = book(
      'INTRODUCTION',
      `I.\n\n${prose(7)}`,
      'II.',
      prose(8),
      ...[0, 1, 2].flatMap((index) => [`CHAPTER ${roman[index]}`, prose(index)]),
    );
    const result = aligned(text);
    assert.deepEqual(outline(result), ['chapter 1', 'chapter 2', 'chapter 3']);
    assert.deepEqual(
      result.structure.frontMatter.sections.map((section) => section.role),
      ['introduction'],
    );
  });

  it('counts a heading that is printed twice in a row once', () => {
    const text = book(...[0, 1, 2].flatMap((index) => [`CHAPTER ${roman[index]}`, `CHAPTER ${roman[index]}`, prose(index)]));
    assert.deepEqual(outline(aligned(text)), ['chapter 1', 'chapter 2', 'chapter 3']);
  });

  it('keeps parts that hold nothing as chapters', () => {
    assert.deepEqual(outline(aligned(book('PART ONE', prose(1), 'PART TWO', prose(2)))), ['chapter 1', 'chapter 2']);
  });

  it('keeps an epigraph with its chapter', () => {
    const verse = '    The tide comes in,\n    The tide goes out.';
    const result = aligned(book('CHAPTER I', `${verse}\n\n${prose(1)}`, 'CHAPTER II', prose(2)));
    assert.equal(result.structure.body.chapters[0]!.blocks[1]!.type, 'verse');
  });

  it('leaves preface and appendix outside the body, and takes prologue and epilogue in', () => {
    const result = aligned(
      book(
        'A QUAY',
        'PREFACE',
        prose(7),
        'PROLOGUE',
        prose(1),
        'CHAPTER I',
        prose(2),
        'CHAPTER II',
        prose(3),
        'EPILOGUE',
        prose(4),
        'APPENDIX',
        prose(5),
      ),
    );
    assert.deepEqual(
      result.structure.frontMatter.sections.map((section) => section.role),
      ['titlePage', 'preface'],
    );
    assert.deepEqual(outline(result), ['chapter PROLOGUE', 'chapter 1', 'chapter 2', 'chapter EPILOGUE']);
    assert.deepEqual(
      result.structure.backMatter.sections.map((section) => section.role),
      ['appendix'],
    );
  });

  it('drops no text before the first heading', () => {
    const text = book('A QUAY', prose(9, 1), 'CHAPTER I', prose(1), 'CHAPTER II', prose(2));
    const kept = [...blocksOf(aligned(text))].reduce((sum, block) => sum + countLetters(block.text), 0);
    assert.equal(kept, countLetters(text));
  });

  it('does not take a contents list for chapters', () => {
    const list = `CONTENTS\n\n${[0, 1, 2].map((index) => `CHAPTER ${roman[index]}\n${names[index]}     ${index * 9 + 1}`).join('\n\n')}`;
    const result = aligned(
      book(list, ...[0, 1, 2].flatMap((index) => [`CHAPTER ${roman[index]}\n\n${names[index]!.toUpperCase()}`, prose(index)])),
    );
    assert.deepEqual(outline(result), ['chapter 1 THE TIDE', 'chapter 2 THE SHIP', 'chapter 3 THE QUAY']);
    assert.equal(result.structure.frontMatter.sections[0]!.role, 'contents');
  });

  it('gives a book without headings one chapter', () => {
    assert.deepEqual(outline(aligned(prose(1))), ['chapter']);
  });
});

describe('headings that the markup names', () => {
  const marked = (rows: readonly (readonly [text: string, level?: number])[]): Book => {
    const source = textSource(rows.map(([text]) => text).join('\n\n'));
    const levels = new Map(rows.map(([text, level]) => [text, level]));
    const lines = source.lines.map((line) => {
      const level = levels.get(line.text);
      return level === undefined ? line : { ...line, level };
    });
    return structured({ ...source, kind: 'html', lines });
  };

  it('are chapters where they follow the title', () => {
    assert.deepEqual(outline(marked([['The Quay', 1], ['The Tide', 2], ['It came.'], ['The Ship', 2], ['It went.']])), [
      'chapter The Tide',
      'chapter The Ship',
    ]);
  });

  it('nest as their ranks do', () => {
    const rows = [['Morning', 1], ['The Tide', 2], ['It came.'], ['Evening', 1], ['The Ship', 2], ['It went.']] as const;
    assert.deepEqual(outline(marked(rows)), ['part Morning', '  chapter The Tide', 'part Evening', '  chapter The Ship']);
  });

  it('join a number and the title below it', () => {
    const rows = [
      ['The Quay', 1],
      ['CHAPTER I', 2],
      ['The Tide', 3],
      ['It came.'],
      ['CHAPTER II', 2],
      ['The Ship', 3],
      ['It went.'],
    ] as const;
    assert.deepEqual(outline(marked(rows)), ['chapter 1 The Tide', 'chapter 2 The Ship']);
  });
});

describe('sources in sections', () => {
  it('keep their titles as chapters, also where numbers repeat', () => {
    const result = structured(
      sectionSource([
        { title: '第一回 開端', text: '話說' },
        { title: '第二回 風起', text: '卻說' },
        { title: '第二回 雨落', text: '且說' },
      ]),
    );
    assert.deepEqual(outline(result), ['chapter 1 開端', 'chapter 2 風起', 'chapter 2 雨落']);
    assert.equal(new Set(result.structure.body.chapters.map((chapter) => chapter.id)).size, 3);
  });

  it('are split where one holds two chapters, and keep the text before', () => {
    const result = structured(
      sectionSource([
        { title: 'Chapter 1 The Tide', text: 'It came.\n\nChapter 2\n\nIt went.' },
        { title: 'Chapter 3 The Quay', text: 'It stayed.' },
      ]),
    );
    assert.deepEqual(outline(result), ['chapter 1 The Tide', 'chapter 2', 'chapter 3 The Quay']);
    assert.deepEqual(
      result.structure.body.chapters[0]!.blocks.map((block) => block.text),
      ['It came.'],
    );
  });

  it('are not split at the heading that only repeats their title', () => {
    assert.deepEqual(
      outline(
        structured(
          sectionSource([
            { title: 'Chapter 1', text: 'Chapter 1\n\nIt came.' },
            { title: 'Chapter 2', text: 'Chapter 2\n\nIt went.' },
          ]),
        ),
      ),
      ['chapter 1', 'chapter 2'],
    );
  });

  it('are merged where one goes on with the chapter before', () => {
    const result = structured(
      sectionSource([
        { title: 'Chapter 1', text: 'It came and' },
        { title: 'Chapter 1', text: 'went again.' },
        { title: 'Chapter 2', text: 'It stayed.' },
        { title: '', text: 'And stayed.' },
      ]),
    );
    assert.deepEqual(outline(result), ['chapter 1', 'chapter 2']);
    assert.equal(result.structure.body.chapters[1]!.blocks.length, 2);
  });

  it('are put into the parts that some of them are', () => {
    const result = structured(
      sectionSource([
        { title: 'Part One', text: '' },
        { title: 'Chapter 1', text: 'It came.' },
        { title: 'Part Two', text: '' },
        { title: 'Chapter 1', text: 'It went.' },
      ]),
    );
    assert.deepEqual(outline(result), ['part 1', '  chapter 1', 'part 2', '  chapter 1']);
  });
});

describe('alignment of any text', () => {
  const part = fc.oneof(
    fc.constantFrom(
      'CHAPTER I',
      'CHAPTER II',
      'Chapter 3',
      'PART ONE',
      'I.',
      'II.',
      'PREFACE',
      'APPENDIX',
      'CONTENTS\n\nThe Tide\nThe Ship',
      'THE TIDE',
      'The Ship',
      '第一回 開端',
      '* * *',
      '[Illustration]',
    ),
    fc.integer({ min: 0, max: 20 }).map((seed) => prose(seed, 3)),
  );

  it('keeps every block once, in the order of the source, under unique ids', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 24 }), (parts) => {
        const before = cleaned(book(...parts));
        const after = alignBook(before);
        const ids = (given: Book): string[] => [...blocksOf(given)].map((block) => block.id).sort();
        assert.deepEqual(ids(after), ids(before));
        const starts = [...walkChapters(after.structure.body.chapters)].flatMap(({ chapter }) =>
          chapter.blocks.map((block) => block.source.start),
        );
        assert.deepEqual(
          starts,
          starts.toSorted((left, right) => left - right),
        );
        const units = [...walkChapters(after.structure.body.chapters)].map(({ chapter }) => chapter.id);
        assert.equal(new Set(units).size, units.length);
      }),
      { numRuns: 150 },
    );
  });
});
