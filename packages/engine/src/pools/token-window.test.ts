import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TokenWindow } from './token-window.ts';
import type { Reservation } from './token-window.ts';

const rate = { n: 1_000, per: 60_000 };

describe('the tokens of a pool', () => {
  it('are held by estimate, and settled by what was used for the whole time after the end', () => {
    const window = new TokenWindow();
    const first = window.reserve(800, rate);
    assert.equal(window.roomAt(300, rate, 0), null, 'that depends on the call under way');
    first.settle(500, 10_000);
    first.settle(500, 10_000);
    assert.equal(window.counted(10_000), 500);
    assert.equal(window.roomAt(500, rate, 10_000), 10_000);
    assert.equal(window.roomAt(501, rate, 10_000), 70_000);
    assert.equal(window.roomAt(501, rate, 70_000), 70_000);
  });

  it('are given back by a call that is not made', () => {
    const window = new TokenWindow();
    window.reserve(900, rate).drop();
    assert.equal(window.counted(0), 0);
  });

  it('let a call that may use more than all of them go alone', () => {
    const window = new TokenWindow();
    assert.equal(window.roomAt(5_000, rate, 0), 0);
    window.add(1, rate, 0);
    assert.equal(window.roomAt(5_000, rate, 0), 60_000);
  });

  it('are never more in any stretch of the time than there may be, whenever in a call the service counts them', () => {
    const call = fc.record({
      estimate: fc.integer({ min: 1, max: 600 }),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      ms: fc.nat(30_000),
    });
    fc.assert(
      fc.property(
        fc.array(call, { minLength: 1, maxLength: 60 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (all, chance) => {
          const window = new TokenWindow();
          const waiting = [...all];
          const underway: { readonly at: number; readonly used: number; readonly held: Reservation }[] = [];
          const counted: { readonly at: number; readonly used: number }[] = [];
          for (let now = 0; waiting.length + underway.length > 0; now += 500) {
            for (const one of underway.filter(({ at }) => at <= now)) {
              one.held.settle(one.used, now);
              underway.splice(underway.indexOf(one), 1);
            }
            for (let next = waiting[0]; next !== undefined && window.roomAt(next.estimate, rate, now) === now; next = waiting[0]) {
              waiting.shift();
              const used = Math.floor(next.estimate * next.part);
              const at = now + next.ms;
              underway.push({ at, used, held: window.reserve(next.estimate, rate) });
              counted.push({ at: now + (at - now) * (chance.next().value ?? 0), used });
            }
          }
          for (const { at } of counted) {
            const within = counted.filter((one) => one.at >= at && one.at < at + rate.per).reduce((sum, { used }) => sum + used, 0);
            assert.ok(within <= rate.n, `${within} tokens`);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('take a bounded number of entries, and none that counts is forgotten', () => {
    const window = new TokenWindow();
    for (let at = 0; at < 60_000; at += 1) window.add(1, { n: 100_000, per: 60_000 }, at);
    assert.equal(window.counted(59_999), 60_000);
    const half = window.counted(90_000);
    assert.ok(half >= 29_999 && half <= 30_200, `${half}`);
    assert.equal(window.counted(119_999), 0);
  });
});
