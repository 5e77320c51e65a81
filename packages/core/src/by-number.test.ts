import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { noNumbers, valueAt, withNumber } from './by-number.ts';
import type { ByNumber } from './by-number.ts';

it('what is kept by number is what a map of the same changes has, and no change touches an earlier state', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(300), fc.string()), { maxLength: 60 }), (changes) => {
      let known: ByNumber<string> = noNumbers;
      const map = new Map<number, string>();
      for (const [number, value] of changes) {
        const [before, was] = [known, map.get(number)];
        known = withNumber(known, number, value);
        assert.equal(valueAt(before, number), was);
        map.set(number, value);
      }
      assert.equal(known.size, map.size);
      for (let number = 0; number <= 300; number += 1) assert.equal(valueAt(known, number), map.get(number));
    }),
  );
});
