/** What kind of block a printed paragraph is, judged by its own lines. */

import type { BlockType } from '../document.ts';

export interface PrintedShape {
  readonly rows: readonly string[];
  /** Spaces before each row. */
  readonly indents: readonly number[];
  readonly letters: number;
  readonly width: number;
}

const illustration = /^\[(?:illustration|picture|image|frontispiece|plate|map|decoration|ornament)\b/i;
const namedNote = /^\[(?:foot)?note\s*[^\]:\s]{0,6}\s*:/i;

/** `noteStart` is what the book's notes begin with. Never `heading`: that takes the whole book to decide. */
export function kindOf(shape: PrintedShape, noteStart: RegExp | null): BlockType {
  const first = shape.rows[0]!;
  if (shape.letters === 0 && /^[\s*#~=_.+·•—–-]+$/.test(shape.rows.join(''))) return 'break';
  if (first.startsWith('[')) {
    if (illustration.test(first)) return 'illustration';
    if (namedNote.test(first)) return 'note';
  }
  if (noteStart?.test(first) === true) return 'note';
  if (shape.rows.length >= 2) {
    if (isTable(shape)) return 'list';
    if (isVerse(shape)) return 'verse';
  } else if (/^[*•·-]\s+\S/.test(first)) return 'listItem';
  if (shape.rows.length >= 2 && Math.min(...shape.indents) >= 2) return 'quote';
  return 'paragraph';
}

const columnsInside = /\S\s{3,}\S|\S\t\S|^\|.*\||(?:\. ?){5}/;
/** What a row has wherever {@link columnsInside} is found, and most rows have not. */
const mayBeColumns = /\s{3}|\t|^\||\. ?\./;

/** Columns: most rows have wide spaces or rules inside. */
function isTable(shape: PrintedShape): boolean {
  let columns = 0;
  for (const row of shape.rows) if ((mayBeColumns.test(row) && columnsInside.test(row)) || /^[-+=|\s]{8,}$/.test(row)) columns += 1;
  return columns >= shape.rows.length * 0.6;
}

/** Rows that end well before the margin and begin with capitals, or stand indented unevenly. */
function isVerse({ rows, indents, width }: PrintedShape): boolean {
  let short = 0;
  let capital = 0;
  for (let index = 0; index < rows.length; index += 1) {
    if (rows[index]!.length + indents[index]! < width * 0.86) short += 1;
    if (/^["“‘'«„(_—-]*[\p{Lu}]/u.test(rows[index]!)) capital += 1;
  }
  const indented = Math.min(...indents) >= 2;
  if (indented) return short >= rows.length - (rows.length > 6 ? 1 : 0) && (capital >= rows.length * 0.6 || new Set(indents).size > 1);
  return short === rows.length && rows.length >= 2 && capital >= rows.length * 0.75 && rows.every((row) => row.length < width * 0.75);
}
