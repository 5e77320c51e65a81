/**
 * What distributors and transcribers added around a book: licence headers and footers, credits, notes on the edition.
 * Licence text is cut, credits and notes are moved to the back matter; both are found here as ranges of lines.
 */

import type { Source, SourceLine } from '../source/source.ts';
import { paragraphsOf, trimmedEnd } from './paragraphs.ts';
import type { Paragraph } from './paragraphs.ts';

export type AddedKind = 'boilerplate' | 'licence' | 'credits' | 'transcriberNotes';

/** Lines [from, to). */
interface LineRange {
  readonly from: number;
  readonly to: number;
}

/** What is no part of the book as it was printed. */
export interface AddedRange extends LineRange {
  readonly kind: AddedKind;
}

export interface Boilerplate {
  readonly ranges: readonly AddedRange[];
  /** The lines of the book itself, of each file or of each of several books in one, with the added ranges inside still to be taken out. */
  readonly kept: readonly LineRange[];
}

const startMarker = /^\s*\*{2,3}\s*START OF (?:THE|THIS) PROJECT GUTENBERG/i;
const smallPrintEnd = /^\s*\*END\s*\*?\s*THE SMALL PRINT/i;
const endMarker = /^\s*\*{2,3}\s*END OF (?:THE|THIS) PROJECT GUTENBERG/i;
const endSentence = /^\s*(?:This is the )?End of (?:the |this )?Project Gutenberg/i;
const licenceStart = /^\s*\*{0,3}\s*START: FULL LICEN[CS]E|^\s*THE FULL PROJECT GUTENBERG LICEN[CS]E/i;
const credit =
  /^\W*(?:This )?(?:E-?(?:text|book)\s+(?:was\s+)?)?(?:produced|prepared|transcribed|scanned|digiti[sz]ed|proofed|converted|typed|HTML version)\b.{0,40}?\b(?:by|from)\b/i;
const distributorNote =
  /^\W*(?:Note|Special note|Editorial note)s?:?\s+(?:Project Gutenberg|Images of the original|This e-?text|The original)/i;
const transcriberNote =
  /^\W*(?:original\s+)?(?:project gutenberg\s+)?(?:e-?text\s+)?(?:transcribers?['’´`]?s?['’]?|(?:project gutenberg |e-?text |digital )editors?['’]s?)\s+(?:end\s*)?(?:notes?|comments?|remarks?)\b|^\W*(?:typographical )?errors corrected by the (?:e-?text )?transcriber/i;
const headerLines = 700;

/** Finds what was added. Texts without markers of any distributor come back whole, and so do other sources in sections than EPUBs. */
export function findBoilerplate(source: Source): Boilerplate {
  const { lines } = source;
  const ranges: AddedRange[] = [];
  // One book in many files, with what was added in the first and the last of them.
  if (source.kind === 'epub') return { ranges, kept: findInFile(lines, 0, lines.length, ranges) };
  if (source.sections !== null) return { ranges: [], kept: [{ from: 0, to: lines.length }] };
  const kept: LineRange[] = [];
  for (let start = 0; start < lines.length;) {
    let end = start + 1;
    while (end < lines.length && lines[end]!.file === lines[start]!.file) end += 1;
    kept.push(...findInFile(lines, start, end, ranges));
    start = end;
  }
  return { ranges, kept };
}

/** Books that somebody put into one file have a header and a footer each. */
function findInFile(lines: readonly SourceLine[], start: number, end: number, ranges: AddedRange[]): LineRange[] {
  const kept: LineRange[] = [];
  for (let at = start, from = headerEnd(lines, start, end); kept.length === 0 || from > at; from = headerEnd(lines, at, end)) {
    const to = footerStart(lines, from, end);
    headerRanges(lines, at, from, ranges);
    if (from > start || to < end) notesInside(lines, from, to, ranges);
    kept.push({ from, to });
    at = to;
  }
  const last = kept.at(-1)!.to;
  const licence = findFrom(lines, last, end, licenceStart);
  pushRange(ranges, 'boilerplate', last, licence ?? end);
  if (licence !== null) pushRange(ranges, 'licence', licence, end);
  return kept;
}

function headerRanges(lines: readonly SourceLine[], start: number, end: number, ranges: AddedRange[]): void {
  let cursor = start;
  for (const paragraph of paragraphsOf(lines, start, end, true)) {
    if (!credit.test(lines[paragraph.from]!.text)) continue;
    pushRange(ranges, 'boilerplate', cursor, paragraph.from);
    pushRange(ranges, 'credits', paragraph.from, paragraph.to);
    cursor = paragraph.to;
  }
  pushRange(ranges, 'boilerplate', cursor, end);
}

function pushRange(ranges: AddedRange[], kind: AddedKind, from: number, to: number): void {
  if (to > from) ranges.push({ kind, from, to });
}

function headerEnd(lines: readonly SourceLine[], start: number, end: number): number {
  const limit = Math.min(end, start + headerLines);
  let found = start;
  for (let index = start; index < limit; index += 1) {
    const { text } = lines[index]!;
    if (text.charCodeAt(0) !== 0x2a && !text.trimStart().startsWith('*')) continue;
    if (startMarker.test(text)) return markerEnd(lines, index, limit);
    if (smallPrintEnd.test(text)) found = markerEnd(lines, index, limit);
  }
  return found;
}

/** A marker with a long title runs over several lines, up to the one that ends with asterisks. */
function markerEnd(lines: readonly SourceLine[], index: number, limit: number): number {
  for (let line = index; line < Math.min(index + 4, limit); line += 1) if (/\*{3}\s*$/.test(lines[line]!.text)) return line + 1;
  return index + 1;
}

function footerStart(lines: readonly SourceLine[], from: number, end: number): number {
  for (let index = from; index < end; index += 1) {
    const { text } = lines[index]!;
    if (text.length < 20 || !/project gutenberg/i.test(text)) continue;
    if (endMarker.test(text)) return index;
    if (endSentence.test(text) && endsTheBook(lines, index, end)) return index;
  }
  return end;
}

/** A sentence that ends the book is followed by the marker, the licence or nothing more than a few lines. */
function endsTheBook(lines: readonly SourceLine[], index: number, end: number): boolean {
  if (end - index < 12) return true;
  for (let line = index + 1; line < Math.min(index + 15, end); line += 1) {
    if (endMarker.test(lines[line]!.text) || licenceStart.test(lines[line]!.text)) return true;
  }
  return false;
}

function findFrom(lines: readonly SourceLine[], from: number, end: number, pattern: RegExp): number | null {
  for (let index = from; index < end; index += 1) if (pattern.test(lines[index]!.text)) return index;
  return null;
}

/** Credits and notes of transcribers at the two ends of the book. */
function notesInside(lines: readonly SourceLine[], from: number, to: number, ranges: AddedRange[]): void {
  const head = Math.min(to, from + 500);
  const tail = Math.max(head, to - Math.max(400, Math.floor((to - from) * 0.06)));
  collectNotes(lines, paragraphsOf(lines, from, head, true), to, false, ranges);
  collectNotes(lines, paragraphsOf(lines, tail, to, true), to, true, ranges);
}

function collectNotes(
  lines: readonly SourceLine[],
  paragraphs: readonly Paragraph[],
  to: number,
  tail: boolean,
  ranges: AddedRange[],
): void {
  for (let index = 0; index < paragraphs.length; index += 1) {
    const paragraph = paragraphs[index]!;
    const first = firstWords(lines, paragraph);
    const note = transcriberNote.test(first);
    const credited = !note && index < 12 && !tail && (credit.test(first) || distributorNote.test(first));
    if (!note && !credited) continue;
    const end = note ? noteEnd(lines, paragraphs, index, tail) : index + 1;
    const last = note && tail && end >= paragraphs.length ? to : paragraphs[end - 1]!.to;
    ranges.push({ kind: note ? 'transcriberNotes' : 'credits', from: paragraph.from, to: last });
    index = end - 1;
  }
}

/** The opening of a paragraph, past the frame that some transcribers draw around their notes. */
function firstWords(lines: readonly SourceLine[], paragraph: Paragraph): string {
  const first = lines[paragraph.from]!.text;
  if (/^[\s+|*=-]*$/.test(first) && paragraph.to > paragraph.from + 1) return lines[paragraph.from + 1]!.text.replace(/^\s*\|/, '');
  return first.replace(/^\s*\|/, '');
}

/**
 * Where a note that begins at paragraph `index` ends: with its closing bracket; at the end of the book for notes near
 * it; for a note under a title of its own at the next wide gap; else with its paragraph and what is indented below it.
 */
function noteEnd(lines: readonly SourceLine[], paragraphs: readonly Paragraph[], index: number, tail: boolean): number {
  const paragraph = paragraphs[index]!;
  const first = firstWords(lines, paragraph);
  if (/^\s*\[/.test(first)) {
    for (let end = index; end < Math.min(index + 40, paragraphs.length); end += 1) {
      const last = lines[paragraphs[end]!.to - 1]!.text;
      if (/\]\W*$/.test(last.slice(0, trimmedEnd(last)))) return end + 1;
    }
    return index + 1;
  }
  if (tail) return paragraphs.length;
  const titled = paragraph.to - paragraph.from === 1 && /(?:notes?|comments?|remarks?)\W*$/i.test(first.trimEnd());
  let end = index + 1;
  while (end < paragraphs.length) {
    const next = paragraphs[end]!;
    if (next.gap >= 3 || next.from - paragraph.from > 120) break;
    if (!titled && (next.gap > 1 || next.indent === 0)) break;
    end += 1;
  }
  return end;
}
