import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration, parseInstant, parseRate } from './duration.ts';

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

test('given an instant with its zone, its milliseconds since 1970 are those of the platform', () => {
  const years = [1970, 1999, 2000, 2024, 2026, 2100, 2400];
  for (const year of years) {
    for (const rest of ['01-01T00:00:00Z', '02-28T23:59:59.999Z', '03-01T00:00:00Z', '12-31T12:30+05:30', '06-30T23:00:00-08:00']) {
      assert.equal(parseInstant(`${year}-${rest}`), Date.parse(`${year}-${rest}`), `${year}-${rest}`);
    }
  }
  assert.equal(parseInstant('2024-02-29T00:00Z'), Date.parse('2024-02-29T00:00Z'));
});

test('given a time without a zone, a day that is not there, or anything else, there is no instant', () => {
  const wrong = [
    '',
    '2026-12-24',
    '2026-12-24T18:00:00',
    '2026-13-01T00:00Z',
    '2023-02-29T00:00Z',
    '2026-04-31T00:00Z',
    '2026-12-24T24:00Z',
  ];
  for (const text of [...wrong, '2026-12-24 18:00Z', '1766599200000', 'tomorrow', '2026-12-24T18:00+25:00']) {
    assert.equal(parseInstant(text), undefined, text);
  }
});
