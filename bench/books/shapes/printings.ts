/**
 * Real books as other printers and transcribers would have set them: the letters stay, what tells headings from text
 * changes. Each line knows which line of the source it comes from, so that what is known of the source holds here too.
 */

import { printNumber } from '@scriptorium/books/numerals';

export interface PrintedLine {
  readonly text: string;
  /** Index of the line of the source. */
  readonly from: number;
}

/** Lines [from, to) of the source that a contents list takes. */
export interface Region {
  readonly from: number;
  readonly to: number;
}

export type Printing = (lines: readonly PrintedLine[], contents: readonly Region[]) => readonly PrintedLine[];

const isBlank = (line: PrintedLine | undefined): boolean => line === undefined || line.text.trim() === '';
const isCapitals = (text: string): boolean => /\p{Lu}{2}/u.test(text) && !/\p{Ll}/u.test(text);
const numeral = /^(?:M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))$/;

/** The lines in groups: runs of blank ones, and paragraphs. */
function grouped(lines: readonly PrintedLine[]): PrintedLine[][] {
  const groups: PrintedLine[][] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (last !== undefined && isBlank(last[0]) === isBlank(line)) last.push(line);
    else groups.push([line]);
  }
  return groups;
}

/** Paragraphs whose lines but the last are full. */
const isProse = (group: readonly PrintedLine[]): boolean =>
  !isBlank(group[0]) && group.length > 1 && group.slice(0, -1).every(({ text }) => text.length >= 45 && !text.startsWith(' '));

const everyLine =
  (change: (text: string) => string): Printing =>
  (lines) =>
    lines.map((line) => ({ ...line, text: change(line.text) }));

const gaps =
  (rows: (blank: number) => number): Printing =>
  (lines) =>
    grouped(lines).flatMap((group) => (isBlank(group[0]) ? Array.from({ length: rows(group.length) }, () => group[0]!) : group));

function titleCase(text: string): string {
  if (!isCapitals(text) || text.length > 90) return text;
  return text.replace(/\p{Lu}[\p{Lu}’']*/gu, (word) => (numeral.test(word) ? word : word.charAt(0) + word.slice(1).toLowerCase()));
}

const widthOf =
  (width: number): Printing =>
  (lines) =>
    grouped(lines).flatMap((group) => (isProse(group) ? wrapped(group, width) : group));

function wrapped(group: readonly PrintedLine[], width: number): PrintedLine[] {
  const rows: { text: string; from: number }[] = [];
  for (const { text, from } of group) {
    for (const word of text.trim().split(/\s+/)) {
      const last = rows.at(-1);
      if (last === undefined || last.text.length + word.length + 1 > width) rows.push({ text: word, from });
      else last.text += ` ${word}`;
    }
  }
  return rows;
}

/** Numerals at the head of a line, after a unit's word or alone. */
const renumbered =
  (print: (value: number) => string): Printing =>
  (lines) =>
    lines.map((line) => ({
      ...line,
      text: line.text.replace(
        /^(\s*(?:(?:CHAPTER|Chapter|BOOK|Book|PART|Part|STAVE|LETTER|ACT|SCENE|VOLUME)\s+)?)([IVXLC]+)(?=[.:]?\s*$|\.\s|:\s|--|—)/u,
        (all: string, before: string, digits: string) =>
          numeral.test(digits) && (before.trim() !== '' || digits.length > 1 || /^[IVX]$/.test(digits))
            ? before + print(valueOf(digits))
            : all,
      ),
    }));

function valueOf(digits: string): number {
  const values: { readonly [digit: string]: number } = { I: 1, V: 5, X: 10, L: 50, C: 100, D: 500, M: 1000 };
  return [...digits].reduce(
    (sum, digit, index) => sum + (values[digit]! < (values[digits[index + 1] ?? ''] ?? 0) ? -values[digit]! : values[digit]!),
    0,
  );
}

const centre = (text: string): string =>
  text.trim() === '' ? text : ' '.repeat(Math.max(0, (72 - text.trim().length) >> 1)) + text.trim();

/** Short paragraphs behind a gap of two lines. */
const centred: Printing = (lines) =>
  grouped(lines).flatMap((group, index, groups) =>
    !isBlank(group[0]) && group.length <= 3 && (groups[index - 1]?.length ?? 9) >= 2 && group.every(({ text }) => text.length < 60)
      ? group.map((line) => ({ ...line, text: centre(line.text) }))
      : group,
  );

/** No blank line between two paragraphs of prose, but white space before their first words. */
const indented: Printing = (lines) => {
  const groups = grouped(lines);
  return groups.flatMap((group, index) => {
    if (isBlank(group[0])) return group.length === 1 && isProse(groups[index - 1] ?? []) && isProse(groups[index + 1] ?? []) ? [] : group;
    return isProse(group) ? [{ ...group[0]!, text: `  ${group[0]!.text}` }, ...group.slice(1)] : group;
  });
};

export const printings: { readonly [name: string]: Printing } = {
  'as it is': (lines) => lines,
  'without its contents list': (lines, contents) =>
    lines.filter(({ from }) => !contents.some((region) => from >= region.from && from < region.to)),
  'capitals as title case': everyLine(titleCase),
  'contents away, title case': (lines, contents) =>
    printings['capitals as title case']!(printings['without its contents list']!(lines, contents), contents),
  'gaps of two lines at most': gaps((blank) => Math.min(2, blank)),
  'gaps of one line': gaps(() => 1),
  'gaps doubled': gaps((blank) => blank * 2),
  'headings centred': centred,
  'a line a paragraph': widthOf(100_000),
  '50 characters a line': widthOf(50),
  '100 characters a line': widthOf(100),
  'paragraphs by indentation': indented,
  'roman numerals as words': renumbered((value) => printNumber({ value, scheme: 'words' }).toUpperCase()),
  'roman numerals as digits': renumbered(String),
};
