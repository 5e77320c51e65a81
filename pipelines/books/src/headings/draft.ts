/** What heading detection works on: the pieces of a book, what its contents list promises, and headings in the making. */

import type { Limits } from './limits.ts';
import { withoutPage } from './piece.ts';
import type { Piece } from './piece.ts';
import { rowKey } from './contents.ts';
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

/** Headings have a blank line before them, unless the book has none at all. */
export function leastGap(book: PrintedBook): number {
  return (median(book.pieces.map((piece) => piece.gap)) ?? 1) === 0 ? 0 : 1;
}

export function coveredBy(drafts: ReadonlyMap<number, Draft>): Set<number> {
  const covered = new Set<number>();
  for (const draft of drafts.values()) for (let piece = draft.piece; piece < draft.to; piece += 1) covered.add(piece);
  return covered;
}

/** The rows as one line, without marks of emphasis and of notes. */
export function titleText(piece: Piece): string {
  const text = piece.rows.map(stripMarkup).join(' ');
  return text.endsWith(']') ? text.replace(/\s*\[(?:\d{1,3}|[A-Z*])\]$/, '') : text;
}

export function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)]!;
}
