/** Measured amounts by their count, sum and sum of squares: a mean and a variance in constant memory. */

export interface Amount {
  readonly count: number;
  readonly total: number;
  readonly squares: number;
}

/** Where the truth lies in 8 of 10 cases, and what is expected. */
export interface Range {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
}

export const nothing: Amount = { count: 0, total: 0, squares: 0 };

export function add(amount: Amount, value: number): Amount {
  return { count: amount.count + 1, total: amount.total + value, squares: amount.squares + value * value };
}

export function join(a: Amount, b: Amount): Amount {
  return { count: a.count + b.count, total: a.total + b.total, squares: a.squares + b.squares };
}

export function meanOf({ count, total }: Amount): number {
  return count === 0 ? 0 : total / count;
}

/** Of the sample; with fewer than two values the spread is unknown and taken to be as large as the mean. */
export function varianceOf(amount: Amount): number {
  const mean = meanOf(amount);
  if (amount.count < 2) return mean * mean;
  return Math.max(0, (amount.squares - amount.count * mean * mean) / (amount.count - 1));
}

/** Quantile of the normal distribution that leaves 10 % on each side. */
export const Z80 = 1.2816;

/** The interval around what is expected, for a logarithm that spreads by `sigma`. */
export function around(expected: number, sigma: number): Range {
  return { low: expected * Math.exp(-Z80 * sigma), expected, high: expected * Math.exp(Z80 * sigma) };
}

export function sumOf(ranges: readonly Range[]): Range {
  return ranges.reduce(
    (sum, { low, expected, high }) => ({ low: sum.low + low, expected: sum.expected + expected, high: sum.high + high }),
    {
      low: 0,
      expected: 0,
      high: 0,
    },
  );
}
