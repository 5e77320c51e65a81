import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pagedMap, withoutPaged, withPaged } from './paged-map.ts';
import type { PagedMap } from './paged-map.ts';

it('is the map that a plain one is after the same changes, in the same order, and its pages stay few', () => {
  let chance = 7;
  const below = (most: number): number => {
    chance = (chance * 48_271) % 2_147_483_647;
    return chance % most;
  };
  const plain = new Map<string, number>();
  let paged: PagedMap<number> = pagedMap([]);
  for (let turn = 0; turn < 6_000; turn += 1) {
    const key = String(below(2_000));
    // First it grows, then it shrinks.
    if (below(3) === (turn < 3_000 ? 0 : 1)) {
      plain.delete(key);
      paged = withoutPaged(paged, key);
    } else if (turn < 3_000 || plain.has(key)) {
      plain.set(key, turn);
      paged = withPaged(paged, key, turn);
    }
    if (turn % 500 !== 0) continue;
    assert.deepEqual([...paged], [...plain]);
    assert.equal(paged.size, plain.size);
  }
  assert.ok(plain.size > 100 && paged.pages.length <= 2 + plain.size / 64, `${paged.pages.length} pages of ${plain.size}`);
  assert.deepEqual([...pagedMap([...plain])], [...plain]);
});

it('leaves the map before a change as it was', () => {
  const before = pagedMap([['a', 1]]);
  const after = withPaged(withPaged(before, 'a', 2), 'b', 3);
  assert.deepEqual(
    [[...before], [...after], before.get('b'), after.get('b')],
    [
      [['a', 1]],
      [
        ['a', 2],
        ['b', 3],
      ],
      undefined,
      3,
    ],
  );
});
