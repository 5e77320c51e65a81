/** Compares a title of the contents with the text that it leads to. */

import { keyOf } from '../../headings/piece.ts';
import type { SourceLine } from '../source.ts';

export interface TitleMatch {
  /** First line of the heading. */
  readonly line: number;
  /** After its last line. */
  readonly end: number;
  /** Paragraphs that it takes. */
  readonly headed: number;
}

/** Paragraphs that are looked at, and those that one heading may have. */
const window = 8;
const maxHeadingRows = 4;

/** Where the title stands among the first paragraphs from `from` on, whole or in part; null where it does not. */
export function findTitle(title: string, lines: readonly SourceLine[], from: number, to: number): TitleMatch | null {
  const key = keyOf(title);
  if (key === '') return null;
  const rows = rowsFrom(lines, from, to);
  for (const [index] of rows.entries()) {
    let joined = '';
    for (let count = 0; count < maxHeadingRows && index + count < rows.length; count += 1) {
      joined += rows[index + count]!.key;
      if (joined === key) return { line: rows[index]!.line, end: rows[index + count]!.line + 1, headed: count + 1 };
      if (joined.length > key.length) break;
    }
  }
  // A heading says more than the contents (a subtitle), or less (no number).
  const loose = rows.find(
    ({ key: row, level }) =>
      level !== undefined && row !== '' && (row.startsWith(key) || (row.length > 2 && (key.endsWith(row) || key.startsWith(row)))),
  );
  return loose === undefined ? null : { line: loose.line, end: loose.line + 1, headed: 1 };
}

/** The first heading of the markup among the first paragraphs. */
export function firstHeading(lines: readonly SourceLine[], from: number, to: number): SourceLine | null {
  const row = rowsFrom(lines, from, to).find(({ level }) => level !== undefined);
  return row === undefined ? null : lines[row.line]!;
}

function rowsFrom(
  lines: readonly SourceLine[],
  from: number,
  to: number,
): { readonly line: number; readonly key: string; readonly level: number | undefined }[] {
  const rows = [];
  for (let line = from; line < to && rows.length < window; line += 1) {
    const { text, level } = lines[line]!;
    if (text !== '') rows.push({ line, key: keyOf(text), level });
  }
  return rows;
}
