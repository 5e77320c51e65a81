import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rises, slopeOf } from './slope.ts';

const line = (perHour: number, noise: number): ReturnType<typeof slopeOf> =>
  slopeOf(Array.from({ length: 100 }, (_, n) => ({ atHours: n / 100, value: 50 + (perHour * n) / 100 + (n % 2 === 0 ? noise : -noise) })));

describe('slopeOf', () => {
  it('given values on a line, then it is that line', () => {
    const { perHour, error, samples } = line(6, 0);
    assert.deepEqual([perHour.toFixed(9), error < 1e-9, samples], ['6.000000000', true, 100]);
  });

  it('given noise above the growth, then nothing is shown to rise; given less of it, then it is', () => {
    assert.equal(rises(line(6, 20), 1, 0), false);
    assert.equal(rises(line(6, 0.5), 1, 0), true);
    assert.equal(rises(line(6, 0.5), 1, 4), true);
    assert.equal(rises(line(6, 0.5), 1, 6), false);
    assert.equal(rises(line(0.5, 0.1), 1, 0), false);
  });

  it('given too few samples, then it says nothing', () => {
    assert.equal(
      rises(
        slopeOf([
          { atHours: 0, value: 1 },
          { atHours: 1, value: 1_000 },
        ]),
        1,
        0,
      ),
      false,
    );
  });
});
