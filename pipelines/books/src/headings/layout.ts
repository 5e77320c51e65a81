/** Headings known by nothing but how they stand on the page. */

import { looksLikeHeading } from './candidates.ts';
import { isRunning } from './contents.ts';
import { coveredBy, leastGap, median, titleText } from './draft.ts';
import type { Draft, PrintedBook } from './draft.ts';
import { isCaps } from './read-label.ts';
import type { Limits } from './limits.ts';
import { keyOf } from './piece.ts';
import type { Piece } from './piece.ts';
import { roleOf } from './roles.ts';
import { styleOf } from './style.ts';

/**
 * Books without numbers or contents, or with numbers in a corner of them only: headings are what stands alone between the
 * widest gaps, and what was found before lies inside.
 */
export function addByLayout(book: PrintedBook, drafts: Map<number, Draft>, end: number): void {
  const bookKey = book.title === null ? '' : keyOf(book.title);
  const least = leastGap(book);
  const alone = [...book.pieces.entries()].filter(
    ([index, piece]) => piece.gap >= least && looksLikeHeading(piece) && !isHalfTitle(piece, bookKey) && textFollows(book, index),
  );
  const standing = alone.filter(([index, piece], place) => alone[place + 1]?.[0] !== index + 1 || book.pieces[index + 1]!.gap < piece.gap);
  for (const gap of [5, 4, 3, 2, 1]) {
    const chosen = withoutTitlePage(standing.filter(([, piece]) => (gap > 1 ? piece.gap >= gap : isShout(piece))));
    if (pointsOf(chosen, end, gap > 1, book.limits) < book.limits.believedLines) continue;
    for (const draft of drafts.values()) draft.level = Math.max(draft.level, 3);
    const covered = coveredBy(drafts);
    for (const [index, piece] of gap > 1 ? withSiblings(chosen, standing, gap) : chosen) {
      const title = titleText(piece);
      if (!covered.has(index))
        drafts.set(index, {
          piece: index,
          to: index + 1,
          level: 2,
          label: null,
          title,
          role: roleOf(title),
          why: 'layout',
          class: `layout ${styleOf(piece)}`,
        });
    }
    return;
  }
}

/**
 * Books whose parts are numbered and whose chapters have names only, or whose chapters hold named sections: lines of one
 * style, several of them in nearly every unit, each another. Inside chapters it takes more of them, for songs and signs
 * stand there too.
 */
export function addInside(book: PrintedBook, drafts: Map<number, Draft>, end: number): void {
  const level = Math.max(...[...drafts.values()].map((draft) => draft.level));
  const units = [...drafts.values()].filter((draft) => draft.level === level).sort((left, right) => left.piece - right.piece);
  if (units.length < 2 || level > 2) return;
  const least = level < 2 ? 2 : 4;
  const usualGap = Math.max(1, median(book.pieces.map(({ gap }) => gap)) ?? 1);
  const covered = coveredBy(drafts);
  const lines = [...book.pieces.entries()].filter(
    ([index, piece]) =>
      index > units[0]!.piece && !covered.has(index) && piece.gap > usualGap && looksLikeHeading(piece) && textFollows(book, index),
  );
  for (const [style, members] of Map.groupBy(lines, ([, piece]) => styleOf(piece))) {
    const holders = Map.groupBy(members, ([index]) => units.findLast((unit) => unit.piece < index));
    const titles = new Set(members.map(([, piece]) => keyOf(titleText(piece))));
    const several = [...holders.values()].filter((held) => held.length >= least).length;
    if (several < units.length * book.limits.headedShare || titles.size < members.length * book.limits.headedShare) continue;
    if (pointsOf(members, end, true, book.limits) < book.limits.believedLines) continue;
    for (const [index, piece] of members) {
      const title = titleText(piece);
      drafts.set(index, {
        piece: index,
        to: index + 1,
        level: Math.max(2, level + 1),
        label: null,
        title,
        role: roleOf(title),
        why: 'layout',
        class: `layout ${style}`,
      });
    }
  }
}

/**
 * Gaps are uneven in some books: what is set like the chosen ones, a little less apart, is one of them where it leaves
 * chapters of a usual length.
 */
function withSiblings(
  chosen: readonly (readonly [number, Piece])[],
  standing: readonly (readonly [number, Piece])[],
  gap: number,
): readonly (readonly [number, Piece])[] {
  const styles = Map.groupBy(chosen, ([, piece]) => styleOf(piece));
  const taken = new Set(chosen.map(([index]) => index));
  const siblings = standing.filter(
    ([index, piece]) =>
      taken.has(index) ||
      (piece.gap >= Math.max(2, gap - 2) && index > chosen[0]![0] && (styles.get(styleOf(piece))?.length ?? 0) >= chosen.length * 0.6),
  );
  const bodies = siblings.slice(1).map(([, piece], index) => piece.at - siblings[index]![1].at);
  const least = (median(bodies) ?? 0) * 0.25;
  return siblings.filter(([index], place) => taken.has(index) || ((bodies[place - 1] ?? 0) >= least && (bodies[place] ?? least) >= least));
}

export function textFollows(book: PrintedBook, index: number): boolean {
  for (let next = index + 1; next < Math.min(book.pieces.length, index + 5); next += 1) {
    const piece = book.pieces[next]!;
    if (piece.kind !== 'text') continue;
    if (piece.rows.length === 0 || piece.lines >= 4 || isRunning(piece.rows, piece.letters, book.width)) return true;
    if (piece.letters >= 50 && /[.!?:;,]["”’']?$/.test(piece.rows.at(-1)!) && !looksLikeHeading(piece)) return true;
  }
  return false;
}

/** One line in capitals without an end of sentence: what a heading is where gaps do not tell. */
function isShout(piece: Piece): boolean {
  const text = titleText(piece);
  return piece.rows.length === 1 && piece.letters >= 4 && isCaps(text) && !/[!?:"”]$/.test(text);
}

/** The first lines of a book, with hardly any text below them, are its title. */
function withoutTitlePage(chosen: readonly (readonly [number, Piece])[]): (readonly [number, Piece])[] {
  const first = chosen.findIndex(([, piece], index) => (chosen[index + 1]?.[1].at ?? Number.MAX_SAFE_INTEGER) - piece.at >= 300);
  return chosen.slice(Math.max(0, first));
}

/**
 * What speaks for lines that stand alone being the headings of a book, in points: many of them, chapters' worth of text
 * between, one manner of setting, from near the beginning to near the end. Each sign grows by degrees, so that no book
 * hangs on a hair. Without wide gaps it takes more text: signs and cries stand among short paragraphs.
 */
function pointsOf(chosen: readonly (readonly [number, Piece])[], end: number, wide: boolean, limits: Limits): number {
  if (chosen.length < 3) return -9;
  const places = chosen.map(([, piece]) => piece.at);
  const body = median(places.map((at, index) => (places[index + 1] ?? end) - at))!;
  const styles = Map.groupBy(chosen, ([, piece]) => styleOf(piece));
  const alike = Math.max(...[...styles.values()].map((members) => members.length)) / chosen.length;
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
