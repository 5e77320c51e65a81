import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { editDistance } from './distance.ts';

/** The textbook's table, cell by cell. */
function plainDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let line = 1; line <= one.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= other.length; column += 1)
      next.push(Math.min(row[column]! + 1, next[column - 1]! + 1, row[column - 1]! + (one[line - 1] === other[column - 1] ? 0 : 1)));
    row = next;
  }
  return row[other.length]!;
}

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 14 });

describe('the distance of two texts', () => {
  it('is that of the plain table', () => {
    fc.assert(
      fc.property(text, text, (one, other) => assert.equal(editDistance(one, other), plainDistance(one, other))),
      { numRuns: 2000 },
    );
  });

  it('is cut off at its limit', () => {
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1, max: 8 }), (one, other, limit) =>
        assert.equal(editDistance(one, other, limit), Math.min(limit, plainDistance(one, other))),
      ),
      { numRuns: 2000 },
    );
  });
});
