import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { codePointsIn, finderOf, occurrences, offsetOf } from './text-search.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), maxLength: 200 });

test('a finder finds what indexOf finds', () => {
  fc.assert(
    fc.property(
      text,
      fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 40 }),
      fc.nat({ max: 50 }),
      (hay, needle, from) => {
        const padded = hay + needle + hay;
        assert.equal(finderOf(needle)(padded, from), padded.indexOf(needle, from));
        assert.equal(finderOf(needle)(hay, from), hay.indexOf(needle, from));
      },
    ),
  );
});

test('occurrences do not overlap and are bounded', () => {
  assert.deepEqual(occurrences('aaaaa', 'aa', 10), [0, 2]);
  assert.deepEqual(occurrences('aaaaa', 'a', 3), [0, 1, 2]);
  assert.deepEqual(occurrences('', 'a', 3), []);
});

test('sizes and offsets count code points', () => {
  fc.assert(
    fc.property(text, fc.nat({ max: 220 }), (value, index) => {
      const points = [...value];
      assert.equal(codePointsIn(value), points.length);
      assert.equal(offsetOf(value, index), points.slice(0, index).join('').length);
    }),
  );
});
