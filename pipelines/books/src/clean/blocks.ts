/** Writes one printed paragraph as a block, and books every letter of it. */

import { countLetters } from '../document.ts';
import type { Block, BlockType } from '../document.ts';
import { maxRows } from '../headings/piece.ts';
import type { SourceLine } from '../source/source.ts';
import { nameOf, noteMarkPattern, noteStartPattern, pageMarkPattern } from '../topology/marks.ts';
import { indentOf, trimmedEnd } from '../topology/paragraphs.ts';
import type { Paragraph } from '../topology/paragraphs.ts';
import type { Topology } from '../topology/topology.ts';
import type { Ledger } from './account.ts';
import { hyphenJudge } from './hyphens.ts';
import { pointsOf, sourceUnit } from './mend.ts';
import type { MendedLines } from './mend.ts';
import { kindOf } from './kinds.ts';
import { cleanText, singleSpaced } from './text.ts';
import type { CleanText, TextChange, TextRules, Typography } from './text.ts';

export interface BlockWriter {
  /** `without` are lines that are no part of the paragraph although it spans them; `type` overrides what its shape says. */
  readonly write: (paragraph: Paragraph, without?: ReadonlySet<number>, type?: BlockType) => Block;
}

/** A block between cleaning and the linking of notes carries the marks that were found in it. */
export interface MarkedBlock extends Block {
  readonly found?: readonly { readonly mark: string; readonly at: number }[];
}

const keepsLines: ReadonlySet<BlockType> = new Set(['verse', 'list', 'listItem']);
const illustrationWord = /^\[\s*[\p{L}]+\s*[:.—-]*\s*/u;
const namedNote = /^\[(?:foot)?note\s*([^\]:\s]{0,6})\s*:\s*/i;

/** Spans and changes are said of the `given` lines, the source's own, of which `mended` are what is read. */
export function blockWriter(
  given: readonly SourceLine[],
  mended: MendedLines,
  topology: Topology,
  ledger: Ledger,
  typography: Typography,
): BlockWriter {
  const { lines } = mended;
  const rules: TextRules = {
    pageMarks: pageMarkPattern(topology.marks, 'y'),
    noteMarks:
      topology.marks.notes === null
        ? null
        : { pattern: noteMarkPattern(topology.marks.notes.style), known: new Set(topology.marks.notes.names) },
    bold: topology.marks.bold,
    typography,
    joins: hyphenJudge(lines, mended.lexicon),
  };
  const noteStart = topology.marks.notes === null ? null : noteStartPattern(topology.marks.notes.style);
  let written = 0;
  /** An illustration or note whose bracket is still open: the next paragraphs belong to it. */
  let open: BlockType | null = null;
  let depth = 0;
  return {
    write: (paragraph, without, type) => {
      const shape = readRows(lines, paragraph, without);
      const span = spanOf(given, paragraph);
      const letters = paragraph.letters;
      const kind: BlockType =
        type ??
        open ??
        (lines[paragraph.from]!.level === undefined ? kindOf({ ...shape, letters, width: topology.wrapping.width }, noteStart) : 'heading');
      const opened = open !== null;
      if (opened || kind === 'illustration' || (kind === 'note' && /^\[(?:foot)?note/i.test(shape.rows[0]!))) {
        depth = Math.max(0, depth + balance(shape.rows));
        open = depth > 0 && letters < 20_000 ? kind : null;
        if (open === null) depth = 0;
      }
      const text = cleanText(shape.rows, rules, keepsLines.has(kind));
      const stripped = strip(kind, text, opened, open === null, noteStart);
      written += 1;
      const kept = countLetters(stripped.text);
      ledger.keep(kept);
      book({ given, mended, ledger, keepsLines: keepsLines.has(kind) }, shape, text, stripped);
      return toBlock(`b${written}`, kind, stripped, paragraph, shape, span, lines[paragraph.from]!);
    },
  };
}

interface Rows {
  readonly rows: string[];
  readonly indents: number[];
  /** The line of each row. */
  readonly numbers: number[];
}

function readRows(lines: readonly SourceLine[], paragraph: Paragraph, without: ReadonlySet<number> | undefined): Rows {
  const rows: string[] = [];
  const indents: number[] = [];
  const numbers: number[] = [];
  for (let line = paragraph.from; line < paragraph.to; line += 1) {
    const { text } = lines[line]!;
    const end = trimmedEnd(text);
    if (end === 0 || without?.has(line) === true) continue;
    const indent = indentOf(text);
    rows.push(indent === 0 && end === text.length ? text : text.slice(indent, end));
    indents.push(indent);
    numbers.push(line);
  }
  return { rows, indents, numbers };
}

interface Desk {
  readonly given: readonly SourceLine[];
  readonly mended: MendedLines;
  readonly ledger: Ledger;
  /** Whether the rows' own spaces were kept. */
  readonly keepsLines: boolean;
}

/** Books what of the rows was mended, what joining and rewriting took out, and the words of the markup. */
function book(desk: Desk, shape: Rows, text: CleanText, stripped: Stripped): void {
  const { given, mended, ledger } = desk;
  if (mended.edits.size > 0) {
    for (const line of shape.numbers) {
      for (const { from, to, after, kind, confidence } of mended.edits.get(line) ?? []) {
        const { text: source, start, file } = given[line]!;
        const before = source.slice(from, to);
        const span = { start: start + pointsOf(source, from), end: start + pointsOf(source, to), file };
        const change = { before, after, ...(confidence === undefined ? {} : { confidence }) };
        ledger.remove(kind, countLetters(before) - countLetters(after), span, change);
      }
    }
  }
  for (const change of text.changes) enter(desk, shape, text, change);
  if (stripped.word !== '') enter(desk, shape, text, { kind: 'markup', at: 0, before: stripped.word });
}

function enter(desk: Desk, shape: Rows, text: CleanText, { kind, at, before, confidence }: TextChange): void {
  const from = placeOf(desk, shape, text, at);
  const to = placeOf(desk, shape, text, kind === 'hyphen' ? at : at + before.length);
  // What a line's end took away begins at the hyphen and ends where the next row does begin.
  const start = kind === 'hyphen' ? placeBefore(desk, shape, text, at) : from.offset;
  desk.ledger.remove(
    kind,
    countLetters(before),
    { start: Math.min(start, to.offset), end: to.offset, file: from.file },
    {
      before,
      ...(kind === 'hyphen' ? { after: '' } : {}),
      ...(confidence === undefined ? {} : { confidence }),
    },
  );
}

/** Where in the source a unit of the joined rows comes from. */
function placeOf(desk: Desk, shape: Rows, text: CleanText, at: number): { readonly offset: number; readonly file: number } {
  const row = Math.max(0, rowAt(text.rowStarts, at));
  return placeInRow(desk, shape, row, at - text.rowStarts[row]!);
}

function placeInRow(
  { given, mended, keepsLines: kept }: Desk,
  shape: Rows,
  row: number,
  column: number,
): { readonly offset: number; readonly file: number } {
  const printed = shape.rows[row]!;
  const line = shape.numbers[row]!;
  const own = shape.indents[row]! + (kept ? column : spacedColumn(printed, column));
  const { text, start, end, file } = given[line]!;
  return { offset: Math.min(end, start + pointsOf(text, sourceUnit(own, mended.edits.get(line) ?? []))), file };
}

/** The place of the hyphen that a row ends with. */
function placeBefore(desk: Desk, shape: Rows, text: CleanText, at: number): number {
  const row = Math.max(1, rowAt(text.rowStarts, at)) - 1;
  return placeInRow(desk, shape, row, singleSpaced(shape.rows[row]!).length - 1).offset;
}

/** The last row that begins at or before a unit of the joined rows. */
function rowAt(starts: readonly number[], at: number): number {
  let from = 0;
  let to = starts.length;
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if (starts[middle]! <= at) from = middle;
    else to = middle;
  }
  return from;
}

/** The column of a row before its spaces were made single. */
function spacedColumn(row: string, column: number): number {
  if (!row.includes('  ')) return column;
  let at = 0;
  for (let passed = 0; passed < column; passed += 1) {
    at += 1;
    if (row[at - 1] === ' ') while (row[at] === ' ') at += 1;
  }
  return at;
}

function spanOf(
  lines: readonly SourceLine[],
  paragraph: Paragraph,
): { readonly start: number; readonly end: number; readonly file: number } {
  const first = lines[paragraph.from]!;
  const last = lines[paragraph.to - 1]!;
  const end = last.end - (last.text.length - trimmedEnd(last.text));
  return { start: Math.min(first.start + indentOf(first.text), end), end: Math.max(end, first.start), file: first.file };
}

function balance(rows: readonly string[]): number {
  let depth = 0;
  for (const row of rows) {
    for (let index = 0; index < row.length; index += 1) {
      const code = row.charCodeAt(index);
      if (code === 0x5b) depth += 1;
      else if (code === 0x5d) depth -= 1;
    }
  }
  return depth;
}

interface Stripped extends Pick<CleanText, 'emphasis' | 'marks'> {
  readonly text: string;
  /** The markup's own words that were taken off the beginning. */
  readonly word: string;
  readonly mark: string | null;
}

/** Takes `[Illustration: …]` and `[Footnote 1: …]` off what they say. */
function strip(kind: BlockType, clean: CleanText, opened: boolean, closes: boolean, noteStart: RegExp | null): Stripped {
  if (kind !== 'illustration' && kind !== 'note')
    return { text: clean.text, emphasis: clean.emphasis, marks: clean.marks, word: '', mark: null };
  let { text } = clean;
  let mark: string | null = null;
  let cut = 0;
  if (!opened && kind === 'illustration') cut = illustrationWord.exec(text)?.[0].length ?? 0;
  else if (!opened) {
    const found = namedNote.exec(text) ?? noteStart?.exec(text) ?? null;
    cut = found?.[0].length ?? 0;
    cut += /^\s*/.exec(text.slice(cut))![0].length;
    mark = found === null ? (clean.marks[0]?.at === 0 ? clean.marks[0].mark : null) : nameOf(found);
  }
  const bracketed = /^\[(?:foot)?note|^\[illustration|^\[/i.test(clean.text) || opened;
  const end = (closes && bracketed && cut > 0) || (opened && closes) ? text.replace(/\s*\]\s*$/, '').length : text.length;
  const word = text.slice(0, cut);
  text = text.slice(cut, Math.max(cut, end));
  const shift = (at: number): number => Math.min(Math.max(0, at - cut), text.length);
  return {
    text,
    mark,
    word: countLetters(word) === 0 ? '' : word,
    emphasis: clean.emphasis.map(([from, to]): [number, number] => [shift(from), shift(to)]).filter(([from, to]) => to > from),
    marks: clean.marks
      .filter(({ at }, index) => at >= cut && !(index === 0 && mark !== null && at === 0))
      .map((found) => ({ mark: found.mark, at: shift(found.at) })),
  };
}

function toBlock(
  id: string,
  type: BlockType,
  stripped: Stripped,
  paragraph: Paragraph,
  shape: Rows,
  span: { readonly start: number; readonly end: number; readonly file: number },
  line: SourceLine,
): Block {
  const lines = shape.rows.length;
  const points = codePointMap(stripped.text);
  const block: MarkedBlock = {
    id,
    type,
    text: stripped.text,
    ...(line.level === undefined || type !== 'heading' ? {} : { level: line.level }),
    ...(stripped.mark === null || stripped.mark === '' ? {} : { mark: stripped.mark }),
    ...(stripped.emphasis.length === 0
      ? {}
      : { emphasis: stripped.emphasis.map(([from, to]): readonly [number, number] => [points(from), points(to)]) }),
    layout: {
      gap: paragraph.gap,
      indent: paragraph.indent,
      lines,
      ...(lines <= maxRows && type !== 'listItem' && paragraph.letters <= 400 ? { rows: shape.rows } : {}),
    },
    ...(stripped.marks.length === 0 ? {} : { found: stripped.marks.map(({ mark, at }) => ({ mark, at: points(at) })) }),
    source: { start: span.start, end: span.end, ...(span.file === 0 ? {} : { file: span.file }) },
  };
  return block;
}

/** From UTF-16 units to code points; the identity for texts without surrogates. */
function codePointMap(text: string): (at: number) => number {
  if (!/[\ud800-\udbff]/.test(text)) return (at) => at;
  return (at) => [...text.slice(0, at)].length;
}
