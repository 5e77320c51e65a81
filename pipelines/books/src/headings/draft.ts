/** What heading detection works on: the pieces of a book, what its contents list promises, and headings in the making. */

import type { Limits } from './limits.ts';
import { keyOf, withoutPage } from './piece.ts';
import type { Piece } from './piece.ts';
import { parseLabel, stripMarkup } from './read-label.ts';
import type { Label } from './label.ts';
import type { Role } from './roles.ts';

/** Pieces [from, to) are one heading: number, title and subtitle, with illustrations between them. */
export interface Heading {
  readonly from: number;
  readonly to: number;
  /** 0 and 1 hold chapters, 2 is a chapter, 3 is inside one. */
  readonly level: number;
  readonly label: Label | null;
  readonly title: string;
  readonly role: Role | null;
  readonly why: 'number' | 'contents' | 'role' | 'layout' | 'markup';
  /** The whole heading where it is no part of the text (the title of a file). */
  readonly printed?: string;
}

/** An entry of the contents list as far as detection needs it. */
export interface ExpectedTitle {
  /** Of its title, '' when it has a number only. */
  readonly key: string;
  readonly labelled: boolean;
  /** Columns of white space before its row. */
  readonly indent: number;
}

/** What one row of a contents list promises. */
export function expectedTitle(row: string, indent: number): ExpectedTitle {
  const key = rowKey(row);
  return { key: key.startsWith('#') ? '' : key, labelled: parseLabel(withoutPage(row).text) !== null, indent };
}

/** The keys that a printed row answers to: its title, and for bare labels the label. */
export function rowKey(row: string): string {
  const { text } = withoutPage(row);
  const label = parseLabel(text);
  if (label === null) return keyOf(stripMarkup(text));
  if (label.title === '') return `#${label.keyword ?? ''}:${label.value ?? label.number}`;
  return keyOf(label.title);
}

export interface PrintedBook {
  readonly pieces: readonly Piece[];
  readonly expected: readonly ExpectedTitle[];
  /** The book's own title, to tell half titles from chapters; null when unknown. */
  readonly title: string | null;
  readonly width: number;
  readonly limits: Limits;
}

/** A heading while it may still grow, sink or go; `class` names what is decided for many at once. */
export interface Draft {
  readonly piece: number;
  to: number;
  level: number;
  readonly label: Label | null;
  title: string;
  readonly role: Role | null;
  readonly why: Heading['why'];
  readonly class: string;
}

export function coveredBy(drafts: ReadonlyMap<number, Draft>): Set<number> {
  const covered = new Set<number>();
  for (const draft of drafts.values()) for (let piece = draft.piece; piece < draft.to; piece += 1) covered.add(piece);
  return covered;
}

/** A line that is a heading by how it stands, `level` and `class` being decided for all that stand so. */
export function lineDraft(book: PrintedBook, piece: number, given: Pick<Draft, 'level' | 'class'> & Partial<Draft>): Draft {
  return { piece, to: piece + 1, label: null, title: titleText(book.pieces[piece]!), role: null, why: 'layout', ...given };
}

/** The rows as one line, without marks of emphasis and of notes. */
export function titleText(piece: Piece): string {
  const text = piece.rows.map(stripMarkup).join(' ');
  return text.endsWith(']') ? text.replace(/\s*\[(?:\d{1,3}|[A-Z*])\]$/, '') : text;
}

export function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)]!;
}
