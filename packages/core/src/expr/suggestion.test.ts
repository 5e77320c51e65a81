import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closest, listNames } from './suggestion.ts';

test('the name that was probably meant is the nearest within a distance that grows with its length', () => {
  const cases: readonly (readonly [name: string, candidates: readonly string[], found: string | null])[] = [
    ['scroe', ['score', 'verdict'], 'score'],
    ['Score', ['score'], 'score'],
    ['verdit', ['verdict', 'verdicts'], 'verdict'],
    ['notes', ['note', 'notes'], 'note'],
    ['concurent', ['concurrent', 'current'], 'concurrent'],
    ['a', ['b'], null],
    ['id', ['ids'], 'ids'],
    ['xyz', ['score'], null],
    ['abcdef', ['abcxyz'], null],
    ['valid', ['value', 'validate'], 'validate'],
    ['shape', ['shapeOfBook', 'shapeOfChapter'], null],
    ['sum', ['summary'], null],
    ['score', [], null],
    ['x'.repeat(100), ['x'.repeat(99)], null],
  ];
  for (const [name, candidates, found] of cases) assert.equal(closest(name, candidates), found, name);
});

test('long lists of names are cut', () => {
  assert.equal(listNames(['a', 'b']), 'a, b');
  assert.equal(
    listNames(Array.from({ length: 14 }, (_, index) => `n${index}`)),
    'n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11 and 2 more',
  );
});
