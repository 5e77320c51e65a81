import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { book, cleaned, outline, prose } from '../../test/sample.ts';
import { alignBook } from '../align/align.ts';
import { countingName, isDated } from './calendar.ts';

describe('a row that counts without a number', () => {
  for (const [row, scheme] of [
    ['B', 'letters'],
    ['JANUARY', 'months'],
    ['Januar 1851.', 'months'],
    ['1851', 'years'],
    ['A.D. 1066.', 'years'],
    ['_Monday, June 3rd, 1851._', 'dates'],
    ['Le 4 juin', 'dates'],
    ['May the road rise', null],
    ['London, 4th May, 1780.', null],
    ['may', null],
    ['1851 was a hard year.', null],
  ] as const)
    it(`${row} is ${scheme ?? 'none'}`, () => assert.equal(countingName(row)?.scheme ?? null, scheme));

  it('grows with the date', () => {
    const values = ['June 3, 1851.', 'June 4, 1851.', '1 July, 1851', 'January 1, 1852'].map((row) => countingName(row)!.value!);
    assert.deepEqual(
      values,
      values.toSorted((left, right) => left - right),
    );
  });

  it('tells whence and when a letter was written', () => {
    assert.ok(isDated('London, 4th May, 1780.'));
    assert.ok(!isDated('The March of the Ten'));
  });
});

describe('books that are ordered by what counts', () => {
  const outlineOf = (...parts: readonly string[]): string[] => outline(alignBook(cleaned(book(...parts))));
  const days = ['June 3, 1851.', 'June 7, 1851.', 'June 12, 1851.', 'July 1, 1851.', 'July 2, 1851.'];

  it('are diaries of dates that rise', () => {
    assert.deepEqual(
      outlineOf(...days.flatMap((day, index) => [day, prose(index)])),
      days.map((day) => `chapter ${day}`),
    );
  });

  it('are journals of years that hold months', () => {
    const year = (value: number): string[] => [
      String(value),
      ...['MARCH', 'APRIL', 'MAY'].flatMap((month, index) => [month, prose(value + index)]),
    ];
    assert.deepEqual(outlineOf(...year(1851), ...year(1852)), [
      'part 1851',
      ...['  chapter MARCH', '  chapter APRIL', '  chapter MAY'],
      'part 1852',
      ...['  chapter MARCH', '  chapter APRIL', '  chapter MAY'],
    ]);
  });

  it('are not letters with their dates below the numbers', () => {
    const letters = days.flatMap((day, index) => [
      `LETTER ${'I'
        .repeat(index + 1)
        .replace('IIIII', 'V')
        .replace('IIII', 'IV')}`,
      day,
      prose(index),
    ]);
    assert.deepEqual(outlineOf(...letters), ['chapter 1', 'chapter 2', 'chapter 3', 'chapter 4', 'chapter 5']);
  });
});
