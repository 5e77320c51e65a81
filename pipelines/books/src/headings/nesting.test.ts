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

  it('may be the first, the middle and the last volume, each with a title, but not what chapters say of their place', () => {
    const text = `　　話說那一日，天色已晚，港上無人。${'人皆歸家，燈火俱滅。'.repeat(40)}`;
    const chapters = ['第一回　潮起', '第二回　舟行', '第三回　風止', '第四回　月落', '第五回　人歸', '第六回　燈滅'];
    const volumes = ['上冊 初入', '中冊 再訪', '下冊 別離'];
    const parts = volumes.flatMap((volume, index) => [volume, ...chapters.slice(index * 2, index * 2 + 2).flatMap((one) => [one, text])]);
    assert.deepEqual(
      outlineOf(...parts).filter((line) => line.startsWith('part')),
      ['part 1 初入', 'part 2 再訪', 'part 別離'],
    );
    const placed = chapters.map((one, index) => `${volumes[Math.floor(index / 2)]!.slice(0, 2)} ${one.slice(4)}`);
    assert.deepEqual(
      outlineOf(...placed.flatMap((one) => [one, text])).filter((line) => line.startsWith('part')),
      [],
    );
  });
});
