import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstDue } from './deadlines.ts';

describe('of what is due', () => {
  const over = { k: 'timer', at: 60, event: { type: 'wait.over', item: 0, node: 'w' } } as const;
  const timedOut = { k: 'timer', at: 30, event: { type: 'step.timed_out', item: 0, node: 'w' } } as const;
  const other = { k: 'timer', at: 50, event: { type: 'wait.over', item: 1, node: 'w' } } as const;

  it('each item hears of the first, when the clock has leapt over several', () => {
    assert.deepEqual(firstDue([over, timedOut, other], 7_200), { due: [timedOut, other], later: [over] });
  });

  it('nothing comes before its time', () => {
    assert.deepEqual(firstDue([over, timedOut, other], 50), { due: [timedOut, other], later: [over] });
    assert.deepEqual(firstDue([over, timedOut, other], 40), { due: [timedOut], later: [over, other] });
    assert.deepEqual(firstDue([over, timedOut, other], 29), { due: [], later: [over, timedOut, other] });
  });

  it('what is due at the same instant is told together', () => {
    const same = { ...over, at: 30 };
    assert.deepEqual(firstDue([same, timedOut], 30), { due: [same, timedOut], later: [] });
  });
});
