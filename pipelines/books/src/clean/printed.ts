/**
 * From paragraphs as printed to paragraphs as meant: page numbers and running heads out, sentences they cut in two made
 * one again, headings and illustrations that are glued to text set free.
 */

import { countLetters } from '../document.ts';
import { keywordLevel } from '../headings/keywords.ts';
import { isCaps, parseLabel } from '../headings/read-label.ts';
import type { SourceLine } from '../source/source.ts';
import { measureParagraph, trimmedEnd } from '../topology/paragraphs.ts';
import type { Paragraph } from '../topology/paragraphs.ts';

export interface Printed {
  readonly paragraphs: readonly Paragraph[];
  /** Lines inside or between paragraphs that are running heads or page numbers. */
  readonly heads: readonly { readonly line: number; readonly kind: Head }[];
}

const pageNumber = /^\s*[-–—[({]*\s*(?:page\s+|p\.\s*)?(\d{1,4})\s*[-–—\])}]*\s*$/i;
const titledHead = /^\s*(?:(\d{1,4})\s{2,}(\S.*?)|(\S.*?)\s{2,}(\d{1,4}))\s*$/;
/** Fewer page numbers than this are not believed: a book of chapters numbered 1 to 11 has as many lone numbers. */
const leastPages = 12;

/** A head without a number must come oftener, and cut sentences in two, which no heading does. */
const leastPlainHeads = 6;
const cuttingShare = 0.3;
const longestHead = 60;
/** What the first printed characters of a head may be, to look at few lines only. */
const headsBegin = /^\s*(?:\d+\s{2,}|\p{Lu}[\p{Lu}\s’'.,-])/u;
const endsOpen = /[\p{L},;-]$/u;

type Head = 'pageMark' | 'runningHead';

/** `wrapped` texts are regrouped; in others every line is a paragraph already. */
export function asMeant(
  lines: readonly SourceLine[],
  paragraphs: readonly Paragraph[],
  wrapped: boolean,
  width: number,
  pageMarks: RegExp | null,
): Printed {
  const heads = wrapped ? findHeads(lines, paragraphs) : new Map<number, Head>();
  if (pageMarks !== null) for (const index of lonePageMarks(lines, paragraphs, pageMarks)) heads.set(index, 'pageMark');
  const joined = heads.size === 0 ? paragraphs : rejoin(lines, paragraphs, heads);
  const glued = wrapped ? headsInside(lines, joined) : [];
  const whole = glued.length === 0 ? joined : lightened(lines, joined, glued);
  const split = wrapped ? whole.flatMap((paragraph) => splitGlued(lines, paragraph, width)) : whole;
  const lone = [...heads].map(([index, kind]) => ({ line: paragraphs[index]!.from, kind }));
  return { paragraphs: split, heads: [...lone, ...glued.map((line) => ({ line, kind: 'runningHead' as const }))] };
}

/** Page marks of the book's own style that stand as paragraphs of their own. */
function lonePageMarks(lines: readonly SourceLine[], paragraphs: readonly Paragraph[], pageMarks: RegExp): number[] {
  const lone: number[] = [];
  for (const [index, paragraph] of paragraphs.entries()) {
    if (paragraph.to - paragraph.from !== 1 || paragraph.letters > 10) continue;
    const { text } = lines[paragraph.from]!;
    if (/[[{]/.test(text) && text.replace(pageMarks, '').trim() === '') lone.push(index);
  }
  return lone;
}

/** Indexes of the paragraphs that are nothing but a page number or a running head. */
function findHeads(lines: readonly SourceLine[], paragraphs: readonly Paragraph[]): Map<number, Head> {
  const numbers: { index: number; value: number }[] = [];
  const titled: { index: number; value: number; text: string }[] = [];
  const plain: { index: number; text: string }[] = [];
  for (const [index, paragraph] of paragraphs.entries()) {
    if (paragraph.to - paragraph.from !== 1 || paragraph.letters > longestHead) continue;
    const { text } = lines[paragraph.from]!;
    if (text.length > 160) continue;
    if (!/\d/.test(text)) {
      if (paragraph.letters >= 3 && isCaps(text.trim())) plain.push({ index, text: text.trim() });
      continue;
    }
    const number = pageNumber.exec(text);
    if (number !== null) numbers.push({ index, value: Number(number[1]) });
    else {
      const head = titledHead.exec(text);
      if (head !== null) titled.push({ index, value: Number(head[1] ?? head[4]), text: head[2] ?? head[3] ?? '' });
    }
  }
  const heads = new Map<number, Head>();
  if (arePages(lines, paragraphs, numbers)) for (const { index } of numbers) heads.set(index, 'pageMark');
  const repeated = repeatedHeads(titled);
  if (arePages(lines, paragraphs, repeated)) for (const { index } of repeated) heads.set(index, 'runningHead');
  const cuts = (index: number): boolean => breaksOff(lines, paragraphs[index - 1]) && goesOn(lines, paragraphs[index + 1]);
  for (const group of Map.groupBy(plain, (head) => head.text).values())
    if (group.length >= leastPlainHeads && group.filter(({ index }) => cuts(index)).length >= group.length * cuttingShare)
      for (const { index } of group) heads.set(index, 'runningHead');
  return heads;
}

function repeatedHeads<T extends { readonly index: number; readonly text: string }>(heads: readonly T[]): T[] {
  return [...Map.groupBy(heads, (head) => head.text).values()]
    .filter((group) => group.length >= 5)
    .flat()
    .sort((left, right) => left.index - right.index);
}

/** Lines of running heads that stand between the lines of paragraphs, with or without a page's number. */
function headsInside(lines: readonly SourceLine[], paragraphs: readonly Paragraph[]): number[] {
  const found: { readonly line: number; readonly text: string }[] = [];
  for (const paragraph of paragraphs) {
    for (let line = paragraph.from + 1; line < paragraph.to - 1; line += 1) {
      const { text } = lines[line]!;
      if (text.length > 100 || !headsBegin.test(text)) continue;
      const head = titledHead.exec(text);
      const title = head === null ? text.trim() : (head[2] ?? head[3] ?? '');
      if (title.length >= 3 && title.length <= longestHead && isCaps(title)) found.push({ line, text: title });
    }
  }
  const cuts = (line: number): boolean => endsOpen.test(lines[line - 1]!.text.trimEnd()) && /^\s*\p{Ll}/u.test(lines[line + 1]!.text);
  return [...Map.groupBy(found, (head) => head.text).values()]
    .filter((group) => group.length >= leastPlainHeads && group.filter(({ line }) => cuts(line)).length >= group.length * cuttingShare)
    .flat()
    .map(({ line }) => line)
    .sort((left, right) => left - right);
}

/** The paragraphs without the letters of those lines, which are in the order of the text. */
function lightened(lines: readonly SourceLine[], paragraphs: readonly Paragraph[], heads: readonly number[]): Paragraph[] {
  let next = 0;
  return paragraphs.map((paragraph) => {
    let letters = 0;
    while (next < heads.length && heads[next]! < paragraph.to) letters += countLetters(lines[heads[next++]!]!.text);
    return letters === 0 ? paragraph : { ...paragraph, letters: paragraph.letters - letters };
  });
}

/** Page numbers rise, are many, and often fall in the middle of a sentence. */
function arePages(
  lines: readonly SourceLine[],
  paragraphs: readonly Paragraph[],
  found: readonly { readonly index: number; readonly value: number }[],
): boolean {
  if (found.length < leastPages) return false;
  let rising = 0;
  let cutting = 0;
  for (const [at, { index, value }] of found.entries()) {
    if (at > 0 && value > found[at - 1]!.value && value - found[at - 1]!.value <= 10) rising += 1;
    if (breaksOff(lines, paragraphs[index - 1]) && goesOn(lines, paragraphs[index + 1])) cutting += 1;
  }
  return rising >= (found.length - 1) * 0.9 && cutting >= found.length * 0.2;
}

function breaksOff(lines: readonly SourceLine[], paragraph: Paragraph | undefined): boolean {
  if (paragraph === undefined) return false;
  const { text } = lines[paragraph.to - 1]!;
  return /[\p{L},;-]$/u.test(text.slice(0, trimmedEnd(text)));
}

function goesOn(lines: readonly SourceLine[], paragraph: Paragraph | undefined): boolean {
  return paragraph !== undefined && /^\s*\p{Ll}/u.test(lines[paragraph.from]!.text);
}

/** Takes the heads out and joins the halves of paragraphs that they cut. Joined paragraphs span the head's line. */
function rejoin(lines: readonly SourceLine[], paragraphs: readonly Paragraph[], heads: ReadonlyMap<number, unknown>): Paragraph[] {
  const joined: Paragraph[] = [];
  let gap: number | null = null;
  for (const [index, paragraph] of paragraphs.entries()) {
    if (heads.has(index)) {
      gap = Math.max(gap ?? 0, paragraph.gap);
      continue;
    }
    const last = joined.at(-1);
    if (gap !== null && last !== undefined && breaksOff(lines, last) && goesOn(lines, paragraph)) {
      joined[joined.length - 1] = {
        ...last,
        to: paragraph.to,
        letters: last.letters + paragraph.letters,
        width: Math.max(last.width, paragraph.width),
        indent: Math.min(last.indent, paragraph.indent),
      };
    } else joined.push(gap === null ? paragraph : { ...paragraph, gap: Math.max(gap, paragraph.gap) });
    gap = null;
  }
  return joined;
}

const bracketOpens = /^\s*\[(?:illustration|picture|image|frontispiece|plate|map|decoration|ornament|footnote|note)\b/i;

/** Cuts a paragraph before and after a line that is a heading or an illustration of its own. */
function splitGlued(lines: readonly SourceLine[], paragraph: Paragraph, width: number): Paragraph[] {
  if (paragraph.to - paragraph.from < 2) return [paragraph];
  const cuts = new Set<number>();
  for (let line = paragraph.from; line < paragraph.to; line += 1) {
    const { text } = lines[line]!;
    if (text.includes('[') && bracketOpens.test(text)) {
      if (line > paragraph.from) cuts.add(line);
      const close = closingLine(lines, line, paragraph.to);
      if (close !== null && close + 1 < paragraph.to) cuts.add(close + 1);
    } else if (isGluedHeading(lines, paragraph, line, width)) {
      if (line > paragraph.from) cuts.add(line);
      const next = lines[line + 1]?.text.trim() ?? '';
      const titled = line + 2 < paragraph.to && isCaps(next) && next.length > 3;
      cuts.add(titled ? line + 2 : line + 1);
    }
  }
  if (cuts.size === 0) return [paragraph];
  const bounds = [
    paragraph.from,
    ...[...cuts].filter((line) => line > paragraph.from && line < paragraph.to).sort((left, right) => left - right),
    paragraph.to,
  ];
  return bounds
    .slice(1)
    .map((to, index) => measureParagraph(lines, bounds[index]!, to, index === 0 ? paragraph.gap : 0))
    .filter((part) => part.width > 0);
}

/** The line on which a bracket opened at `line` closes, if it ends that line. */
function closingLine(lines: readonly SourceLine[], from: number, to: number): number | null {
  let depth = 0;
  for (let line = from; line < to; line += 1) {
    for (const character of lines[line]!.text) {
      if (character === '[') depth += 1;
      else if (character === ']') depth -= 1;
    }
    if (depth <= 0) return /\]\W*$/.test(lines[line]!.text) ? line : null;
  }
  return null;
}

/** A bare label on a line of its own between prose: after a finished sentence, before a capital letter; before its like it is a row of a list. */
function isGluedHeading(lines: readonly SourceLine[], paragraph: Paragraph, line: number, width: number): boolean {
  const text = lines[line]!.text.trim();
  if (text.length > 60 || text.length < 4 || !/^\p{Lu}/u.test(text) || line + 1 >= paragraph.to) return false;
  const word = /^(?:the\s+)?(\p{L}+)/iu.exec(text)?.[1]?.toLowerCase();
  if (word === undefined || keywordLevel(word) === null) return false;
  const label = parseLabel(text);
  if (label === null || label.keyword === null || !label.apart || (label.title !== '' && !isCaps(label.title))) return false;
  if (paragraph.to - line <= 3 && line === paragraph.from) return false;
  if (line > paragraph.from && !/[.!?:"”’'*_)\]]\s*$/.test(lines[line - 1]!.text)) return false;
  const next = lines[line + 1]!.text.trim();
  if (parseLabel(next)?.keyword === label.keyword) return false;
  return /^["“‘'_([]?[\p{Lu}\d]/u.test(next) && (line > paragraph.from || next.length > width * 0.6 || isCaps(next));
}
