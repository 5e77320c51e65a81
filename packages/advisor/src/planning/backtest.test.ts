/** Predicted against actual, in worlds whose truth is known: many seeded runs, each planned from the runs before it. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dice, happen, pastOf, planIn } from '../../test/world.ts';
import type { World } from '../../test/world.ts';
import type { Range } from './amount.ts';

const TRIALS = 240;

/** A world by its seed: limits, sizes, times and spreads vary. */
function worldOf(seed: number): World {
  const roll = dice(seed * 7919);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(roll() * list.length)] as T;
  return {
    limits: pick<World['limits']>([{}, { api: { concurrent: 4 } }, { api: { concurrent: 8 } }, { api: { rate: { n: 2, per: 1_000 } } }]),
    items: 20 + Math.floor(roll() * 60),
    workers: pick([2, 4, 6, 8]),
    ms: { ask: 200 + roll() * 3_000, write: 50 + roll() * 500 },
    spread: 0.2 + roll() * 0.6,
    drift: 0.05 + roll() * 0.2,
    usd: 0.01,
    bytes: 20_000,
  };
}

const covers = ({ low, high }: Range, truth: number): boolean => low <= truth && truth <= high;
const share = (list: readonly boolean[]): number => list.filter(Boolean).length / list.length;

const trials = Array.from({ length: TRIALS }, (_, seed) => {
  const world = worldOf(seed);
  // Earlier runs have other sizes, and every third trial other workers.
  const before = { ...world, items: Math.ceil(world.items * 0.7), workers: seed % 3 === 0 ? world.workers * 2 : world.workers };
  const past = Array.from({ length: 1 + (seed % 4) }, (_, earlier) => pastOf(before, seed * 100 + earlier));
  return { seed, world, plan: planIn(world, past), cold: planIn(world, []), truth: happen(world, seed * 100 + 50) };
});

describe(`${TRIALS} runs planned from one to four runs before`, () => {
  it('the 80 % interval of the time holds the truth in at least 75 % of them, and says something', () => {
    const ranges = trials.map(({ plan }) => plan.options.find(({ is }) => is === 'configured')?.ms ?? assert.fail('no option'));
    const coverage = share(ranges.map((range, index) => covers(range, trials[index]?.truth.ms ?? 0)));
    assert.ok(coverage >= 0.75, `${coverage}`);
    const widths = ranges.map(({ low, high }) => high / low).toSorted((a, b) => a - b);
    const median = widths[TRIALS / 2] ?? 0;
    assert.ok(median < 3, `the middle interval spans a factor of ${median}`);
  });

  it('the intervals of cost and storage hold the bill and the bytes in at least 75 %, and are off by little', () => {
    const ranges = trials.map(({ plan: { usd, storage }, truth }) => ({
      usd: usd ?? assert.fail(),
      storage: storage ?? assert.fail(),
      truth,
    }));
    assert.ok(share(ranges.map(({ usd, truth }) => covers(usd, truth.usd))) >= 0.75);
    assert.ok(share(ranges.map(({ storage, truth }) => covers(storage, truth.bytes))) >= 0.75);
    assert.ok(share(ranges.map(({ usd, truth }) => Math.abs(usd.expected / truth.usd - 1) <= 0.1)) >= 0.75);
    assert.ok(share(ranges.map(({ storage, truth }) => Math.abs(storage.expected / truth.bytes - 1) <= 0.2)) >= 0.95);
  });

  it('options that are clearly apart come in the order in which they would end', () => {
    const pairs = trials.flatMap(({ seed, world, plan: { options } }) => {
      const ends = options.map(({ workers, ms }) => ({ ms: ms.expected, truth: happen({ ...world, workers }, seed * 100 + 50).ms }));
      return ends.flatMap((slow) => ends.filter((fast) => fast.ms * 1.2 < slow.ms).map((fast) => fast.truth < slow.truth));
    });
    assert.ok(pairs.length > TRIALS, `only ${pairs.length} pairs are apart`);
    assert.ok(share(pairs) >= 0.97, `${share(pairs)}`);
  });

  it('without history, every interval is wider', () => {
    for (const { plan, cold, seed } of trials) {
      const spans = [plan, cold].map(({ options }) => options.map(({ ms }) => Math.log(ms.high / ms.low)));
      assert.ok(Math.max(...(spans[0] ?? [])) < Math.min(...(spans[1] ?? [])), `trial ${seed}`);
    }
  });
});
