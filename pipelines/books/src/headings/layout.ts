/** Headings known by nothing but how they stand on the page. */

import { coveredBy, lineDraft, median, titleText } from './draft.ts';
import type { Draft, PrintedBook } from './draft.ts';
import { isCaps } from './read-label.ts';
import { keyOf } from './piece.ts';
import type { Piece } from './piece.ts';
import { roleOf } from './roles.ts';
import { groupsAlike, headsText, leastGap, mannerName, siblingsOf, usualGap } from './typography.ts';

/**
 * Books without numbers or contents, or with numbers in a corner of them only: headings are what stands alone between the
 * widest gaps, and what was found before lies inside.
 */
export function addByLayout(book: PrintedBook, drafts: Map<number, Draft>, end: number): void {
  const bookKey = book.title === null ? '' : keyOf(book.title);
  const gapOf = (index: number): number => book.pieces[index]!.gap;
  const alone = linesFrom(book, 0, leastGap(book)).filter((index) => !isHalfTitle(book.pieces[index]!, bookKey));
  const standing = alone.filter((index, place) => alone[place + 1] !== index + 1 || gapOf(index + 1) < gapOf(index));
  for (const gap of [5, 4, 3, 2, 1]) {
    const chosen = withoutTitlePage(
      book,
      standing.filter((index) => (gap > 1 ? gapOf(index) >= gap : isShout(book.pieces[index]!))),
    );
    if (pointsOf(book, chosen, end, gap > 1) < book.limits.believedLines) continue;
    for (const draft of drafts.values()) draft.level = Math.max(draft.level, 3);
    const covered = coveredBy(drafts);
    addLines(
      book,
      drafts,
      2,
      (gap > 1 ? withSiblings(book, chosen, gap) : chosen).filter((index) => !covered.has(index)),
    );
    return;
  }
}

/**
 * Books whose parts are numbered and whose chapters have names only, or whose chapters hold named sections: lines set
 * alike, several of them in nearly every unit, each another. Inside chapters it takes more of them, for songs and signs
 * stand there too.
 */
export function addInside(book: PrintedBook, drafts: Map<number, Draft>, end: number): void {
  const { headedShare, believedLines } = book.limits;
  const level = Math.max(...[...drafts.values()].map((draft) => draft.level));
  const units = [...drafts.values()].filter((draft) => draft.level === level).sort((left, right) => left.piece - right.piece);
  if (units.length < 2 || level > 2) return;
  const least = level < 2 ? 2 : 4;
  const covered = coveredBy(drafts);
  const lines = linesFrom(book, units[0]!.piece + 1, Math.max(1, usualGap(book)) + 1).filter((index) => !covered.has(index));
  for (const { pieces: members } of groupsAlike(book, lines)) {
    const holders = Map.groupBy(members, (index) => units.findLast((unit) => unit.piece < index));
    const titles = new Set(members.map((index) => keyOf(titleText(book.pieces[index]!))));
    const several = [...holders.values()].filter((held) => held.length >= least).length;
    if (several < units.length * headedShare || titles.size < members.length * headedShare) continue;
    if (pointsOf(book, members, end, true) >= believedLines) addLines(book, drafts, Math.max(2, level + 1), members);
  }
}

/** Pieces from `from` on that head text, `gap` blank lines apart or more. */
function linesFrom({ pieces, ...book }: PrintedBook, from: number, gap: number): number[] {
  return [...pieces.keys()].filter((index) => index >= from && pieces[index]!.gap >= gap && headsText({ pieces, ...book }, index));
}

function addLines(book: PrintedBook, drafts: Map<number, Draft>, level: number, lines: readonly number[]): void {
  for (const { manner, pieces } of groupsAlike(book, lines))
    for (const index of pieces)
      drafts.set(
        index,
        lineDraft(book, index, { level, role: roleOf(titleText(book.pieces[index]!)), class: `layout ${mannerName(manner)}` }),
      );
}

/** Gaps are uneven in some books: what stands a little less apart than the chosen ones may be one of them. */
function withSiblings(book: PrintedBook, chosen: readonly number[], gap: number): readonly number[] {
  return [...chosen, ...siblingsOf(book, chosen, chosen, Math.max(2, gap - 3))];
}

/** One line in capitals without an end of sentence: what a heading is where gaps do not tell. */
function isShout(piece: Piece): boolean {
  const text = titleText(piece);
  return piece.rows.length === 1 && piece.letters >= 4 && isCaps(text) && !/[!?:"”]$/.test(text);
}

/** The first lines of a book, with hardly any text below them, are its title. */
function withoutTitlePage({ pieces }: PrintedBook, chosen: readonly number[]): number[] {
  const first = chosen.findIndex(
    (index, place) => (pieces[chosen[place + 1] ?? -1]?.at ?? Number.MAX_SAFE_INTEGER) - pieces[index]!.at >= 300,
  );
  return chosen.slice(Math.max(0, first));
}

/**
 * What speaks for lines that stand alone being the headings of a book, in points: many of them, chapters' worth of text
 * between, one manner of setting, from near the beginning to near the end. Each sign grows by degrees, so that no book
 * hangs on a hair. Without wide gaps it takes more text: signs and cries stand among short paragraphs.
 */
function pointsOf(book: PrintedBook, chosen: readonly number[], end: number, wide: boolean): number {
  if (chosen.length < 3) return -9;
  const { limits } = book;
  const places = chosen.map((index) => book.pieces[index]!.at);
  const body = median(places.map((at, index) => (places[index + 1] ?? end) - at))!;
  const alike = groupsAlike(book, chosen)[0]!.pieces.length / chosen.length;
  return (
    1.5 * ramp(chosen.length, 2, 8) +
    (wide
      ? 2 * ramp(body, limits.gapLetters * 0.2, limits.gapLetters) - 1
      : 3 * ramp(body, limits.capitalsLetters * 0.4, limits.capitalsLetters) - 2) +
    (2 * ramp(alike, limits.alikeShare - 0.5, limits.alikeShare) - 0.5) +
    (1 - 3 * ramp(places[0]! / end, limits.openingShare * 0.4, limits.openingShare * 1.6)) +
    (3 * ramp(places.at(-1)! / end, 0.3, 0.7) - 2)
  );
}

/** 0 up to `from`, 1 from `to` on, and evenly between. */
function ramp(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}

function isHalfTitle(piece: Piece, bookKey: string): boolean {
  const key = keyOf(titleText(piece));
  return (
    bookKey !== '' &&
    key.length > 3 &&
    (key === bookKey || (key.length >= 8 && bookKey.startsWith(key)) || (bookKey.length >= 8 && key.startsWith(bookKey)))
  );
}
