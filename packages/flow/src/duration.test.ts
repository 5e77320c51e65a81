import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration, parseRate } from './duration.ts';

test('given a duration in short or ISO form, its milliseconds are read', () => {
  const durations = {
    '90s': 90_000,
    '1h30m': 5_400_000,
    '250ms': 250,
    '1.5h': 5_400_000,
    '2d': 172_800_000,
    '1m500ms': 60_500,
    PT1H30M: 5_400_000,
    P1D: 86_400_000,
    P2W: 1_209_600_000,
    'PT0.5S': 500,
    P1DT12H: 129_600_000,
  };
  for (const [text, ms] of Object.entries(durations)) {
    assert.equal(parseDuration(text), ms, text);
  }
});

test('given anything else, there is no duration', () => {
  for (const text of ['', '90', '-1s', '1 h', '30m1h', '1y', 'P1Y', 'P1M', 'P', 'PT', '1e3s', 's', '9999999d']) {
    assert.equal(parseDuration(text), undefined, text);
  }
});

test('given a rate, its count and period are read', () => {
  assert.deepEqual(parseRate('2/s'), { n: 2, per: 1_000 });
  assert.deepEqual(parseRate('0.5/s'), { n: 0.5, per: 1_000 });
  assert.deepEqual(parseRate('60/m'), { n: 60, per: 60_000 });
  assert.deepEqual(parseRate('1000/d'), { n: 1000, per: 86_400_000 });
  for (const text of ['2', '0/s', '2/ms', '-1/s', '2 / s', '/s']) {
    assert.equal(parseRate(text), undefined, text);
  }
});
