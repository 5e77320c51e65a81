import assert from 'node:assert/strict';
import { it } from 'node:test';
import { judgeRise } from './verdict.ts';

const allowed = { perHour: 1, noise: 2, settles: true };

/** Megabytes of an engine that worked for six minutes, every eleven seconds, as a soak has seen them. */
const settling = [
  183.82, 190.19, 191.53, 192.44, 192.48, 192.95, 193.66, 194.26, 194.25, 194.28, 194.31, 194.36, 196.6, 196.69, 196.69, 197.18, 197.21,
  197.42, 197.49, 197.51, 197.51, 197.59, 197.71, 197.88, 198.12, 198.11, 198.15, 197.85, 197.86, 198.03, 197.73,
];

const judged = (values: readonly number[]): boolean | null =>
  judgeRise(
    values.map((value, index) => ({ atHours: (index * 11) / 3_600, value })),
    allowed,
  ).rises;

it('given what settles after a while, then it does not rise; given a leak on top of it, then it does', () => {
  assert.equal(judged(settling), false);
  for (const leakPerHour of [60, 500])
    assert.equal(judged(settling.map((value, index) => value + (leakPerHour * index * 11) / 3_600)), true, `${leakPerHour} MB an hour`);
});

it('given too few samples, then it says so', () => {
  assert.match(judgeRise([{ atHours: 0, value: 1 }], allowed).text, /too few/);
});
