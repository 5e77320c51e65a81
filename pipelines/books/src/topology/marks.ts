/** Marks that editions write into their text: page numbers, notes, illustrations, bold, wrongly decoded characters. */

import type { SourceLine } from '../source/source.ts';

export interface Marks {
  /** How page numbers stand in the text; null when they do not. */
  readonly pages: { readonly style: 'named' | 'braces' | 'brackets'; readonly count: number } | null;
  /** Notes that are set as paragraphs of their own. */
  readonly notes: { readonly style: 'brackets' | 'braces'; readonly count: number; readonly names: readonly string[] } | null;
  readonly illustrations: number;
  /** Whether `=` pairs set words in bold. */
  readonly bold: boolean;
  /** Places where UTF-8 was read as a Western single-byte encoding. */
  readonly mojibake: number;
}

const namedPage = /[[{](?:Pg|Page|p\.)\s*(?:\d{1,4}|[ivxlc]+)[\]}]/gi;
const bracePage = /\{(\d{1,4})\}/g;
const bracketPage = /\[(\d{1,4})\]/g;
const noteParagraph = /^\s*(?:\[(?:foot)?note\s*([^\]:\s]{0,6})\s*:|\[(\d{1,3}|[A-Z]|\*+)\]\s|\{(\d{1,3}[a-z]?)\}\s)/i;
const illustration = /^\s*\[(?:illustration|picture|image|frontispiece|plate|map)\b/i;
const boldPair = /=[^=\s][^=\n]{0,80}=/;
const wrongDecoding = /\u00c3[\u0080-\u00bf\u2018-\u2122]|\u00e2\u20ac[\u0090-\u00bf\u2018-\u2122]|\u00c2[\u00a0-\u00bf]/;

/** Counts the marks of the lines [from, to). */
export function findMarks(lines: readonly SourceLine[], ranges: readonly { readonly from: number; readonly to: number }[]): Marks {
  let named = 0;
  let illustrations = 0;
  let bold = 0;
  let mojibake = 0;
  let noteBrackets = 0;
  let noteBraces = 0;
  const names = new Set<string>();
  const braces: number[] = [];
  const brackets: number[] = [];
  for (const range of ranges) {
    for (let index = range.from; index < range.to; index += 1) {
      const { text } = lines[index]!;
      if (text.includes('=') && boldPair.test(text)) bold += 1;
      if (wrongDecoding.test(text)) mojibake += 1;
      const bracketed = text.includes('[');
      const braced = text.includes('{');
      if (!bracketed && !braced) continue;
      if (bracketed && illustration.test(text)) illustrations += 1;
      named += text.match(namedPage)?.length ?? 0;
      const note = noteParagraph.exec(text);
      if (note !== null) {
        if (note[3] === undefined) noteBrackets += 1;
        else noteBraces += 1;
        names.add(note[1] ?? note[2] ?? note[3] ?? '');
        continue;
      }
      if (braced) for (const found of text.matchAll(bracePage)) braces.push(Number(found[1]));
      if (bracketed) for (const found of text.matchAll(bracketPage)) brackets.push(Number(found[1]));
    }
  }
  return {
    pages: pagesOf(named, noteBraces > 0 ? [] : braces, noteBrackets > 0 ? [] : brackets),
    notes:
      noteBrackets + noteBraces === 0
        ? null
        : { style: noteBraces > noteBrackets ? 'braces' : 'brackets', count: Math.max(noteBraces, noteBrackets), names: [...names] },
    illustrations,
    bold: bold >= 3,
    mojibake,
  };
}

function pagesOf(named: number, braces: readonly number[], brackets: readonly number[]): Marks['pages'] {
  if (named >= 3) return { style: 'named', count: named };
  if (braces.length >= 8 && rising(braces)) return { style: 'braces', count: braces.length };
  if (brackets.length >= 20 && rising(brackets)) return { style: 'brackets', count: brackets.length };
  return null;
}

/** Page numbers go up by one nearly always; note marks start anew. */
function rising(numbers: readonly number[]): boolean {
  let steps = 0;
  for (let index = 1; index < numbers.length; index += 1)
    if (numbers[index]! > numbers[index - 1]! && numbers[index]! - numbers[index - 1]! <= 12) steps += 1;
  return steps >= (numbers.length - 1) * 0.9;
}

/** The pattern of a page mark in the text: global, or sticky to look at one place. */
export function pageMarkPattern(marks: Marks, flag: 'g' | 'y'): RegExp | null {
  if (marks.pages === null) return null;
  if (marks.pages.style === 'named') return new RegExp(namedPage.source, `${flag}i`);
  return new RegExp(marks.pages.style === 'braces' ? '\\{(?:\\d{1,4}|[ivxlc]+)\\}' : '\\[\\d{1,4}\\]', flag);
}

/** The sticky pattern of a note's mark in the text; the mark itself is the first group. */
export function noteMarkPattern(style: 'brackets' | 'braces'): RegExp {
  return style === 'braces' ? /\{(\d{1,3}[a-z]?)\}/y : /\[(\d{1,3}|[A-Z]{1,2}|\*{1,3}|[†‡])\]/y;
}
