import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from './clock.ts';

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
