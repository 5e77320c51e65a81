import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pair, signTest } from './pairing.ts';

describe('pairs', () => {
  it('are counted by who was better, as what is wanted says', () => {
    const pairs = [
      [1, 2],
      [3, 3],
      [5, 4],
      [0, 9],
    ] as const;
    const { count, meanA, meanB, better, same, worse } = pair(pairs, 'more');
    assert.deepEqual([count, meanA, meanB, better, same, worse], [4, 2.25, 4.5, 2, 1, 1]);
    const less = pair(pairs, 'less');
    assert.deepEqual([less.better, less.worse], [1, 2]);
  });

  // By the binomial distribution; the last by the normal one, which is near it for so many.
  for (const [one, other, p] of [
    [0, 0, 1],
    [3, 3, 1],
    [5, 0, 0.0625],
    [9, 1, 0.021484375],
    [8, 2, 0.109375],
  ] as const) {
    it(`have ${p} as the chance of ${one} to ${other}`, () => assert.equal(signTest(one, other), p));
  }

  it('have a chance also where there are very many of them', () => {
    assert.ok(Math.abs(signTest(50_500, 49_500) - 0.0016) < 0.0002, String(signTest(50_500, 49_500)));
    assert.ok(signTest(100_000, 0) < 1e-9);
  });

  it('have an interval of their mean difference that is the same each time, and has the difference in it', () => {
    const pairs = Array.from({ length: 40 }, (_, index) => [index % 7, (index % 7) + 1 + (index % 3) - 1] as const);
    const [first, second] = [pair(pairs, 'more'), pair(pairs, 'more')];
    assert.deepEqual(first, second);
    const [low, high] = first.interval ?? [0, 0];
    assert.ok(low < first.meanB - first.meanA && high > first.meanB - first.meanA && low > 0, `${low} ${high}`);
    assert.equal(pair([[1, 2]], 'more').interval, null);
  });
});
