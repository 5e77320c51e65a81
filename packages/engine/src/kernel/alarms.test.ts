import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Instant } from '@scriptorium/core';
import { createAlarms } from './alarms.ts';
import type { Alarms } from './alarms.ts';
import type { Timers } from './timers.ts';

describe('alarms', () => {
  let now = 0;
  let set: Map<string, { readonly at: Instant; readonly fire: () => void }>;
  let rung: string[];
  let alarms: Alarms;

  beforeEach(() => {
    now = 0;
    set = new Map();
    rung = [];
    const timers: Timers = {
      set: (key, at, fire) => void set.set(key, { at, fire }),
      clear: (key) => void set.delete(key),
      close: () => set.clear(),
    };
    alarms = createAlarms({ timers, now: () => now }, (_, actor, items) => rung.push(`${actor} ${items.join()} at ${now}`));
  });

  /** As the timers of an engine do: what is due fires once. */
  function reach(at: Instant): void {
    now = at;
    for (const [key, timer] of set) {
      if (timer.at > at) continue;
      set.delete(key);
      timer.fire();
    }
  }

  it('hold one timer an actor, however many of its items wait', () => {
    for (let item = 0; item < 1_000; item += 1) alarms.set('run', `chunk ${item % 2}`, item, 50 + item);
    assert.deepEqual(
      [...set].map(([key, { at }]) => [key, at]),
      [
        ['run/chunk 0', 50],
        ['run/chunk 1', 51],
      ],
    );
  });

  it('ring once for all that is due, and then for what comes after it', () => {
    for (const [item, at] of [30, 10, 20, 20].entries()) alarms.set('run', 'chunk', item, at);
    reach(9);
    assert.deepEqual(rung, []);
    reach(20);
    reach(25);
    reach(40);
    assert.deepEqual(rung, ['chunk 1,2,3 at 20', 'chunk 0 at 40']);
    assert.equal(set.size, 0);
  });

  it('keep of an item what comes first, until it has rung', () => {
    alarms.set('run', 'chunk', 7, 30);
    alarms.set('run', 'chunk', 7, 10);
    alarms.set('run', 'chunk', 7, 20);
    reach(10);
    alarms.set('run', 'chunk', 7, 30);
    reach(30);
    assert.deepEqual(rung, ['chunk 7 at 10', 'chunk 7 at 30']);
  });

  it('are gone with their actor, and with their run', () => {
    for (const actor of ['a', 'b', 'c']) alarms.set('run', actor, 0, 10);
    alarms.forget('run', 'a');
    assert.deepEqual([...set.keys()], ['run/b', 'run/c']);
    alarms.forgetRun('run');
    assert.equal(set.size, 0);
    reach(10);
    assert.deepEqual(rung, []);
  });
});
