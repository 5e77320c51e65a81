/** Lines to paragraphs: the groups of printed lines that blank lines (or, in unwrapped texts, line ends) set apart. */

import { countsOf } from '../source/counts.ts';
import type { Source, SourceLine } from '../source/source.ts';

/** A run of printed lines, [from, to) in `Source.lines`. */
export interface Paragraph {
  readonly from: number;
  readonly to: number;
  /** Blank lines before it. */
  readonly gap: number;
  /** Smallest indentation of its lines. */
  readonly indent: number;
  /** Longest line, in UTF-16 units with the indentation. */
  readonly width: number;
  readonly letters: number;
}

export interface Wrapping {
  /** Whether sentences run over several lines, so that lines must be joined. */
  readonly wrapped: boolean;
  /** The width that the text was broken at; of unwrapped texts the longest line. */
  readonly width: number;
}

/** Of lines that are paragraphs more end with a sentence than this: verse may have no line near the width of the rest, and is wrapped, too. */
const finishedShare = 0.6;

/**
 * Hard-wrapped texts have hardly a line beyond their width, many lines near it, and few that end with a sentence;
 * unwrapped ones have lines as long as their paragraphs.
 */
export function measureWrapping(source: Source): Wrapping {
  if (source.kind !== 'text') return { wrapped: false, width: longest(source.lines) };
  const histogram = new Uint32Array(201);
  let printed = 0;
  let blank = 0;
  let finished = 0;
  for (const { text } of source.lines) {
    const length = trimmedEnd(text);
    if (length === 0) blank += 1;
    else {
      printed += 1;
      if (endsSentence(text.charCodeAt(length - 1))) finished += 1;
      histogram[Math.min(length, 200)] = (histogram[Math.min(length, 200)] ?? 0) + 1;
    }
  }
  const long = tail(histogram, 121);
  if (printed === 0 || long > printed * 0.04 || (printed >= 10 && finished > printed * 0.8))
    return { wrapped: false, width: longest(source.lines) };
  const width = quantile(histogram, printed, 0.98);
  const near = tail(histogram, Math.floor(width * 0.8));
  const wrapped = blank > 0 ? near > printed * 0.15 || finished < printed * finishedShare : near > printed * 0.5;
  return { wrapped, width };
}

/** The paragraphs of the lines [from, to). With `wrapped` false every printed line is one. */
export function paragraphsOf(lines: readonly SourceLine[], from: number, to: number, wrapped: boolean): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let gap = 0;
  let index = from;
  while (index < to) {
    if (trimmedEnd(lines[index]!.text) === 0) {
      gap += 1;
      index += 1;
      continue;
    }
    let end = index + 1;
    if (wrapped) while (end < to && trimmedEnd(lines[end]!.text) > 0) end += 1;
    paragraphs.push(measureParagraph(lines, index, end, gap));
    gap = 0;
    index = end;
  }
  return paragraphs;
}

export function measureParagraph(lines: readonly SourceLine[], from: number, to: number, gap: number): Paragraph {
  let indent = Number.MAX_SAFE_INTEGER;
  let width = 0;
  let letters = 0;
  const counted = countsOf(lines).letters;
  for (let index = from; index < to; index += 1) {
    const { text } = lines[index]!;
    indent = Math.min(indent, indentOf(text));
    width = Math.max(width, trimmedEnd(text));
    letters += counted[index]!;
  }
  return { from, to, gap, indent, width, letters };
}

/** Length of a line without its trailing white space; 0 for a blank one. */
export function trimmedEnd(text: string): number {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return end;
}

/** Columns of white space before the first printed character; a tab or an ideographic space counts as it stands. */
export function indentOf(text: string): number {
  let start = 0;
  while (start < text.length && isSpace(text.charCodeAt(start))) start += 1;
  return start;
}

/** Full stops, question and exclamation marks, colons and closing quotes, Western and Chinese. */
function endsSentence(code: number): boolean {
  return '.!?:"”’)»…。！？：」』'.includes(String.fromCharCode(code));
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0 || code === 0x3000 || code === 0xfeff || code === 0x200b;
}

function longest(lines: readonly SourceLine[]): number {
  let width = 0;
  for (const { text } of lines) width = Math.max(width, text.length);
  return width;
}

function tail(histogram: Uint32Array, from: number): number {
  let sum = 0;
  for (let length = from; length < histogram.length; length += 1) sum += histogram[length]!;
  return sum;
}

function quantile(histogram: Uint32Array, total: number, share: number): number {
  let sum = 0;
  for (let length = 0; length < histogram.length; length += 1) {
    sum += histogram[length]!;
    if (sum >= total * share) return length;
  }
  return histogram.length - 1;
}
