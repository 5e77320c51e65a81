/** How fast something grows, by least squares. */

export interface Sample {
  readonly atHours: number;
  readonly value: number;
}

export interface Slope {
  readonly samples: number;
  readonly mean: number;
  readonly perHour: number;
  /** Standard error of `perHour`; infinite below {@link FEWEST} samples, which say nothing. */
  readonly error: number;
}

const FEWEST = 10;

/** The line through the samples for which the squares of their distances add up to the least. */
export function slopeOf(samples: readonly Sample[]): Slope {
  const count = samples.length;
  const middle = average(samples.map(({ atHours }) => atHours));
  const mean = average(samples.map(({ value }) => value));
  const spread = sum(samples.map(({ atHours }) => (atHours - middle) ** 2));
  if (count < FEWEST || spread === 0) return { samples: count, mean, perHour: 0, error: Infinity };
  const perHour = sum(samples.map(({ atHours, value }) => (atHours - middle) * (value - mean))) / spread;
  const rest = sum(samples.map(({ atHours, value }) => (value - mean - perHour * (atHours - middle)) ** 2));
  return { samples: count, mean, perHour, error: Math.sqrt(rest / (count - 2) / spread) };
}

/** Errors of the slope within which nothing is said: beyond three, one in a thousand would be by chance. */
const ERRORS = 3;

/** Whether the samples show that it grows faster than `mostPerHour`, beside `noisePerHour` that means nothing over so short a time. */
export function rises({ perHour, error }: Slope, mostPerHour: number, noisePerHour: number): boolean {
  return perHour - ERRORS * error > mostPerHour + noisePerHour;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}
