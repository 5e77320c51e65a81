import assert from 'node:assert/strict';
import { test } from 'node:test';
import { steadyTime, systemClock } from './clock.ts';

const longest = 2 ** 31 - 1;

test('a wait beyond what the platform can ends after its whole time, once', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let fired = 0;
  systemClock.after(longest + 5, () => (fired += 1));
  context.mock.timers.tick(longest);
  context.mock.timers.tick(4);
  assert.equal(fired, 0);
  context.mock.timers.tick(longest);
  assert.equal(fired, 1);
});

test('a wait that was taken back never ends, whichever step of it has begun', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const takeBack = systemClock.after(longest + 5, () => assert.fail('it was taken back'));
  context.mock.timers.tick(longest);
  takeBack();
  context.mock.timers.tick(longest);
});

test('time never goes back: while the wall clock is behind, it goes on at half the pace until that has caught up', () => {
  const wall = { now: 1_000, elapsed: 0 };
  const time = steadyTime({ ...systemClock, now: () => wall.now, elapsed: () => wall.elapsed }, 0);
  const pass = (ms: number): number => {
    wall.now += ms;
    wall.elapsed += ms;
    return time();
  };
  assert.deepEqual([time(), pass(100)], [1_000, 1_100]);
  wall.now -= 400;
  assert.deepEqual([time(), pass(100), pass(200), pass(600), pass(100)], [1_100, 1_150, 1_250, 1_600, 1_700]);
  wall.now += 5_000;
  assert.equal(time(), 6_700);
});

test('time begins where the record of it ends, though the wall clock is behind that', () => {
  const wall = { elapsed: 0 };
  const time = steadyTime({ ...systemClock, now: () => 10 + wall.elapsed, elapsed: () => wall.elapsed }, 1_000);
  assert.equal(time(), 1_000);
  wall.elapsed = 100;
  assert.equal(time(), 1_050);
});

test('a time that is more than a day ahead of the wall clock is not believed', () => {
  const time = steadyTime({ ...systemClock, now: () => 10, elapsed: () => 0 }, 25 * 3_600_000);
  assert.equal(time(), 10);
});
