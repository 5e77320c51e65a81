/** What pairs of figures say of two ways to do the same: who was better how often, and how sure that is. */

import { chanceOf } from '../models/offline/chance.ts';

export interface Pairing {
  /** Pairs of which both figures are known. */
  readonly count: number;
  readonly meanA: number;
  readonly meanB: number;
  /** How often b was better, as good, and worse. */
  readonly better: number;
  readonly same: number;
  readonly worse: number;
  /**
   * How likely it is that one of them is better at least so often by chance alone: the sign test, of both sides, without
   * ties. Source: W. J. Dixon and A. M. Mood, The statistical sign test, 1946.
   */
  readonly p: number;
  /**
   * Of what b has more than a on the average, the middle 95 % of as many means as were drawn anew from the pairs; null
   * for fewer than two. Source: B. Efron, Bootstrap methods: another look at the jackknife, 1979.
   */
  readonly interval: readonly [number, number] | null;
}

/** Figures that differ less are the same. */
const LEAST = 1e-6;
const DRAWS = 2_000;
/** Figures that are drawn in all, for many pairs. */
const MAX_DRAWN = 10_000_000;

/** `wanted` is what is good: more of it, or less. The same pairs give the same. */
export function pair(pairs: readonly (readonly [a: number, b: number])[], wanted: 'more' | 'less'): Pairing {
  const differences = pairs.map(([a, b]) => b - a);
  const sign = wanted === 'more' ? 1 : -1;
  const better = differences.filter((one) => one * sign > LEAST).length;
  const worse = differences.filter((one) => one * sign < -LEAST).length;
  return {
    count: pairs.length,
    meanA: meanOf(pairs.map(([a]) => a)),
    meanB: meanOf(pairs.map(([, b]) => b)),
    better,
    same: pairs.length - better - worse,
    worse,
    p: signTest(better, worse),
    interval: intervalOf(differences),
  };
}

/** Of so many for one side and so many for the other, both as likely: the share of outcomes that are no nearer to half. */
export function signTest(one: number, other: number): number {
  const count = one + other;
  const fewer = Math.min(one, other);
  let logOfTerm = -count * Math.LN2;
  let sum = 0;
  for (let index = 0; index <= fewer; index += 1) {
    sum += Math.exp(logOfTerm);
    logOfTerm += Math.log(count - index) - Math.log(index + 1);
  }
  // Nine digits: what is beyond them comes from the logarithms.
  return Math.min(1, Math.round(2e9 * sum) / 1e9);
}

function intervalOf(differences: readonly number[]): Pairing['interval'] {
  if (differences.length < 2) return null;
  const draws = Math.max(200, Math.min(DRAWS, Math.floor(MAX_DRAWN / differences.length)));
  const chance = chanceOf(differences.join(' '));
  const means = Array.from({ length: draws }, () => {
    let sum = 0;
    for (let index = 0; index < differences.length; index += 1) sum += differences[Math.floor(chance.next() * differences.length)] ?? 0;
    return sum / differences.length;
  }).toSorted((a, b) => a - b);
  return [means[Math.floor(draws * 0.025)] ?? 0, means[Math.ceil(draws * 0.975) - 1] ?? 0];
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
