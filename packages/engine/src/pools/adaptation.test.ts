import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { admitted, afterAnswer, afterRefusal } from './adaptation.ts';
import type { Adaptation } from './adaptation.ts';

type Call = 'answered' | 'refused';

const after = (adaptation: Adaptation | null, call: Call): Adaptation | null =>
  call === 'refused' ? afterRefusal(adaptation) : afterAnswer(adaptation);

const calls = (n: number, from: Adaptation | null): Adaptation | null =>
  Array.from({ length: n }).reduce<Adaptation | null>((state) => afterAnswer(state), from);

/** Calls of a service that answers this part of the limit: of what goes beyond it, as many as fit. */
function play(hidden: number, count: number, from: Adaptation | null): { readonly refused: number; readonly mean: number } {
  let [state, refused, sum, room] = [from, 0, 0, 1];
  for (let call = 0; call < count; call += 1) {
    const share = state?.share ?? 1;
    room = Math.min(2, room + hidden / share);
    const isAnswered = room >= 1;
    if (isAnswered) room -= 1;
    else refused += 1;
    sum += Math.min(share, hidden);
    state = after(state, isAnswered ? 'answered' : 'refused');
  }
  return { refused, mean: sum / count };
}

describe('what is given out of a limit', () => {
  it('stays above nothing and at most the whole, falls by refusals alone, and rises by answers alone', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom<Call>('answered', 'refused'), { maxLength: 400 }), (all) => {
        all.reduce<Adaptation | null>((before, call) => {
          const next = after(before, call);
          const [from, to] = [before?.share ?? 1, next?.share ?? 1];
          assert.ok(to >= 0.05 && to <= 1);
          assert.ok(call === 'refused' ? to <= from : to >= from);
          return next;
        }, null);
      }),
    );
  });

  it('is halved until calls are answered for a while; from then on it loses a fifth', () => {
    const first = afterRefusal(null);
    assert.equal(first.share, 0.5);
    assert.equal(afterRefusal(calls(5, first)).share, (0.5 + 5 * 0.01) / 2);
    const near = calls(30, first);
    const fifth = afterRefusal(near);
    assert.equal(fifth.share, (near?.share ?? 0) * 0.8);
    assert.ok(afterRefusal(calls(1, fifth)).share > fifth.share * 0.8, 'its level is known');
  });

  it('does not fall again before a call was answered: such a service is shut, not slow', () => {
    const first = afterRefusal(null);
    assert.equal(afterRefusal(afterRefusal(first)), first);
  });

  it('is the whole again some rounds after the service lets everything through, however little it was', () => {
    const least = Array.from({ length: 20 }).reduce<Adaptation>((state) => afterRefusal(calls(1, state)), afterRefusal(null));
    assert.ok(least.share < 0.06);
    assert.equal(calls(350, least), null);
  });

  it('comes close to whatever the service lets through, with few refusals', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.07, max: 0.95, noNaN: true }), (hidden) => {
        const { refused, mean } = play(hidden, 5_000, null);
        assert.ok(mean > 0.83 * hidden, `${mean} of ${hidden}`);
        assert.ok(refused < 5_000 * 0.08, `${refused} refused`);
      }),
    );
  });

  it('keeps one call at a time, whatever the share, and all of a breaker', () => {
    const breaker = { failures: 5, cooldown: 1 };
    const limit = { concurrent: 4, rate: { n: 60, per: 60_000 }, tokens: { n: 90_001, per: 60_000 }, breaker };
    assert.deepEqual(admitted(limit, null), limit);
    assert.deepEqual(admitted(limit, { share: 0.1, step: 0, answered: 0, isNear: true }), {
      concurrent: 1,
      rate: { n: 6, per: 60_000 },
      tokens: { n: 9_000, per: 60_000 },
      breaker,
    });
  });
});
