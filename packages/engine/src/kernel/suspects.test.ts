import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Permit } from '../pools/pool.ts';
import type { LiveRun, Underway } from './live-run.ts';
import { Suspects } from './suspects.ts';

/** Attempts that are to run alone, by their numbers; what has started is noted, unless nobody wants it any more. */
function bench(attempts: readonly number[], unwanted: readonly number[] = []) {
  const suspects = new Suspects();
  const live = { underway: new Map() } as unknown as LiveRun;
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
  return { started, end, serve: () => suspects.serve([live]) };
}

it('suspects run one after another, those that were hit least first', () => {
  const { started, end, serve } = bench([5, 3, 4, 3]);
  for (let turn = 0; turn < 4; turn += 1) {
    assert.equal(serve(), true);
    assert.equal(serve(), true, 'one at a time');
    end();
  }
  assert.deepEqual([started, serve()], [[3, 3, 4, 5], false]);
});

it('one that nobody wants any more is passed over, and holds nobody back', () => {
  const { started, end, serve } = bench([3, 4], [3]);
  assert.equal(serve(), true);
  end();
  assert.deepEqual([started, serve()], [[4], false]);
  assert.equal(bench([3], [3]).serve(), false);
});
