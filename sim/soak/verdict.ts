/**
 * Whether what an engine takes of the machine still rises when it has worked for a while.
 *
 * What it needs once is taken bit by bit, and ever less of it: code that is compiled when it is called often enough, pages
 * of the allocator that the largest commit so far has needed. A leak rises as fast at the end as at the beginning, so of
 * what settles only the second half of the samples is judged.
 */

import { rises, slopeOf } from './slope.ts';
import type { Sample } from './slope.ts';

/** How much something may rise an hour, and by how much it goes up and down without meaning anything. */
export interface Allowed {
  readonly perHour: number;
  readonly noise: number;
  readonly settles: boolean;
}

export interface Verdict {
  /** Null where there are too few samples to tell. */
  readonly rises: boolean | null;
  /** What was found, in words. */
  readonly text: string;
}

export function judgeRise(samples: readonly Sample[], { perHour, noise, settles }: Allowed): Verdict {
  const late = settles ? samples.slice(Math.floor(samples.length / 2)) : samples;
  const slope = slopeOf(late);
  if (!Number.isFinite(slope.error)) return { rises: null, text: 'too few samples to tell' };
  const hours = (late.at(-1)?.atHours ?? 0) - (late[0]?.atHours ?? 0);
  const isRising = rises(slope, perHour, noise / hours);
  const shown = [samples[0], late[0], late.at(-1)].map((one) => one?.value.toFixed(1)).join(', ');
  const most = Math.max(0, ...samples.map(({ value }) => value)).toFixed(1);
  const line = `${(slope.perHour * hours).toFixed(1)} ± ${(slope.error * hours).toFixed(1)} by the line through ${slope.samples} samples${settles ? ' of the second half' : ''}`;
  const may = `may rise by ${noise} and ${perHour} an hour`;
  return {
    rises: isRising,
    text: `${shown} at first, halfway and at last, ${most} at most; ${line}; ${may}: ${isRising ? 'RISES' : 'flat'}`,
  };
}
