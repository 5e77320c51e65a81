/**
 * Titles and subtitles that stand apart from the number of a unit. Whether a line below a number is its title, or a line
 * above it, is asked of all units of its class at once: one such line may be anything, the same place in most of them is
 * how the book is set.
 */

import { isDated } from './calendar.ts';
import { titleText } from './draft.ts';
import type { Draft, PrintedBook } from './draft.ts';
import { isCaps } from './read-label.ts';
import { keyOf } from './piece.ts';
import type { Piece } from './piece.ts';
import { headsText, looksLikeHeading, looksLikeTitle, setLike } from './typography.ts';

const leastSynopses = 5;
/** A line that is the same below nearly all numbers is no title: `ARGUMENT.` */
const sameShare = 0.8;

/** Titles become part of the headings of their units. */
export function mergeTitles(book: PrintedBook, drafts: Map<number, Draft>, expected: ReadonlySet<string>): void {
  const byClass = Map.groupBy(
    [...drafts.values()].filter((draft) => draft.title === ''),
    (draft) => draft.class,
  );
  for (const members of byClass.values()) {
    const lines = members.map((draft) => titleBelow(book, drafts, draft.piece + 1, expected));
    if (mergeAbove(book, drafts, members, lines)) continue;
    const below = synopses(book, drafts, members, lines) ?? lines;
    const texts = below.map((piece) => (piece === null ? null : titleText(book.pieces[piece]!)));
    const titled = texts.filter((text) => text !== null).length;
    if (isRefrain(texts, members.length) || areDatelines(texts, members.length) || areUnitsOfTheirOwn(book, drafts, members, below))
      continue;
    const usual = titled < members.length * book.limits.titleBelowShare;
    for (const [index, draft] of members.entries()) {
      const text = texts[index] ?? null;
      if (text === null || (usual && !expected.has(keyOf(text)))) continue;
      draft.title = text;
      draft.to = below[index]! + 1;
      drafts.delete(below[index]!);
    }
  }
  for (const draft of drafts.values()) if (isSubtitle(book.pieces[draft.to])) draft.to += 1;
}

/** Titles above the numbers: set apart from what is before them more than the numbers are from them, in nearly all units. */
function mergeAbove(book: PrintedBook, drafts: Map<number, Draft>, members: readonly Draft[], below: readonly (number | null)[]): boolean {
  const { titleAboveShare } = book.limits;
  if (members.length < 3 || below.filter((piece) => piece !== null).length > members.length * (1 - titleAboveShare)) return false;
  const above = members.map((draft) => {
    const piece = book.pieces[draft.piece - 1];
    const apart = piece !== undefined && piece.gap > book.pieces[draft.piece]!.gap && !drafts.has(draft.piece - 1);
    return apart && looksLikeHeading(piece) ? draft.piece - 1 : null;
  });
  const titles = new Set(above.flatMap((piece) => (piece === null ? [] : [titleText(book.pieces[piece]!)])));
  if (titles.size < members.length * titleAboveShare) return false;
  for (const [index, draft] of members.entries()) {
    const piece = above[index] ?? null;
    if (piece === null) continue;
    drafts.delete(draft.piece);
    drafts.set(piece, { ...draft, piece, title: titleText(book.pieces[piece]!) });
  }
  return true;
}

/** A sentence right below nearly every number says what happens: prose begins in more manners than that. */
function synopses(
  book: PrintedBook,
  drafts: ReadonlyMap<number, Draft>,
  members: readonly Draft[],
  lines: readonly (number | null)[],
): (number | null)[] | null {
  if (members.length < leastSynopses) return null;
  const below = members.map(
    ({ piece }, index) => lines[index] ?? (!drafts.has(piece + 1) && isSentence(book, piece + 1) ? piece + 1 : null),
  );
  return below.filter((piece) => piece !== null).length >= members.length * book.limits.titleAboveShare ? below : null;
}

/** One sentence over a few full lines, not spoken; verse has capitals before each of its lines. */
function isSentence(book: PrintedBook, index: number): boolean {
  const piece = book.pieces[index];
  if (piece === undefined || piece.kind !== 'text' || piece.rows.length === 0 || piece.letters < 40 || piece.letters > 450) return false;
  const text = titleText(piece);
  const full = piece.rows.slice(0, -1).every((row) => row.length >= book.width * 0.6);
  const verse = piece.rows.filter((row) => /^\p{Lu}/u.test(row)).length * 2 > piece.rows.length;
  return (
    full &&
    !(verse && piece.rows.length > 2) &&
    /^\p{Lu}/u.test(text) &&
    !/[.!?]["”’']?\s+\p{Lu}\p{Ll}{3}/u.test(text) &&
    !isSynopsis(text) &&
    !isDirection(piece)
  );
}

function isRefrain(texts: readonly (string | null)[], units: number): boolean {
  const counts = new Map<string, number>();
  for (const text of texts) if (text !== null) counts.set(keyOf(text), (counts.get(keyOf(text)) ?? 0) + 1);
  return units >= 2 && Math.max(0, ...counts.values()) >= units * sameShare;
}

/** Below parts: lines with text of their own, set as many more are that no number is above. They are the first of those. */
function areUnitsOfTheirOwn(
  book: PrintedBook,
  drafts: ReadonlyMap<number, Draft>,
  members: readonly Draft[],
  below: readonly (number | null)[],
): boolean {
  const lines = below.filter((piece) => piece !== null);
  const standsAlone = (piece: number): boolean => !drafts.has(piece - 1) && !drafts.has(piece + 1);
  if (members[0]!.level > 1 || lines.length < members.length || !lines.every((line) => !drafts.has(line + 1) && headsText(book, line)))
    return false;
  const gap = Math.max(2, Math.min(...lines.map((piece) => book.pieces[piece]!.gap)));
  return setLike(book, lines, { gap }).filter(standsAlone).length >= lines.length * 2;
}

/** Whence and when each unit was written, in place of what it is called. */
function areDatelines(texts: readonly (string | null)[], units: number): boolean {
  return units >= 2 && texts.filter((text) => text !== null && isDated(text)).length >= units * sameShare;
}

/** A line in brackets right below a heading: `(Being a reprint from …)`. */
function isSubtitle(piece: Piece | undefined): boolean {
  if (piece === undefined || piece.kind !== 'text' || piece.rows.length === 0 || piece.rows.length > 4) return false;
  return piece.letters <= 220 && /^_?\(.*\)_?(?:\s*\[\d+\])?$/.test(piece.rows.join(' '));
}

/** The next piece that could be a title, illustrations between aside. */
function titleBelow(book: PrintedBook, drafts: ReadonlyMap<number, Draft>, from: number, expected: ReadonlySet<string>): number | null {
  let index = from;
  while (index < Math.min(book.pieces.length, from + 3) && book.pieces[index]!.kind === 'illustration') index += 1;
  const piece = book.pieces[index];
  if (piece === undefined || piece.kind !== 'text' || drafts.has(index) || piece.rows.length === 0 || piece.rows.length > 4) return null;
  if (piece.letters < 2 || piece.letters > 200) return null;
  const text = titleText(piece);
  if (text.startsWith('(') || (/^["“‘«„]/.test(text) && !isCaps(text))) return null;
  if (piece.letters > 110 && !isCaps(text)) return null;
  if (isSynopsis(text) || ((isDirection(piece) || isDateline(piece, book.pieces[from - 1]!)) && !expected.has(keyOf(text)))) return null;
  return looksLikeTitle(text) ? index : null;
}

/** What the chapter speaks of, in a row: `The quay—A quarrel—The ferry—What followed`. */
function isSynopsis(text: string): boolean {
  return (text.match(/—|--| – /g)?.length ?? 0) >= 3;
}

/** At the right, far from where the heading begins: whence and when a letter was written. */
function isDateline(piece: Piece, heading: Piece): boolean {
  return piece.indent >= heading.indent + 20 && /\d/.test(piece.rows.join(' '));
}

/** A sentence in italics: where the scene is laid, who writes to whom. */
function isDirection(piece: Piece): boolean {
  const text = piece.rows.join(' ').trim();
  return /^_[^_]+\._?$/.test(text) && !isCaps(text);
}
