/**
 * How lines are set, and which lines of a book are set alike: what tells headings where neither numbers nor words do.
 * How far a line stands from the text above differs from one heading to the next, and is no part of its manner.
 */

import { median } from './draft.ts';
import type { PrintedBook } from './draft.ts';
import type { Piece } from './piece.ts';
import { isCaps, stripMarkup } from './read-label.ts';

/** What headings of one kind share; null where a line cannot show it. */
export interface Manner {
  /** Digits have no capitals. */
  readonly letters: 'capitals' | 'italics' | 'plain' | null;
  /** Further from the margin than the first line of a paragraph; nothing tells of a line as wide as the print. */
  readonly setIn: boolean | null;
  /** Whether a stop ends it: other signs are of the words. */
  readonly stopped: boolean | null;
}

/** Columns before the first line of a paragraph, at most. */
const firstLineIndent = 4;
const longestUncased = 36;

/** `width` is the book's line width, where it is known. */
export function mannerOf({ rows, indent }: Piece, width: number = Number.MAX_SAFE_INTEGER): Manner {
  const text = rows.join(' ');
  const room = width - Math.max(...rows.map((row) => row.length));
  return {
    letters: isCaps(text) ? 'capitals' : /^_.*_$/.test(text) ? 'italics' : /\p{L}/u.test(text) ? 'plain' : null,
    setIn: indent > firstLineIndent ? true : room <= firstLineIndent * 2 ? null : false,
    stopped: /[!?]$/.test(text) ? null : text.endsWith('.'),
  };
}

export function mannerName({ letters, setIn, stopped }: Manner): string {
  return [letters, setIn, stopped].join(' ');
}

/** Whether two manners may be one: nothing that both show differs. */
export function areAlike(one: Manner, other: Manner): boolean {
  const agree = (trait: keyof Manner): boolean => one[trait] === null || other[trait] === null || one[trait] === other[trait];
  return agree('letters') && agree('setIn') && agree('stopped');
}

export interface Group {
  readonly manner: Manner;
  readonly pieces: readonly number[];
}

/** `pieces` by their manners, the most usual one first; a piece that shows less of its own is with the first that it may be of. */
export function groupsAlike(book: PrintedBook, pieces: readonly number[]): Group[] {
  const shown = Map.groupBy(pieces, (piece) => mannerName(mannerOf(book.pieces[piece]!, book.width)));
  const groups: { readonly manner: Manner; pieces: number[] }[] = [];
  for (const members of [...shown.values()].sort((one, other) => other.length - one.length)) {
    const manner = mannerOf(book.pieces[members[0]!]!, book.width);
    const group = groups.find((other) => areAlike(other.manner, manner));
    if (group === undefined) groups.push({ manner, pieces: members });
    else group.pieces = [...group.pieces, ...members].sort((one, other) => one - other);
  }
  return groups.sort((one, other) => other.pieces.length - one.pieces.length);
}

/** The pieces of [from, to) that head text in the manner of one of `models`, `gap` blank lines apart or more. */
export function setLike(
  book: PrintedBook,
  models: readonly number[],
  { gap, from = 0, to = book.pieces.length }: { readonly gap: number; readonly from?: number; readonly to?: number },
): number[] {
  const manners = groupsAlike(book, models).map(({ manner }) => manner);
  const alike: number[] = [];
  for (let index = from; index < to; index += 1) {
    const piece = book.pieces[index]!;
    if (piece.gap < gap || !isShort(piece)) continue;
    const own = mannerOf(piece, book.width);
    const may = standsOut(own) ? isPhrase(piece) : looksLikeHeading(piece);
    if (may && manners.some((manner) => areAlike(manner, own)) && textFollows(book, index)) alike.push(index);
  }
  return alike;
}

/** Most of the headings must be set in one manner for it to tell of others. */
const siblingShare = 0.6;
/** Of the text between headings, what is one of them must have, and leave to the one before. */
const siblingBody = 0.25;

/** What is set like most of `models`, `gap` blank lines apart, with a unit's worth of text to the headings at `known` on both sides. */
export function siblingsOf(book: PrintedBook, models: readonly number[], known: readonly number[], gap: number): number[] {
  const [most] = groupsAlike(book, models);
  if (most === undefined || most.pieces.length < models.length * siblingShare) return [];
  const alike = setLike(book, most.pieces, { gap, from: Math.min(...models) });
  const least = (median(distances(book, new Set([...models, ...alike]))) ?? 0) * siblingBody;
  const all = new Set([...known, ...alike, book.pieces.length - 1]);
  const bodies = distances(book, all);
  const taken = new Set(known);
  return ascending(all).filter((piece, place) => !taken.has(piece) && bodies[place - 1]! >= least && bodies[place]! >= least);
}

/** Letters from each of the pieces to the next. */
function distances(book: PrintedBook, pieces: ReadonlySet<number>): number[] {
  const places = ascending(pieces).map((piece) => book.pieces[piece]!.at);
  return places.slice(1).map((at, index) => at - places[index]!);
}

function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].sort((left, right) => left - right);
}

/** Whether a piece stands out as headings do, with text of its own below. */
export function headsText(book: PrintedBook, piece: number): boolean {
  return looksLikeHeading(book.pieces[piece]!) && textFollows(book, piece);
}

/** Stricter than {@link looksLikeTitle}: what stands on its own without any number must be set in capitals, italics or title case. */
export function looksLikeHeading(piece: Piece): boolean {
  if (!isShort(piece)) return false;
  const text = piece.rows.join(' ');
  if (piece.letters < 2) return isYear(text);
  if (/^[["“‘'«„(*+|-]/.test(text) && !isCaps(text)) return false;
  if (/[,;:]$/.test(text)) return false;
  const plain = stripMarkup(text);
  if (isCaps(plain)) return true;
  if (/[.!?]["”’']?$/.test(plain) && !/^_.*_$/.test(text)) return isTitleCase(plain);
  return looksLikeTitle(plain);
}

/** Whether a text could be a title: capitals, or mostly capitalised words, or a short phrase without an end of sentence. */
export function looksLikeTitle(text: string): boolean {
  const plain = stripMarkup(text);
  if (plain.length === 0 || /[,;:—-]$/.test(plain)) return false;
  if (isCaps(plain)) return true;
  if (isUncased(plain)) return plain.length <= longestUncased && !/[，。；：！？…]["”’』」]?$/u.test(plain) && !plain.includes('。');
  if (!/^["“‘'«„(\d]?[\p{Lu}\d]/u.test(plain)) return false;
  if (/[.!?]["”’']?\s+["“]?\p{Lu}\p{Ll}.*\p{Ll}\s+\p{Ll}+\s+\p{Ll}+\s+\p{Ll}+/u.test(plain)) return false;
  const words = plain.match(/\p{L}[\p{L}'’-]*/gu) ?? [];
  const capital = words.filter((word) => /^\p{Lu}/u.test(word)).length;
  const long = words.filter((word) => word.length > 3);
  const capitalLong = long.filter((word) => /^\p{Lu}/u.test(word)).length;
  if (words.length <= 2) return true;
  if (long.length > 0 && capitalLong >= long.length * 0.6) return true;
  return words.length <= 9 && !/[.!?]["”’']?$/.test(plain) && capital >= 1 && !/^["“‘]/.test(plain);
}

/** Scripts without capitals, of which a title has few signs. */
export function isUncased(text: string): boolean {
  return text.charCodeAt(0) >= 0x3000 && /^\P{L}{0,2}\p{Lo}/u.test(text);
}

/** Running text: sentences whose lines, the last one aside, fill the width. */
export function isRunning(rows: readonly string[], letters: number, width: number): boolean {
  if (letters < 100) return false;
  let lower = 0;
  let upper = 0;
  let dashes = 0;
  let full = 0;
  for (const [index, row] of rows.entries()) {
    if (index < rows.length - 1 && row.length >= width * 0.7) full += 1;
    for (let at = 0; at < row.length; at += 1) {
      const code = row.charCodeAt(at);
      if (code >= 0x61 && code <= 0x7a) lower += 1;
      else if (code >= 0x41 && code <= 0x5a) upper += 1;
      else if (code === 0x2014 || (code === 0x2d && row.charCodeAt(at + 1) === 0x2d)) dashes += 1;
      else if (code > 0xbf && code !== 0x2018 && code !== 0x2019 && code !== 0x201c && code !== 0x201d) lower += 1;
    }
  }
  if (lower < upper * 4 || (dashes >= 3 && letters / dashes < 70)) return false;
  return rows.length === 1 ? letters >= 140 || letters >= width * 0.7 : full >= (rows.length - 1) * 0.75;
}

/** Blank lines before most paragraphs. */
export function usualGap({ pieces }: PrintedBook): number {
  return median(pieces.map(({ gap }) => gap)) ?? 1;
}

/** Headings have a blank line before them, unless the book has none at all. */
export function leastGap(book: PrintedBook): number {
  return Math.min(1, usualGap(book));
}

/** Set as prose is not: a title of few capitals is one beside others that are set like it. */
function standsOut({ letters, setIn }: Manner): boolean {
  return setIn === true || letters === 'italics' || letters === 'capitals';
}

/** No more than one sentence, not spoken, and not broken off. */
function isPhrase({ rows }: Piece): boolean {
  const text = rows.join(' ');
  return /^\W*\p{Lu}/u.test(text) && !/^[["“‘'«„(*+|-]|[,;:]$|[.!?]\s+\p{L}/u.test(text);
}

/** What a heading's text may measure. */
function isShort({ kind, rows, letters }: Piece): boolean {
  return kind === 'text' && rows.length > 0 && rows.length <= 3 && letters <= 100;
}

function textFollows(book: PrintedBook, index: number): boolean {
  for (let next = index + 1; next < Math.min(book.pieces.length, index + 5); next += 1) {
    const piece = book.pieces[next]!;
    if (piece.kind !== 'text') continue;
    if (piece.rows.length === 0 || piece.lines >= 4 || isRunning(piece.rows, piece.letters, book.width)) return true;
    if (piece.letters >= 50 && /[.!?:;,]["”’']?$/.test(piece.rows.at(-1)!) && !looksLikeHeading(piece)) return true;
  }
  return false;
}

function isYear(text: string): boolean {
  return /^(?:1[0-9]|20)\d\d\.?$/.test(text);
}

/** Eight words at most, with capitals but for small words between. */
function isTitleCase(text: string): boolean {
  const words = text.match(/[\p{L}\d][^\s]*/gu) ?? [];
  return (
    words.length <= 8 &&
    words.every((word, index) => /^[\p{Lu}\d]/u.test(word) || (word.length <= 4 && index > 0 && index < words.length - 1))
  );
}
