import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { book, cleaned, outline, prose } from '../../test/sample.ts';
import { alignBook } from '../align/align.ts';

const roman = ['I', 'II', 'III'];

/** Titles stand further apart than chapters. */
const apart = (text: string): string => `\n\n\n${text}`;
const chapters = (seed: number, heading: (index: number) => string): string[] =>
  [0, 1, 2].flatMap((index) => [heading(index), prose(seed + index)]);
const outlineOf = (...parts: readonly string[]): string[] => outline(alignBook(cleaned(book(...parts))));
const chapter = (index: number): string => `CHAPTER ${roman[index]!}`;

describe('works in one file', () => {
  it('hold their chapters, whose numbers start anew', () => {
    assert.deepEqual(outlineOf(apart('THE TIDE'), ...chapters(1, chapter), apart('THE SHIP'), ...chapters(7, chapter)), [
      'part THE TIDE',
      ...['  chapter 1', '  chapter 2', '  chapter 3'],
      'part THE SHIP',
      ...['  chapter 1', '  chapter 2', '  chapter 3'],
    ]);
  });

  it('may be numbered in different manners', () => {
    const numbers = (index: number): string => `${roman[index]!}.`;
    assert.deepEqual(outlineOf(apart('THE TIDE'), ...chapters(1, chapter), apart('THE SHIP'), ...chapters(7, numbers)), [
      'part THE TIDE',
      ...['  chapter 1', '  chapter 2', '  chapter 3'],
      'part THE SHIP',
      ...['  chapter 1', '  chapter 2', '  chapter 3'],
    ]);
  });

  it('have title pages of several lines', () => {
    const page = (title: string): string[] => [apart(title), 'BY', 'A HAND'];
    const found = outlineOf(...page('THE TIDE'), ...chapters(1, chapter), ...page('THE SHIP'), ...chapters(7, chapter));
    assert.deepEqual(
      found.filter((line) => line.startsWith('part')),
      ['part THE TIDE', 'part THE SHIP'],
    );
  });

  it('are none where nothing stands above a number 1', () => {
    const found = outlineOf(...chapters(1, chapter), ...chapters(7, chapter));
    assert.equal(found.filter((line) => line.startsWith('part')).length, 0);
  });

  it('may have titles only, before or behind such with numbers', () => {
    const numbered = ['  chapter 1', '  chapter 2', '  chapter 3'];
    const titles = ['THE GREY LAMP', 'THE ROPE', 'A BELL AT NIGHT', 'THE OLD QUAY', 'THE NETS', 'ANOTHER SHORE'];
    const titled = [apart('THE SHIP'), ...titles.flatMap((title, index) => [title, prose(20 + index)])];
    const work = [apart('THE TIDE'), ...chapters(1, chapter)];
    const held = ['part THE SHIP', ...titles.map((title) => `  chapter ${title}`)];
    assert.deepEqual(outlineOf(...work, ...titled), ['part THE TIDE', ...numbered, ...held]);
    assert.deepEqual(outlineOf(...titled, ...work), [...held, 'part THE TIDE', ...numbered]);
  });
});
