/** Marks that editions write into their text: page numbers, notes, illustrations, bold, wrongly decoded characters. */

import type { SourceLine } from '../source/source.ts';

export interface Marks {
  /** How page numbers stand in the text; null when they do not. */
  readonly pages: { readonly style: 'named' | 'braces' | 'brackets'; readonly count: number } | null;
  /** Notes that are set as paragraphs of their own. */
  readonly notes: { readonly style: NoteStyle; readonly count: number; readonly names: readonly string[] } | null;
  readonly illustrations: number;
  /** Whether `=` pairs set words in bold. */
  readonly bold: boolean;
  /** Places where UTF-8 was read as a Western single-byte encoding. */
  readonly mojibake: number;
}

/** How notes are marked: `[1]`, `{1}`, `*` and daggers, `¹`, `(1)`. */
export type NoteStyle = 'brackets' | 'braces' | 'signs' | 'superscripts' | 'parentheses';

interface NotePatterns {
  /** The mark in the text, its name in the first group. */
  readonly mark: string;
  /** The beginning of the note, its name in the first group that has one. */
  readonly note: string;
  /** Fewer notes than this may be something else that looks like them. */
  readonly least: number;
}

const behindWord = '(?<=[\\p{L}\\d.,;:!?"\'”’)\\]])';
const notePatterns: { readonly [style in NoteStyle]: NotePatterns } = {
  brackets: {
    mark: '\\[(\\d{1,3}|[A-Za-z]{1,2}|\\*{1,3}|[†‡§¶])\\]',
    note: '\\[(?:foot)?note\\s*([^\\]:\\s]{0,6})\\s*:|\\[(\\d{1,3}|[A-Z]|\\*{1,3}|[†‡§¶])\\](?=\\s)',
    least: 1,
  },
  braces: { mark: '\\{(\\d{1,3}[a-z]?)\\}', note: '\\{(\\d{1,3}[a-z]?)\\}(?=\\s)', least: 1 },
  signs: {
    mark: `${behindWord}(\\*{1,3}|[†‡§¶]{1,2})(?![\\p{L}\\d*])`,
    note: '(\\*{1,3}(?=\\s)|[†‡§¶]{1,2})\\s?(?=[\\p{L}\\d"“\'‘_(])',
    least: 2,
  },
  superscripts: { mark: `${behindWord}([⁰¹²³⁴-⁹]{1,3})`, note: '([⁰¹²³⁴-⁹]{1,3})\\s?(?=\\S)', least: 2 },
  parentheses: { mark: `${behindWord}\\((\\d{1,3})\\)`, note: '\\((\\d{1,3})\\)(?=\\s)', least: 3 },
};
const noteStyles = Object.keys(notePatterns) as NoteStyle[];
/** Notes whose marks are in the text, of all that look like notes. */
const markedShare = 0.4;

const namedPage = /[[{](?:Pg|Page|p\.)\s*(?:\d{1,4}|[ivxlc]+)[\]}]/gi;
const bracePage = /\{(\d{1,4})\}/g;
const bracketPage = /\[(\d{1,4})\]/g;
/** What a line must have for one of the patterns of notes to be looked for. */
const noteSign = /[[{*†‡§¶⁰¹²³⁴-⁹]|\(\d/;
const illustration = /^\s*\[(?:illustration|picture|image|frontispiece|plate|map)\b/i;
const boldPair = /=[^=\s][^=\n]{0,80}=/;
const wrongDecoding = /\u00c3[\u0080-\u00bf\u2018-\u2122]|\u00e2\u20ac[\u0090-\u00bf\u2018-\u2122]|\u00c2[\u00a0-\u00bf]/;

/** Counts the marks of the lines [from, to). */
export function findMarks(lines: readonly SourceLine[], ranges: readonly { readonly from: number; readonly to: number }[]): Marks {
  let named = 0;
  let illustrations = 0;
  let bold = 0;
  let mojibake = 0;
  const notes = noteCounter();
  const braces: number[] = [];
  const brackets: number[] = [];
  for (const range of ranges) {
    for (let index = range.from; index < range.to; index += 1) {
      const { text } = lines[index]!;
      if (text.includes('=') && boldPair.test(text)) bold += 1;
      if (wrongDecoding.test(text)) mojibake += 1;
      if (!noteSign.test(text)) continue;
      if (illustration.test(text)) illustrations += 1;
      named += text.match(namedPage)?.length ?? 0;
      const noted = notes.take(text);
      if (noted !== 'braces' && text.includes('{')) for (const found of text.matchAll(bracePage)) braces.push(Number(found[1]));
      if (noted !== 'brackets' && text.includes('[')) for (const found of text.matchAll(bracketPage)) brackets.push(Number(found[1]));
    }
  }
  const style = notes.close();
  return {
    pages: pagesOf(named, style?.style === 'braces' ? [] : braces, style?.style === 'brackets' ? [] : brackets),
    notes: style,
    illustrations,
    bold: bold >= 3,
    mojibake,
  };
}

interface NoteCounter {
  /** The style of the note that begins with the line, null where none does. */
  readonly take: (text: string) => NoteStyle | null;
  readonly close: () => Marks['notes'];
}

/** The style with most notes whose marks are in the text; page marks at the beginning of lines look like notes, too. */
function noteCounter(): NoteCounter {
  const counters = noteStyles.map((style) => ({
    style,
    begins: noteStartPattern(style),
    mark: new RegExp(notePatterns[style].mark, 'gu'),
    notes: [] as string[],
    marks: new Map<string, number>(),
  }));
  return {
    take: (text) => {
      const from = text.length - text.trimStart().length;
      let noted: NoteStyle | null = null;
      for (const { style, begins, mark, notes, marks } of counters) {
        const note = begins.exec(text.slice(from, from + 40));
        if (note !== null) {
          notes.push(nameOf(note));
          noted ??= style;
        }
        for (const found of text.slice(from + (note?.[0].length ?? 0)).matchAll(mark))
          marks.set(found[1]!, (marks.get(found[1]!) ?? 0) + 1);
      }
      return noted;
    },
    close: () => {
      const likely = counters
        .map(({ style, notes, marks }) => ({ style, notes, marked: markedOf(notes, marks) }))
        .filter(({ style, notes, marked }) => notes.length >= notePatterns[style].least && marked >= notes.length * markedShare)
        .toSorted((one, other) => other.marked - one.marked);
      const best = likely[0];
      return best === undefined ? null : { style: best.style, count: best.notes.length, names: [...new Set(best.notes)] };
    },
  };
}

/** How many notes have a mark of their own. */
function markedOf(notes: readonly string[], marks: ReadonlyMap<string, number>): number {
  let marked = 0;
  for (const [name, group] of Map.groupBy(notes, (note) => note)) marked += Math.min(group.length, marks.get(name) ?? 0);
  return marked;
}

/** The name in the match of a note's beginning. */
export function nameOf(note: RegExpExecArray): string {
  return note.slice(1).find((name) => name !== undefined) ?? '';
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
export function noteMarkPattern(style: NoteStyle): RegExp {
  return new RegExp(notePatterns[style].mark, 'yu');
}

/** What a note begins with; {@link nameOf} takes its mark from the match. */
export function noteStartPattern(style: NoteStyle): RegExp {
  return new RegExp(`^(?:${notePatterns[style].note})`, 'iu');
}
