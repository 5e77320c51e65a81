/** Chapter boundaries against a gold alignment: each true unit may be met by one predicted start, and each start meet one unit. */

import { countLetters, walkChapters, type Book } from '@scriptorium/books/structure';

export interface Score {
  readonly found: number;
  readonly predicted: number;
  readonly expected: number;
}

/** Starts of the units that have text of their own: a part that only holds chapters begins where the first of them does. */
export function unitStarts(book: Book): number[] {
  return [...walkChapters(book.structure.body.chapters)]
    .filter(({ chapter }) =>
      chapter.blocks.some((block) => block.type !== 'heading' && block.type !== 'break' && block.type !== 'illustration'),
    )
    .map(({ chapter }) => chapter.blocks[0]!.source.start);
}

/** Letters that may lie between a predicted start and the first word of the unit (BOOKS.md). */
export const toleranceLetters = 600;

/**
 * `predicted` and `expected` are code point offsets into `text`; starts closest in letters are matched first come, in
 * order, which is optimal because both lists rise.
 */
export function matchBoundaries(
  text: string,
  predicted: readonly number[],
  expected: readonly number[],
): Score & { readonly missed: readonly number[]; readonly extra: readonly number[] } {
  const letters = lettersBefore(text);
  const starts = [...predicted].sort((left, right) => left - right);
  const units = [...expected].sort((left, right) => left - right);
  const missed: number[] = [];
  const extra: number[] = [];
  let found = 0;
  let at = 0;
  for (const unit of units) {
    while (at < starts.length && letters(starts[at]!) < letters(unit) - toleranceLetters) extra.push(starts[at++]!);
    if (at < starts.length && Math.abs(letters(starts[at]!) - letters(unit)) <= toleranceLetters) {
      found += 1;
      at += 1;
    } else missed.push(unit);
  }
  extra.push(...starts.slice(at));
  return { found, predicted: starts.length, expected: units.length, missed, extra };
}

export function f1({ found, predicted, expected }: Score): number {
  return predicted + expected === 0 ? 1 : (2 * found) / (predicted + expected);
}

/** Letters before each code point, counted once. */
function lettersBefore(text: string): (offset: number) => number {
  const sums = new Uint32Array(text.length + 1);
  let points = 0;
  for (const character of text) {
    sums[points + 1] = sums[points]! + countLetters(character);
    points += 1;
  }
  return (offset) => sums[Math.min(offset, points)]!;
}
