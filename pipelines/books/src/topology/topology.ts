/**
 * The shape of a book, read and measured before anything is changed: what its bytes are, how it is printed, what was
 * added to it, where its contents list stands, how its headings count, and how it would best be cut for a model.
 */

import { asMeant } from '../clean/printed.ts';
import { findContents } from '../headings/contents.ts';
import type { ContentsRegion } from '../headings/contents.ts';
import { expectedTitle } from '../headings/draft.ts';
import { findHeadings } from '../headings/headings.ts';
import type { ExpectedTitle, Heading } from '../headings/draft.ts';
import { parseLabel } from '../headings/read-label.ts';
import { usualLimits } from '../headings/limits.ts';
import { roleOf } from '../headings/roles.ts';
import { maxRows, openingGap } from '../headings/piece.ts';
import type { Piece } from '../headings/piece.ts';
import type { NumberedUnit } from '../sanity/sequence.ts';
import { unitsOfTitles } from '../sanity/title.ts';
import { countsOf } from '../source/counts.ts';
import type { Source, SourceFile, SourceLine, SourceSection } from '../source/source.ts';
import { findBoilerplate } from './boilerplate.ts';
import type { AddedKind } from './boilerplate.ts';
import { findMarks, pageMarkPattern } from './marks.ts';
import type { Marks } from './marks.ts';
import { measureWrapping, paragraphsOf } from './paragraphs.ts';
import type { Paragraph, Wrapping } from './paragraphs.ts';

/** Lines [from, to) of the source and the same as code points. */
export interface LineSpan {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
  readonly file: number;
}

export interface NumberingScheme {
  /** `chapter`, `part`, `回`; null for numbers alone. */
  readonly keyword: string | null;
  readonly scheme: string;
  readonly level: number;
  readonly count: number;
  readonly first: number | null;
  readonly last: number | null;
  /** How often the numbers start anew at 1, the first time aside. */
  readonly restarts: number;
}

/** A heading as far as it is known before alignment, for the checks of numbers and lengths. */
export interface HeadingUnit extends NumberedUnit {
  /** Front or back matter by its name. */
  readonly named: boolean;
  /** Up to the next heading. */
  readonly letters: number;
}

export interface Topology {
  readonly version: '1.0.0';
  readonly id: string;
  /** Why there is nothing to process, null when there is. */
  readonly skip: { readonly reason: 'empty' | 'chapterless'; readonly message: string } | null;
  readonly kind: Source['kind'];
  readonly files: readonly (Pick<SourceFile, 'name' | 'encoding' | 'declared' | 'bom' | 'lineEnd' | 'codePoints'> & {
    /** Whether the declared encoding is what the bytes are; null when none is declared. */
    readonly agrees: boolean | null;
  })[];
  readonly size: {
    readonly codePoints: number;
    readonly lines: number;
    readonly words: number;
    readonly letters: number;
    readonly paragraphs: number;
  };
  readonly wrapping: Wrapping;
  readonly added: readonly (LineSpan & { readonly kind: AddedKind })[];
  /** The lines of the book itself, for each file. */
  readonly kept: readonly { readonly from: number; readonly to: number }[];
  readonly contents: readonly (LineSpan & { readonly role: ContentsRegion['role'] })[];
  readonly marks: Marks;
  readonly headings: {
    readonly count: number;
    readonly depth: number;
    readonly schemes: readonly NumberingScheme[];
    readonly units: readonly HeadingUnit[];
  };
  readonly tokens: { readonly estimate: number; readonly chunks: { readonly size: number; readonly count: number } | null };
}

/** Beyond this a book is better given to a model in pieces. */
const chunkAboveTokens = 100_000;
const chunkTokens = 30_000;
/** A text of fewer letters than this holds no chapter. */
const minLetters = 40;

export function measureTopology(id: string, source: Source): Topology {
  const { lines } = source;
  const wrapping = measureWrapping(source);
  const { ranges, kept } = findBoilerplate(source);
  const marks = findMarks(lines, kept);
  // As cleaning will see it: without running heads, which look like numbered titles.
  const { paragraphs, heads } = asMeant(
    lines,
    bookParagraphs(lines, kept, ranges, wrapping.wrapped),
    wrapping.wrapped,
    wrapping.width,
    pageMarkPattern(marks, 'g'),
  );
  const without = new Set(heads.map((head) => head.line));
  const rows = (piece: number): string[] => rowsOf(lines, paragraphs[piece]!, without);
  const pieces = paragraphs.map(pieceMaker(lines, without));
  const regions = source.sections === null ? findContents(pieces, rows, wrapping.width) : [];
  const body = outside(pieces, regions);
  const expected = regions.filter((region) => region.role === 'contents').flatMap((region) => expectedIn(region, rows));
  const headings =
    source.sections === null
      ? findHeadings({ pieces: body, expected, title: source.meta.title ?? null, width: wrapping.width, limits: usualLimits })
      : [];
  const letters = pieces.reduce((sum, piece) => sum + piece.letters, 0);
  const { words, ideographs } = countsOf(lines);
  const size = {
    codePoints: source.files.reduce((sum, file) => sum + file.codePoints, 0),
    lines: lines.length,
    words,
    letters,
    paragraphs: paragraphs.length,
  };
  return {
    version: '1.0.0',
    id,
    skip: skipReason(source, letters),
    kind: source.kind,
    files: source.files.map(({ name, encoding, declared, bom, lineEnd, codePoints }) => ({
      name,
      encoding,
      declared,
      bom,
      lineEnd,
      codePoints,
      agrees: declared === null ? null : sameEncoding(encoding, declared),
    })),
    size,
    wrapping,
    added: ranges.map((range) => ({ kind: range.kind, ...spanOf(lines, range.from, range.to) })),
    kept,
    contents: regions.map((region) => ({
      role: region.role,
      ...spanOf(lines, paragraphs[region.from]!.from, paragraphs[region.to - 1]!.to),
    })),
    marks,
    headings: {
      count: source.sections?.length ?? headings.length,
      depth: new Set(headings.map((heading) => heading.level)).size,
      schemes: schemesOf(headings),
      units: source.sections === null ? headingUnits(headings, body, letters) : sectionUnits(source),
    },
    tokens: tokensOf(size.codePoints, ideographs),
  };
}

/** The paragraphs of a book without what was added to it. */
export function bookParagraphs(
  lines: readonly SourceLine[],
  kept: Topology['kept'],
  added: readonly { readonly from: number; readonly to: number }[],
  wrapped: boolean,
): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  for (const range of kept) {
    const inside = added.filter((other) => other.from >= range.from && other.to <= range.to).sort((left, right) => left.from - right.from);
    let from = range.from;
    for (const other of inside) {
      for (const paragraph of paragraphsOf(lines, from, other.from, wrapped)) paragraphs.push(paragraph);
      from = Math.max(from, other.to);
    }
    for (const paragraph of paragraphsOf(lines, from, range.to, wrapped)) paragraphs.push(paragraph);
  }
  return paragraphs;
}

/** Makes pieces of paragraphs, one after the other. */
function pieceMaker(lines: readonly SourceLine[], without: ReadonlySet<number>): (paragraph: Paragraph) => Piece {
  let at = 0;
  return (paragraph) => {
    const count = paragraph.to - paragraph.from;
    const rows = count <= maxRows ? rowsOf(lines, paragraph, without) : [];
    const piece: Piece = {
      rows,
      lines: count,
      gap: at === 0 ? openingGap : paragraph.gap,
      indent: paragraph.indent,
      letters: paragraph.letters,
      at,
      kind: kindOf(rows[0] ?? lines[paragraph.from]!.text, paragraph.letters),
      rank: lines[paragraph.from]!.level ?? 0,
    };
    at += paragraph.letters;
    return piece;
  };
}

function rowsOf(lines: readonly SourceLine[], paragraph: Paragraph, without: ReadonlySet<number>): string[] {
  const rows: string[] = [];
  for (let index = paragraph.from; index < paragraph.to; index += 1) {
    const row = lines[index]!.text.trim();
    if (row !== '' && !without.has(index)) rows.push(row);
  }
  return rows;
}

function expectedIn(region: ContentsRegion, rowsOf: (piece: number) => readonly string[]): ExpectedTitle[] {
  const rows: string[] = [];
  for (let piece = region.from; piece < region.to; piece += 1) rows.push(...rowsOf(piece));
  return rows.slice(1).map((row) => expectedTitle(row, 0));
}

const illustrationRow = /^\s*\[(?:illustration|picture|image|frontispiece|plate|map|decoration|ornament)\b/i;

function kindOf(first: string, letters: number): Piece['kind'] {
  if (letters === 0 && !/\d/.test(first)) return 'break';
  return first.includes('[') && illustrationRow.test(first) ? 'illustration' : 'text';
}

/** Pieces outside the lists of contents, which would double every heading. */
function outside(pieces: readonly Piece[], regions: readonly ContentsRegion[]): Piece[] {
  return pieces.filter((_piece, index) => !regions.some((region) => index >= region.from && index < region.to));
}

function skipReason(source: Source, letters: number): Topology['skip'] {
  if (letters === 0)
    return {
      reason: 'empty',
      message: source.files.length === 0 ? 'there is no file in it' : 'there is no text in it, beside what a distributor added',
    };
  if (source.sections !== null && source.sections.length === 0) return { reason: 'chapterless', message: 'it has no chapters' };
  if (letters < minLetters) return { reason: 'chapterless', message: `its ${letters} letters hold no chapter` };
  return null;
}

function spanOf(lines: readonly SourceLine[], from: number, to: number): LineSpan {
  const first = lines[from]!;
  return { from, to, start: first.start, end: lines[to - 1]!.end, file: first.file };
}

/** Names of one encoding differ; plain ASCII is also what most declare as something wider. */
function sameEncoding(detected: string, declared: string): boolean {
  const plain = (name: string): string => {
    const key = name.toLowerCase().replace(/[^a-z0-9]/g, '');
    if (/^(?:iso88591|latin1|windows1252|cp1252|iso885915)$/.test(key)) return 'western';
    return /^(?:usascii|ascii|utf8)$/.test(key) ? 'utf8' : key;
  };
  return detected === 'ascii' || plain(detected) === plain(declared);
}

/** Four characters a token where words are spelled with letters, three tokens for four ideographs. */
function tokensOf(codePoints: number, ideographs: number): Topology['tokens'] {
  const estimate = Math.round((codePoints - ideographs) / 4 + ideographs * 0.75);
  return { estimate, chunks: estimate > chunkAboveTokens ? { size: chunkTokens, count: Math.ceil(estimate / chunkTokens) } : null };
}

function schemesOf(headings: readonly Heading[]): NumberingScheme[] {
  const groups = Map.groupBy(
    headings.filter((heading) => heading.label !== null),
    (heading) => `${heading.label!.keyword ?? ''} ${heading.label!.scheme} ${heading.level}`,
  );
  return [...groups.values()].map((members) => {
    const values = members.map((member) => member.label!.value).filter((value) => value !== null);
    const { keyword, scheme } = members[0]!.label!;
    return {
      keyword,
      scheme,
      level: members[0]!.level,
      count: members.length,
      first: values[0] ?? null,
      last: values.at(-1) ?? null,
      restarts: values.filter((value, index) => index > 0 && value === 1).length,
    };
  });
}

function headingUnits(headings: readonly Heading[], pieces: readonly Piece[], letters: number): HeadingUnit[] {
  return headings.map((heading, index) => {
    const start = pieces[heading.to]?.at ?? letters;
    const next = headings[index + 1];
    const end = next === undefined ? letters : (pieces[next.from]?.at ?? letters);
    const title = [pieces[heading.from]?.rows[0]?.trim() ?? '', heading.title]
      .filter((part, place, parts) => part !== '' && (place === 0 || !parts[0]!.includes(part)))
      .join(' ');
    return {
      title,
      value: heading.label?.value ?? null,
      level: heading.level,
      ...(heading.label?.keyword == null ? {} : { series: heading.label.keyword }),
      named: heading.role !== null,
      letters: Math.max(0, end - start),
    };
  });
}

function sectionUnits(source: Source): HeadingUnit[] {
  const sections = source.sections ?? [];
  return unitsOfTitles(sections.map((section) => section.title)).map((unit, index) => ({
    ...unit,
    ...nestingOf(sections[index]!),
    named: roleOf(unit.title) !== null || isMatter(sections[index]!),
    letters: lettersOf(source.lines, sections[index]!.from, sections[index]!.to),
  }));
}

/** Below a new part numbers may start again, and what is called otherwise counts by itself. */
function nestingOf({ title, level }: SourceSection): Pick<HeadingUnit, 'level' | 'series'> {
  if (level === undefined) return {};
  const keyword = parseLabel(title)?.keyword ?? null;
  return { level: level + 1, ...(keyword === null ? {} : { series: keyword }) };
}

function isMatter({ matter }: SourceSection): boolean {
  return matter?.place === 'front' || matter?.place === 'back';
}

/** Letters of the lines [from, to). */
export function lettersOf(lines: readonly SourceLine[], from: number, to: number): number {
  const counted = countsOf(lines).letters;
  let letters = 0;
  for (let index = from; index < to; index += 1) letters += counted[index]!;
  return letters;
}
