import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { evolveProgress, showProgress, startProgress } from '../index.ts';
import type { Event } from '../index.ts';
import { addUsage, checkedCost, exceededUnit, noUsage, subtractUsage } from './usage.ts';
import { $, call, flow } from '../../test/ir.ts';
import { runOptions } from '../../test/model-host.ts';

const usd = (amount: number): { usd: number; tokens: number; calls: number } => ({ usd: amount, tokens: 0, calls: 0 });

describe('sums of dollars', () => {
  it('do not drift: three times ten cents are thirty', () => {
    const sum = [0.1, 0.1, 0.1].map(usd).reduce(addUsage, noUsage);
    assert.equal(sum.usd, 0.3);
    assert.equal(exceededUnit({ usd: 0.3 }, sum), null);
  });

  it('are what is left when their parts are taken out again, in any order', () => {
    const cents = fc.integer({ min: 0, max: 1_000_000 }).map((thousandths) => usd(thousandths / 1_000));
    fc.assert(
      fc.property(fc.array(cents, { maxLength: 50 }), fc.array(cents, { maxLength: 50 }), (kept, passing) => {
        const sum = [...kept, ...passing].reduce(addUsage, noUsage);
        assert.equal(passing.reduce(subtractUsage, sum).usd, kept.reduce(addUsage, noUsage).usd);
      }),
    );
  });
});

describe('a budget', () => {
  it('bounds only the units that it names, and may be used up exactly', () => {
    const used = { usd: 2, tokens: 100, calls: 3 };
    assert.equal(exceededUnit({}, used), null);
    assert.equal(exceededUnit({ usd: 2, tokens: 100, calls: 3 }, used), null);
    assert.equal(exceededUnit({ tokens: 99 }, used), 'tokens');
    assert.equal(exceededUnit({ calls: 2 }, used), 'calls');
  });
});

describe('a cost', () => {
  it('is rounded up to what is counted, but not because of floating point', () => {
    assert.deepEqual(checkedCost({ usd: 0.07, tokens: 10.2 }), { usd: 0.07, tokens: 11 });
    assert.deepEqual(checkedCost({ usd: 1.5e-10 }), { usd: 1e-9 });
    assert.deepEqual(checkedCost({}), {});
  });

  it('is refused when it is nothing of the kind', () => {
    for (const wrong of [null, 1, { usd: -1 }, { usd: '1' }, { tokens: Number.NaN }, { usd: Number.POSITIVE_INFINITY }]) {
      assert.throws(() => checkedCost(wrong), RangeError);
    }
  });
});

describe('the usage of a run', () => {
  it('adds up what attempts have told, what lost ones had reserved, and what is reserved now', () => {
    const definition = { ...flow([call('a', 'x')], $('a')), budget: { usd: 5 } };
    const view = startProgress(definition);
    let gseq = 0;
    const put = (event: Event): void =>
      void evolveProgress(view, { gseq: (gseq += 1), run: 'r', actor: 'root', seq: gseq, at: gseq, event });
    const at = { item: 0, node: 'a' };
    const start = (attempt: number): void =>
      put({
        ...at,
        type: 'attempt.started',
        attempt,
        handler: 'x',
        key: null,
        reason: 'first',
        reserved: { usd: 1, tokens: 10, calls: 1 },
      });
    put({ type: 'run.started', flow: { name: 'n', version: '1.0.0', hash: 'h' }, input: {}, options: runOptions, by: 't' });
    start(1);
    assert.deepEqual(showProgress(view, 9).usage, { used: noUsage, reserved: { usd: 1, tokens: 10, calls: 1 }, budget: { usd: 5 } });
    put({ type: 'run.interrupted', reason: 'crashed' });
    put({ ...at, type: 'attempt.lost', attempt: 1, reason: 'engine', among: 1 });
    start(2);
    const error = { code: 'io', message: 'no' };
    put({ ...at, type: 'attempt.failed', attempt: 2, error, ms: 1, used: { usd: 0.25, tokens: 2, calls: 1 } });
    start(3);
    put({ ...at, type: 'attempt.succeeded', attempt: 3, output: { v: 1 }, artifacts: [], ms: 1, used: { usd: 0.5, tokens: 5, calls: 1 } });
    const { usage, stages } = showProgress(view, 9);
    assert.deepEqual([usage.used, usage.reserved], [{ usd: 1.75, tokens: 17, calls: 3 }, noUsage]);
    assert.deepEqual(stages[0]?.used, usage.used);
  });
});
