import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { book, cleaned, outline, prose } from '../../test/sample.ts';
import { alignBook } from '../align/align.ts';

const outlineOf = (...parts: readonly string[]): string[] => outline(alignBook(cleaned(book(...parts))));
const chapters = (seed: number): string[] => ['I', 'II', 'III'].flatMap((number, index) => [`CHAPTER ${number}`, prose(seed * 5 + index)]);
const numbers = ['1', '2', '3'];

describe('what holds what', () => {
  it('may hold what holds chapters elsewhere', () => {
    const found = outlineOf(
      ...['FIRST PERIOD', ...chapters(1), 'SECOND PERIOD', 'FIRST NARRATIVE', ...chapters(2)],
      ...['SECOND NARRATIVE', ...chapters(3), 'THIRD NARRATIVE', ...chapters(4)],
    );
    const narrative = (number: string): string[] => [`  part ${number}`, ...numbers.map((each) => `    chapter ${each}`)];
    assert.deepEqual(found, ['part 1', ...numbers.map((each) => `  chapter ${each}`), 'part 2', ...numbers.flatMap(narrative)]);
  });

  it('may be titles with nothing of their own, further apart than those below', () => {
    const groups = ['SONGS OF THE SEA', 'SONGS OF THE LAND'].map((group) => ({
      group,
      poems: ['TIDE', 'SHIP', 'QUAY'].map((name) => `${name} ${group}`),
    }));
    const found = outlineOf(
      ['CONTENTS\n', ...groups.flatMap(({ group, poems }) => [group, ...poems])].join('\n'),
      ...groups.flatMap(({ group, poems }, place) => [`\n\n${group}`, ...poems.flatMap((poem, index) => [poem, prose(place * 7 + index)])]),
    );
    assert.deepEqual(
      found,
      groups.flatMap(({ group, poems }) => [`part ${group}`, ...poems.map((poem) => `  chapter ${poem}`)]),
    );
  });
});
