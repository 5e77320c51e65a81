import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatClock, formatDuration, formatRange, formatRate, formatShare, formatUsage } from './quantity.ts';

const hour = 3_600_000;

test('durations are as exact as people need them', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0.4, '0 ms'],
    [850, '850 ms'],
    [4_200, '4.2 s'],
    [9_960, '10 s'],
    [200_000, '3 min 20 s'],
    [35 * 60_000, '35 min'],
    [2 * hour + 300_000, '2 h 05 min'],
    [72 * hour, '3 days'],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
});

test('ranges name a shared unit once', () => {
  assert.equal(formatRange(300_000, 420_000), '5–7 min');
  assert.equal(formatRange(50_000, 420_000), '50 s–7 min');
  assert.equal(formatRange(10, 20), '1 s');
});

test('shares never claim to be done, or that nothing is', () => {
  assert.deepEqual([formatShare(1), formatShare(0.99999), formatShare(0.412), formatShare(0)], ['100 %', '99.9 %', '41.2 %', '0.0 %']);
});

test('clocks, bytes and rates', () => {
  assert.deepEqual([formatClock(83_000), formatClock(3_723_000)], ['01:23', '1:02:03']);
  assert.deepEqual([formatBytes(999), formatBytes(1_500), formatBytes(2_500_000_000)], ['999 bytes', '1.5 KB', '2.5 GB']);
  assert.deepEqual([formatRate(12.34), formatRate(250), formatRate(6_000)], ['12.3/min', '250/min', '100/s']);
});

test('what a run used stands beside its budget, where it used anything', () => {
  const budget = { calls: 20, tokens: 4_000 };
  assert.equal(formatUsage({ usd: 0, tokens: 120, calls: 2 }, budget), '120 of 4000 tokens · 2 of 20 calls');
  assert.equal(formatUsage({ usd: 0, tokens: 0, calls: 0 }, budget), '');
});
