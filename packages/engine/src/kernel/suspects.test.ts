import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Permit } from '../pools/pool.ts';
import type { LiveRun, Underway } from './live-run.ts';
import { Suspects } from './suspects.ts';

/** Attempts that are to run alone, by their numbers; what has started is noted, unless nobody wants it any more. */
function bench(attempts: readonly number[], unwanted: readonly number[] = []) {
  let now = 0;
  const alarms: number[] = [];
  const timers = { set: (_: string, at: number) => void alarms.push(at), clear: () => undefined };
  const suspects = new Suspects({ now: () => now, timers }, () => undefined);
  const live = { id: 'run', underway: new Map() } as unknown as LiveRun;
  const started: number[] = [];
  const permit = { release: () => undefined } as unknown as Permit;
  for (const [index, attempt] of attempts.entries()) {
    const underway = {
      key: String(index),
      permit: null,
      child: null,
      withdraw: null,
      dispatch: { attempt, alone: true, flow: null },
    } as unknown as Underway;
    live.underway.set(underway.key, underway);
    const start = (): void => {
      if (unwanted.includes(attempt)) return;
      underway.permit = permit;
      started.push(attempt);
    };
    assert.equal(suspects.take(live, underway, permit, start), true);
  }
  const end = (): void => {
    for (const [key, { permit: held }] of live.underway) if (held !== null) live.underway.delete(key);
  };
  const wait = (ms: number): void => void (now += ms);
  return { started, alarms, end, wait, serve: () => suspects.serve([live]), areDue: () => suspects.areDue };
}

/** Longer than any of them waits. */
const LONG_MS = 10_000;

it('suspects run one after another, those that were hit least first', () => {
  const { started, end, wait, serve } = bench([5, 3, 4, 3]);
  wait(LONG_MS);
  for (let turn = 0; turn < 4; turn += 1) {
    assert.equal(serve(), true);
    assert.equal(serve(), true, 'one at a time');
    end();
  }
  assert.deepEqual([started, serve()], [[3, 3, 4, 5], false]);
});

it('one that nobody wants any more is passed over, and holds nobody back', () => {
  const { started, end, wait, serve } = bench([3, 4], [3]);
  wait(LONG_MS);
  assert.equal(serve(), true);
  end();
  assert.deepEqual([started, serve()], [[4], false]);
  const alone = bench([3], [3]);
  alone.wait(LONG_MS);
  assert.equal(alone.serve(), false);
});

it('each waits before it starts, the longer the more often it was hit, and the others go on meanwhile', () => {
  const { started, alarms, end, wait, serve } = bench([3, 4, 9]);
  assert.deepEqual(alarms, [100, 300, 1_000], 'somebody looks again by then');
  assert.equal(serve(), false, 'nothing is held back yet');
  wait(100);
  assert.deepEqual([serve(), started], [true, [3]]);
  end();
  assert.equal(serve(), false, 'the next one waits still');
  wait(899);
  assert.deepEqual([serve(), started], [true, [3, 4]]);
  end();
  assert.equal(serve(), false);
  wait(1);
  assert.deepEqual([serve(), started], [true, [3, 4, 9]]);
});

it('nothing else is to start as soon as one has waited, until it has ended', () => {
  const { end, wait, serve, areDue } = bench([3]);
  assert.equal(areDue(), false, 'the others go on while it waits');
  wait(LONG_MS);
  assert.equal(areDue(), true);
  serve();
  assert.equal(areDue(), true);
  end();
  assert.equal(areDue(), false);
});
