/** Durations in logarithmic buckets: percentiles of any number of values in constant memory. */

import type { Ms } from '../json.ts';

/** Buckets per doubling; a percentile is off by at most half a bucket, 9 %. */
const PER_DOUBLING = 4;

export interface Histogram {
  count: number;
  total: Ms;
  /** Sum of the squares, for the variance. */
  squares: number;
  readonly buckets: number[];
}

export function emptyHistogram(): Histogram {
  return { count: 0, total: 0, squares: 0, buckets: [] };
}

export function addDuration(histogram: Histogram, ms: Ms): void {
  const bucket = Math.floor(PER_DOUBLING * Math.log2(Math.max(0, ms) + 1));
  while (histogram.buckets.length <= bucket) histogram.buckets.push(0);
  histogram.buckets[bucket] = (histogram.buckets[bucket] ?? 0) + 1;
  histogram.count += 1;
  histogram.total += ms;
  histogram.squares += ms * ms;
}

/** The middle of the bucket that holds the `share` smallest values; 0 when there are none. */
export function percentile(histogram: Histogram, share: number): Ms {
  const rank = Math.max(1, Math.ceil(share * histogram.count));
  let seen = 0;
  const bucket = histogram.buckets.findIndex((count) => {
    seen += count;
    return seen >= rank && count > 0;
  });
  return bucket === -1 ? 0 : Math.round(2 ** ((bucket + 0.5) / PER_DOUBLING) - 1);
}

export function mean(histogram: Histogram): Ms {
  return histogram.count === 0 ? 0 : histogram.total / histogram.count;
}

/** Sample variance; with fewer than two values the spread is unknown and taken to be as large as the mean. */
export function variance(histogram: Histogram): number {
  const average = mean(histogram);
  if (histogram.count < 2) return average * average;
  return Math.max(0, (histogram.squares - histogram.count * average * average) / (histogram.count - 1));
}
