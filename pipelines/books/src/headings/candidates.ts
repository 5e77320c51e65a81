/** The short pieces of a book that may be headings, with what can be said of each on its own. */

import { countingName } from './calendar.ts';
import { placedLabel } from './chinese-label.ts';
import { isCaps, parseLabel, stripMarkup } from './read-label.ts';
import type { Label } from './label.ts';
import { keyOf } from './piece.ts';
import type { Piece } from './piece.ts';
import { looksLikeTitle, mannerName, mannerOf } from './typography.ts';
import type { Manner } from './typography.ts';

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
  readonly manner: Manner;
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
  return withoutPlaces(candidates);
}

/** Several rows that open with one place (`上册 夜雨`, `上册 渡口`) are chapters of it, and do not number it. */
function withoutPlaces(candidates: readonly Candidate[]): Candidate[] {
  const placed = candidates.filter(({ title, label }) => title !== '' && /^[上中下]|[上中下]$/u.test(label.number));
  const times = Map.groupBy(placed, ({ label }) => label.number);
  return candidates.filter((candidate) => !placed.includes(candidate) || times.get(candidate.label.number)!.length === 1);
}

function labelCandidate(piece: Piece, index: number): Candidate | null {
  const label = parseLabel(piece.rows[0]!) ?? placedLabel(piece.rows[0]!);
  if (label === null || !label.apart) return null;
  const title = [asides.test(label.title) ? '' : label.title, ...piece.rows.slice(1).map(stripMarkup)]
    .filter((row) => row !== '')
    .join(' ');
  const kind = label.keyword === null ? `#${label.scheme}:${title === '' ? 'bare' : 'titled'}` : label.keyword;
  const doubtful = label.keyword !== null && readsLikeProse(label, title, piece);
  if (label.keyword === null && !looksNumbered(title, piece)) return null;
  const own = mannerOf(piece);
  const manner = title === '' ? own : { letters: null, setIn: own.setIn, stopped: null };
  return { piece: index, label, title, class: kind, doubtful, gap: piece.gap, manner, at: piece.at };
}

function namedCandidate(piece: Piece, index: number): Candidate | null {
  const label = piece.rows.length === 1 ? countingName(piece.rows[0]!) : null;
  if (label === null) return null;
  const manner = mannerOf(piece);
  const { title, scheme } = label;
  return { piece: index, label, title, class: `#${scheme}:${mannerName(manner)}`, doubtful: false, gap: piece.gap, manner, at: piece.at };
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
