/** The short pieces of a book that may be headings, with what can be said of each on its own. */

import { countingName } from './calendar.ts';
import { isCaps, parseLabel, stripMarkup } from './read-label.ts';
import type { Label } from './label.ts';
import { keyOf } from './piece.ts';
import type { Piece } from './piece.ts';
import { styleOf } from './style.ts';

export interface Candidate {
  readonly piece: number;
  readonly label: Label;
  /** Title on the same piece, '' when the label stands alone. */
  readonly title: string;
  /** Candidates of one class are headings together or not at all. */
  readonly class: string;
  /** Whether it may as well be a paragraph that opens like a heading: a long synopsis reads like one. */
  readonly doubtful: boolean;
  readonly gap: number;
  /** How the number is set; beside a title, how far in only. */
  readonly manner: string;
  readonly at: number;
}

/** A remark on the number rather than a title: `CHAPTER XI (AND LAST)`. */
const asides = /^\([^()]{1,30}\)\.?$/;
const maxLabelLetters = 260;
const maxSynopsisLetters = 600;
const maxNumberedLetters = 110;

/** Pieces that open with a label or number and do not read like prose. */
export function labelCandidates(pieces: readonly Piece[]): Candidate[] {
  const candidates: Candidate[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind !== 'text' || piece.rows.length === 0 || piece.letters > maxSynopsisLetters) continue;
    const named = namedCandidate(piece, index);
    // Some letters are numerals, too; `August 10.` numbers nothing.
    const numbered = named === null || named.label.scheme === 'letters' ? labelCandidate(piece, index) : null;
    for (const candidate of [numbered, named]) if (candidate !== null) candidates.push(candidate);
  }
  return candidates;
}

function labelCandidate(piece: Piece, index: number): Candidate | null {
  const label = parseLabel(piece.rows[0]!);
  if (label === null || !label.apart) return null;
  const title = [asides.test(label.title) ? '' : label.title, ...piece.rows.slice(1).map(stripMarkup)]
    .filter((row) => row !== '')
    .join(' ');
  const kind = label.keyword === null ? `#${label.scheme}:${title === '' ? 'bare' : 'titled'}` : label.keyword;
  const doubtful = label.keyword !== null && readsLikeProse(label, title, piece);
  if (label.keyword === null && !looksNumbered(title, piece)) return null;
  const manner = title === '' ? styleOf(piece) : piece.indent > 4 ? 'indented' : '';
  return { piece: index, label, title, class: kind, doubtful, gap: piece.gap, manner, at: piece.at };
}

function namedCandidate(piece: Piece, index: number): Candidate | null {
  const label = piece.rows.length === 1 ? countingName(piece.rows[0]!) : null;
  if (label === null) return null;
  const manner = styleOf(piece);
  const { title, scheme } = label;
  return { piece: index, label, title, class: `#${scheme}:${manner}`, doubtful: false, gap: piece.gap, manner, at: piece.at };
}

/** A second row that is prose may mean that the piece is a paragraph which happens to open like a heading. */
function readsLikeProse(label: Label, title: string, piece: Piece): boolean {
  if (title === '') return false;
  return (
    piece.letters > maxLabelLetters || (piece.rows.length > 1 && label.title !== '' && readsOn(label.title, piece)) || /[,;]$/.test(title)
  );
}

function looksNumbered(title: string, piece: Piece): boolean {
  return title === '' || (piece.letters <= maxNumberedLetters && piece.rows.length <= 3 && looksLikeTitle(title));
}

/** A first row that breaks off in the middle of a sentence whose next rows go on in lower case for long. */
function readsOn(title: string, piece: Piece): boolean {
  return (
    !isCaps(title) && piece.rows.length > 3 && /^[a-z]/.test(piece.rows[1]!) && /[.!?]\s+[A-Z].*[a-z]\s+[a-z]/.test(piece.rows.join(' '))
  );
}

/** Whether a text could be a title: capitals, or mostly capitalised words, or a short phrase without an end of sentence. */
export function looksLikeTitle(text: string): boolean {
  const plain = stripMarkup(text);
  if (plain.length === 0 || /[,;:—-]$/.test(plain)) return false;
  if (isCaps(plain)) return true;
  if (isUncased(plain)) return plain.length <= maxUncasedLength && !/[，。；：！？…]["”’』」]?$/u.test(plain) && !plain.includes('。');
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
const maxUncasedLength = 36;

/** Stricter than {@link looksLikeTitle}: what stands on its own without any number must be set in capitals, italics or title case. */
export function looksLikeHeading(piece: Piece): boolean {
  if (piece.kind !== 'text' || piece.rows.length === 0 || piece.rows.length > 3 || piece.letters > 100) return false;
  const text = piece.rows.join(' ');
  if (piece.letters < 2) return isYear(text);
  if (/^[["“‘'«„(*+|-]/.test(text) && !isCaps(text)) return false;
  if (/[,;:]$/.test(text)) return false;
  const plain = stripMarkup(text);
  if (isCaps(plain)) return true;
  if (/[.!?]["”’']?$/.test(plain) && !/^_.*_$/.test(text)) return isTitleCase(plain);
  return looksLikeTitle(plain);
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

/** Keys under which a piece can be found from a contents entry: the whole, the title after its label, the rows after the first. */
export function keysOf(piece: Piece): string[] {
  if (piece.rows.length === 0 || piece.rows.length > 5 || piece.letters > maxLabelLetters) return [];
  const whole = stripMarkup(piece.rows.join(' '));
  const keys = [keyOf(whole)];
  const label = parseLabel(piece.rows[0]!);
  if (label !== null) keys.push(keyOf([label.title, ...piece.rows.slice(1)].join(' ')));
  if (piece.rows.length > 1) keys.push(keyOf(piece.rows.slice(1).join(' ')), keyOf(piece.rows[0]!));
  return keys.filter((key) => key.length >= 3);
}
