import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { createTimers } from './timers.ts';

const DAY_MS = 86_400_000;
/** Looks the mocked time up anew at every call. */
const clock: Clock = { ...systemClock, now: () => Date.now() };

test('given a timer beyond what the platform can wait, it fires on its day and not before', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  const timers = createTimers(clock);
  const fired: string[] = [];
  timers.set('far', 60 * DAY_MS, () => fired.push(`far ${Date.now() / DAY_MS}`));
  timers.set('near', DAY_MS, () => fired.push(`near ${Date.now() / DAY_MS}`));
  for (let day = 0; day < 59; day += 1) t.mock.timers.tick(DAY_MS);
  assert.deepEqual(fired, ['near 1']);
  t.mock.timers.tick(DAY_MS);
  assert.deepEqual(fired, ['near 1', 'far 60']);
  timers.close();
});

test('given timers that are set anew, cleared or closed, only the last word counts', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  const timers = createTimers(clock);
  const fired: string[] = [];
  const set = (key: string, at: number, name = key): void => timers.set(key, at, () => fired.push(name));
  set('a', 10, 'early');
  set('a', 30, 'late');
  set('b', 20);
  set('c', 20);
  timers.clear('b');
  t.mock.timers.tick(25);
  assert.deepEqual(fired, ['c']);
  t.mock.timers.tick(10);
  assert.deepEqual(fired, ['c', 'late']);
  set('d', 50);
  timers.close();
  t.mock.timers.tick(100);
  assert.deepEqual(fired, ['c', 'late']);
});

test('given thousands of timers, they fire in the order of their instants', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  const timers = createTimers(clock);
  const fired: number[] = [];
  const instants = Array.from({ length: 5_000 }, (_, index) => ((index * 7_919) % 5_000) + 1);
  for (const at of instants) timers.set(`t${at}`, at, () => fired.push(at));
  t.mock.timers.tick(2_500);
  assert.equal(fired.length, 2_500);
  t.mock.timers.tick(2_500);
  assert.deepEqual(
    fired,
    instants.toSorted((a, b) => a - b),
  );
});
