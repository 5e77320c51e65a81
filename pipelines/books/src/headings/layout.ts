/** Headings known by nothing but how they stand on the page. */

import { looksLikeHeading } from './candidates.ts';
import { isRunning } from './contents.ts';
import { coveredBy, leastGap, median, titleText } from './draft.ts';
import type { Draft, PrintedBook } from './draft.ts';
import { isCaps } from './label.ts';
import { keyOf } from './piece.ts';
import type { Piece } from './piece.ts';
import { roleOf } from './roles.ts';

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
    if (
      !spread(
        chosen.map(([, piece]) => piece.at),
        end,
        gap > 1 ? 1000 : 3000,
      )
    )
      continue;
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
          class: 'layout',
        });
    }
    return;
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

/** How a line is set, the gap above it aside. */
function styleOf(piece: Piece): string {
  const text = piece.rows.join(' ');
  const letters = isCaps(text) ? 'capitals' : /^_.*_$/.test(text) ? 'italics' : 'plain';
  return `${letters} ${piece.indent > 4 ? 'indented' : ''} ${/[.!?]$/.test(text) ? 'stopped' : ''} ${String(Math.min(2, piece.rows.length))}`;
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

/** Chapters' worth of text between headings, from near the beginning to well past the middle. */
function spread(places: readonly number[], end: number, leastBody: number): boolean {
  if (places.length < 3) return false;
  const bodies = places.map((at, index) => (places[index + 1] ?? end) - at).sort((left, right) => left - right);
  return bodies[Math.floor(bodies.length / 2)]! >= leastBody && places[0]! < end * 0.25 && places.at(-1)! > end * 0.55;
}

function isHalfTitle(piece: Piece, bookKey: string): boolean {
  const key = keyOf(titleText(piece));
  return (
    bookKey !== '' &&
    key.length > 3 &&
    (key === bookKey || (key.length >= 8 && bookKey.startsWith(key)) || (bookKey.length >= 8 && key.startsWith(bookKey)))
  );
}
