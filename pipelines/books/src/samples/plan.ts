/** What a sample book says, before it is printed: its units in order, with their numbers and texts. */

import { printNumber, type PrintedNumber } from '../numerals/numerals.ts';
import type { Chance } from './chance.ts';
import { proseOf, type Prose, type SampleLanguage } from './prose.ts';

export type Medium = 'text' | 'html' | 'html-folder' | 'json';

export interface Shape {
  readonly name: string;
  readonly medium: Medium;
  readonly language: SampleLanguage;
  /** How the chapters' numbers are printed; null for titles alone. */
  readonly scheme: PrintedNumber['scheme'] | null;
  /** The heading's rows for a chapter; rows of '' are blank lines. */
  readonly heading: (number: string, title: string) => readonly string[];
  /** The heading of a part, where there are parts. */
  readonly part?: (value: number, title: string) => readonly string[];
  /** Whether chapters start again in each part. */
  readonly restarts?: boolean;
  readonly text: 'prose' | 'letters' | 'verse';
  readonly contents: boolean;
}

export interface PlannedUnit {
  readonly kind: 'part' | 'chapter' | 'matter';
  readonly heading: readonly string[];
  /** On one line, as the contents list has it. */
  readonly label: string;
  readonly title: string;
  readonly value: number | null;
  /** Paragraphs; those with line breaks are verse. */
  readonly paragraphs: readonly string[];
}

export interface BookPlan {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly author: string;
  readonly shape: Shape;
  readonly units: readonly PlannedUnit[];
}

const upper = (text: string): string => text.toUpperCase();
const ordinals = ['FIRST', 'SECOND', 'THIRD', 'FOURTH'];
const germanOrdinals = [
  'Erstes',
  'Zweites',
  'Drittes',
  'Viertes',
  'Fünftes',
  'Sechstes',
  'Siebtes',
  'Achtes',
  'Neuntes',
  'Zehntes',
  'Elftes',
  'Zwölftes',
  'Dreizehntes',
  'Vierzehntes',
];

export const shapes: readonly Shape[] = [
  {
    name: 'roman',
    medium: 'text',
    language: 'en',
    scheme: 'roman',
    heading: (number, title) => [`CHAPTER ${number}.`, '', title],
    text: 'prose',
    contents: true,
  },
  {
    name: 'arabic',
    medium: 'text',
    language: 'en',
    scheme: 'arabic',
    heading: (number, title) => [`Chapter ${number}. ${title}`],
    text: 'prose',
    contents: true,
  },
  {
    name: 'words',
    medium: 'text',
    language: 'en',
    scheme: 'words',
    heading: (number, title) => [`CHAPTER ${upper(number)}`, upper(title)],
    text: 'prose',
    contents: false,
  },
  {
    name: 'bare-roman',
    medium: 'text',
    language: 'en',
    scheme: 'roman',
    heading: (number, title) => [`${number}. ${upper(title)}`],
    text: 'prose',
    contents: false,
  },
  {
    name: 'parts',
    medium: 'text',
    language: 'en',
    scheme: 'roman',
    heading: (number, title) => [`CHAPTER ${number}`, '', title],
    part: (value, title) => [`BOOK THE ${ordinals[value - 1] ?? String(value)}`, '', upper(title)],
    restarts: true,
    text: 'prose',
    contents: true,
  },
  {
    name: 'long-parts',
    medium: 'text',
    language: 'en',
    scheme: 'arabic',
    heading: (number) => [`CHAPTER ${number}`],
    part: (value, title) => [`PART ${printNumber({ value, scheme: 'roman' })}`, '', title],
    restarts: false,
    text: 'prose',
    contents: false,
  },
  { name: 'stories', medium: 'text', language: 'en', scheme: null, heading: (_, title) => [upper(title)], text: 'prose', contents: true },
  {
    name: 'letters',
    medium: 'text',
    language: 'en',
    scheme: 'roman',
    heading: (number) => [`LETTER ${number}`],
    text: 'letters',
    contents: false,
  },
  {
    name: 'verse',
    medium: 'text',
    language: 'en',
    scheme: 'roman',
    heading: (number, title) => [`CANTO ${number}`, '', title],
    text: 'verse',
    contents: true,
  },
  {
    name: 'german',
    medium: 'text',
    language: 'de',
    scheme: 'words',
    heading: (number, title) => [`${number} Kapitel`, '', title],
    text: 'prose',
    contents: false,
  },
  {
    name: 'hui',
    medium: 'html-folder',
    language: 'zh',
    scheme: 'chinese',
    heading: (number, title) => [`第${number}回　${title}`],
    text: 'prose',
    contents: true,
  },
  {
    name: 'zhang',
    medium: 'text',
    language: 'zh',
    scheme: 'chinese',
    heading: (number, title) => [`第${number}章　${title}`],
    text: 'prose',
    contents: false,
  },
  {
    name: 'toolkit',
    medium: 'json',
    language: 'zh',
    scheme: 'chinese',
    heading: (number, title) => [`第${number}回　${title}`],
    text: 'prose',
    contents: false,
  },
  {
    name: 'web',
    medium: 'html',
    language: 'en',
    scheme: 'arabic',
    heading: (number, title) => [`Chapter ${number}: ${title}`],
    text: 'prose',
    contents: false,
  },
];

export function planBook(id: string, number: number, shape: Shape, chance: Chance): BookPlan {
  const prose = proseOf(shape.language, chance);
  const titles = uniqueTitles(prose);
  const units: PlannedUnit[] = [];
  if (shape.medium === 'text' && shape.language === 'en' && chance.happens(0.4)) units.push(matter('PREFACE', prose, chance));
  const parts = shape.part === undefined ? 1 : chance.between(2, 3);
  let value = 0;
  for (let part = 1; part <= parts; part += 1) {
    if (shape.part !== undefined) {
      const title = titles();
      const heading = shape.part(part, title);
      units.push({ kind: 'part', heading, label: oneLine(heading), title, value: part, paragraphs: [] });
      if (shape.restarts === true) value = 0;
    }
    const chapters = shape.part === undefined ? chance.between(8, 14) : chance.between(4, 7);
    for (let index = 0; index < chapters; index += 1) units.push(chapter((value += 1), titles(), shape, prose, chance));
  }
  if (shape.medium === 'text' && shape.language === 'en' && chance.happens(0.25)) units.push(matter('EPILOGUE', prose, chance));
  return { id, number, title: titles(), author: prose.name(), shape, units };
}

/** The unit with another number, its heading printed anew. */
export function renumbered(unit: PlannedUnit, value: number, shape: Shape): PlannedUnit {
  const heading = headingOf(value, unit.title, shape);
  return { ...unit, value: shape.scheme === null ? null : value, heading, label: oneLine(heading) };
}

function chapter(value: number, title: string, shape: Shape, prose: Prose, chance: Chance): PlannedUnit {
  const heading = headingOf(value, title, shape);
  return {
    kind: 'chapter',
    heading,
    label: oneLine(heading),
    title,
    value: shape.scheme === null ? null : value,
    paragraphs: textOf(shape, prose, chance),
  };
}

function headingOf(value: number, title: string, shape: Shape): readonly string[] {
  const number =
    shape.scheme === null
      ? ''
      : shape.language === 'de'
        ? (germanOrdinals[value - 1] ?? String(value))
        : printNumber({ value, scheme: shape.scheme });
  return shape.heading(number, title);
}

function textOf(shape: Shape, prose: Prose, chance: Chance): string[] {
  const count = chance.between(8, 18);
  if (shape.text === 'verse') return Array.from({ length: count }, () => prose.verse().join('\n'));
  const paragraphs = Array.from({ length: count }, () => (chance.happens(0.04) ? prose.verse().join('\n') : prose.paragraph()));
  return shape.text === 'letters' ? [`My dear ${prose.name()},`, ...paragraphs, 'Your affectionate friend,', prose.name()] : paragraphs;
}

function matter(heading: string, prose: Prose, chance: Chance): PlannedUnit {
  return {
    kind: 'matter',
    heading: [heading],
    label: heading,
    title: heading,
    value: null,
    paragraphs: Array.from({ length: chance.between(4, 8) }, () => prose.paragraph()),
  };
}

function oneLine(heading: readonly string[]): string {
  return heading.filter((row) => row !== '').join(' ');
}

/** Titles of one book differ, so that a contents list names each unit. */
function uniqueTitles(prose: Prose): () => string {
  const seen = new Set<string>();
  return () => {
    for (let tries = 0; tries < 100; tries += 1) {
      const title = prose.title();
      if (seen.has(title)) continue;
      seen.add(title);
      return title;
    }
    throw new Error('the vocabulary has too few titles');
  };
}
