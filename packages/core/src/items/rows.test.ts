import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ItemRow } from '../events.ts';
import { Collection } from '../expr/value.ts';
import type { Json } from '../json.ts';
import { duplicateKey, grouped, inPages, listingOf, rowsOf, shortened, takeFirst } from './rows.ts';
import type { Listing } from './rows.ts';

const long = 25_000;
const numbers = (size: number): Listing<Json> => listingOf(Array.from({ length: size }, (_, n) => n)) ?? assert.fail();
const keyed = (size: number, keyOf: (n: number) => string): Listing<ItemRow> => rowsOf(numbers(size), (value) => keyOf(value as number));

describe('the rows of an each', () => {
  it('are made as they are asked for where the list is long, and are plain data where it is short', () => {
    let made = 0;
    const rows = rowsOf(numbers(long), (value) => {
      made += 1;
      return String(value);
    });
    assert.deepEqual([made, rows.size], [0, long]);
    const [first] = inPages(rows, 10);
    assert.deepEqual([made, first?.length, first?.[9]], [10, 10, { key: '9', value: 9 }]);
    assert.equal(shortened(rows), rows);
    assert.deepEqual(shortened(keyed(2, String)), [
      { key: '0', value: 0 },
      { key: '1', value: 1 },
    ]);
  });

  it('come from a collection of any size, page after page', () => {
    let read = 0;
    const load = function* (): Generator<Json> {
      for (; read < 1_000_000; read += 1) yield read;
    };
    const list = listingOf(new Collection('ok', 1_000_000, [], load));
    assert.ok(list !== null);
    const [first] = grouped(list, 3);
    assert.deepEqual([first, list.size, grouped(list, 3).size], [[0, 1, 2], 1_000_000, 333_334]);
    assert.equal(read, 2);
    assert.equal(listingOf('text'), null);
  });

  it('name the first key that comes twice, in short lists and in long ones', () => {
    for (const size of [100, long]) {
      assert.equal(duplicateKey(keyed(size, String)), null);
      assert.equal(duplicateKey(keyed(size, (n) => (n === size - 1 ? 'k7' : `k${n}`))), 'k7');
      assert.equal(duplicateKey(keyed(size, (n) => `k${n % (size - 2)}`)), 'k0');
    }
  });

  it('are cut to the first by key, in the order of the list', () => {
    for (const size of [100, long]) {
      const cut = takeFirst(
        keyed(size, (n) => String(size - n)),
        3,
      );
      assert.deepEqual(
        [...cut].map(({ key }) => key),
        ['3', '2', '1'],
      );
      assert.equal(cut.size, 3);
    }
  });
});
