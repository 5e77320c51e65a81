/** Checks how long units are, each against the middle one of its book. */

import type { Issue } from './issue.ts';

export interface MeasuredUnit {
  readonly title: string;
  readonly letters: number;
  /** Contains the units after it, so that little text of its own is natural. */
  readonly container: boolean;
}

/** Shorter than this share of the median, and than `shortLetters`, is very short: a heading in the wrong place. */
const shortShare = 0.05;
const shortLetters = 400;
/** Longer than this many medians, and than `longLetters`, is very long: a heading was missed. */
const longMedians = 8;
const longLetters = 60_000;
/** Of fewer units than this the median tells nothing. */
const minUnits = 4;

/** Types: `empty`, `very_short` and `very_long`, all warnings. */
export function lengthIssues(units: readonly MeasuredUnit[]): Issue[] {
  const lengths = units
    .filter((unit) => !unit.container && unit.letters > 0)
    .map((unit) => unit.letters)
    .sort((one, other) => one - other);
  const median = lengths.length < minUnits ? null : (lengths[lengths.length >> 1] ?? null);
  return units.flatMap(({ title, letters, container }, index): Issue[] => {
    if (container) return [];
    const issue = (type: string, message: string): Issue[] => [{ severity: 'warning', index, title, type, message, actual: letters }];
    if (letters === 0) return issue('empty', 'the unit has no text');
    if (median === null) return [];
    if (letters < median * shortShare && letters < shortLetters)
      return issue('very_short', `${String(letters)} letters where units have about ${String(median)}`);
    if (letters > median * longMedians && letters > longLetters)
      return issue('very_long', `${String(letters)} letters where units have about ${String(median)}`);
    return [];
  });
}
