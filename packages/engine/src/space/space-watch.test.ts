import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostError } from '@scriptorium/core';
import { WAL_LIMIT_BYTES } from '../journal/checkpointing.ts';
import { watchSpace } from './space-watch.ts';
import type { SpaceWatch } from './space-watch.ts';

const RESERVE = 1_000;

/** A disk as its numbers, and time that passes by looks. */
function watched(numbers: { free: number; log?: number; ballast?: number }) {
  const told: string[] = [];
  let next: (() => void) | null = null;
  const state = { log: 0, ballast: 0, ...numbers };
  const watch: SpaceWatch = watchSpace({
    home: '/store',
    reserveBytes: RESERVE,
    space: {
      freeBytes: () => state.free,
      logBytes: () => state.log,
      ballastBytes: () => state.ballast,
      grow: async (upTo) => {
        const piece = Math.min(250, upTo - state.ballast);
        if (state.free < piece) throw new Error('ENOSPC');
        state.ballast += piece;
        state.free -= piece;
      },
      release: () => {
        state.free += state.ballast;
        state.ballast = 0;
        return true;
      },
    },
    clock: {
      now: () => 0,
      elapsed: () => 0,
      soon: () => undefined,
      after: (_, fire) => {
        next = fire;
        return () => (next = null);
      },
    },
    tell: (event) => told.push(`${event.type} ${event.about}`),
    exhausted: (error) => told.push(`exhausted ${error.fault}`),
  });
  const look = async (times = 1): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      const fire = next;
      next = null;
      fire?.();
      await new Promise(setImmediate);
    }
  };
  return { state, told, watch, look, isWatching: () => next !== null };
}

test('the ballast is made piece by piece, as far as that leaves room for new runs', async () => {
  const roomy = watched({ free: 2_500 });
  await roomy.look(6);
  assert.deepEqual([roomy.state.ballast, roomy.state.free, roomy.told], [RESERVE, 1_500, []]);

  const narrow = watched({ free: 1_900 });
  await narrow.look(6);
  assert.deepEqual([narrow.state.ballast, narrow.told], [0, []]);
  narrow.watch.requireRoom();
});

test('below the reserve nothing new begins, until there is space again; it is told once', async () => {
  const { state, told, watch, look } = watched({ free: 1_400, ballast: RESERVE });
  await look();
  state.free = 900;
  await look(3);
  assert.throws(
    () => watch.requireRoom(),
    (error) => error instanceof HostError && error.code === 'overloaded',
  );
  state.free = 1_100;
  await look(3);
  watch.requireRoom();
  assert.deepEqual(told, ['store.warned space', 'store.eased space']);
});

test('below a quarter of it the ballast goes, and the engine ends once', async () => {
  const { state, told, look, isWatching } = watched({ free: 240, ballast: RESERVE });
  await look(3);
  assert.deepEqual([state.ballast, state.free, told, isWatching()], [0, 1_240, ['exhausted full'], false]);
});

test('a log that stays too long is an alarm, one that is long for a moment is none', async () => {
  const { state, told, look } = watched({ free: 5_000, ballast: RESERVE });
  state.log = WAL_LIMIT_BYTES + 1;
  await look(2);
  state.log = 0;
  await look();
  assert.deepEqual(told, []);
  state.log = WAL_LIMIT_BYTES + 1;
  await look(5);
  state.log = 0;
  await look();
  assert.deepEqual(told, ['store.warned log', 'store.eased log']);
});

test('a watch that was closed looks no more', async () => {
  const { watch, isWatching } = watched({ free: 5_000 });
  watch.close();
  assert.equal(isWatching(), false);
});
