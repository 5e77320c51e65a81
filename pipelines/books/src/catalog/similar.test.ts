import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { namesIn } from '../sanity/lookup.ts';
import { leastScore, scoreOf } from './similar.ts';

const found = (title: string, author: string, other: string, authors: string): boolean =>
  scoreOf({ title, author }, { title: other, author: authors }) >= leastScore;

describe('the likeness of works', () => {
  it('survives how titles and authors are written', () => {
    for (const [title, author] of [
      ['THE RIVER HOUSE', 'Ann B. Marlowe'],
      ['River House, The', 'Marlowe, Ann'],
      ['The Rivor House', 'A. Marlowe'],
      ['The River House: a New Edition', 'Mrs. Marlowe'],
      ['The River House', 'Ann Marlow'],
    ] as const)
      assert.ok(
        found(title, author, 'The River House\nA Story of Two Sisters', 'Marlowe, Ann Beatrice, 1840-1901'),
        `${title} / ${author}`,
      );
  });

  it('knows particles, ranks and later authors', () => {
    assert.ok(found('Fens', 'W. Du Bere', 'Fens', 'Du Bere, W. H.'));
    assert.ok(found('Letters', 'Baroness Hale', 'Letters', 'Hale, Emma Hale, Baroness, 1800-1850'));
    assert.ok(found('Old Songs', 'Peter Tree', 'Old Songs', 'Various; Tree, Peter [Translator]'));
  });

  it('does not take one volume, year or king for another', () => {
    assert.ok(!found('The River House, Volume II', 'Ann Marlowe', 'The River House, Volume 3', 'Marlowe, Ann'));
    assert.ok(!found('Almanac for 1881', 'Ann Marlowe', 'Almanac for 1882', 'Marlowe, Ann'));
    assert.ok(!found('King John II', 'Ann Marlowe', 'King John III', 'Marlowe, Ann'));
    assert.ok(found('The River House, Part First', 'Ann Marlowe', 'The River House — Part I', 'Marlowe, Ann'));
  });

  it('asks for all but the same title where no author is known, and for the same author where one is', () => {
    assert.ok(found('The River House', '', 'The River House', 'Marlowe, Ann'));
    assert.ok(!found('The River Houses', '', 'The River House', 'Marlowe, Ann'));
    assert.ok(!found('The River House', 'John Tanner', 'The River House', 'Marlowe, Ann'));
    assert.ok(!found('Lora', 'Ann Marlowe', 'Lola', 'Marlowe, Ann'));
  });
});

describe('names of files', () => {
  it('are read every way that people write them', () => {
    const read = (name: string): string[] => namesIn(name).map(({ title, author }) => `${title} | ${author ?? ''}`);
    assert.ok(read('Ann Marlowe - The River House.txt').includes('The River House | Ann Marlowe'));
    assert.ok(read('The River House by Ann Marlowe.epub').includes('The River House | Ann Marlowe'));
    assert.deepEqual(read('00012_the-river-house.txt'), ['the river house | ']);
    assert.deepEqual(read('12.txt'), []);
  });
});
