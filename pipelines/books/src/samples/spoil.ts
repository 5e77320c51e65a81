/**
 * Spoils clean text as presses, scanners and programs do, at places that are written down: what cleaning finds and mends
 * of each kind can then be counted.
 */

import { chanceOf, type Chance } from './chance.ts';

export const spoilKinds = [
  'running heads',
  'running heads without numbers',
  'running heads between lines',
  'page numbers',
  'page marks',
  'broken words',
  'hard hyphens',
  'ligatures',
  'long s',
  'mojibake',
  'mojibake twice',
  'mojibake of Latin-1',
  'replaced characters',
  'misread words',
  'digits for letters',
] as const;

export type SpoilKind = (typeof spoilKinds)[number];

export interface SpoiledPlace {
  /** Code points of the spoiled text. */
  readonly start: number;
  readonly end: number;
  /** The clean text around the place, as {@link squeezed} has it. */
  readonly clean: string;
}

export interface SpoiledText {
  readonly text: string;
  readonly places: readonly SpoiledPlace[];
}

const width = 72;
const pageRows = 32;
/** Characters of context on either side. */
const context = 18;
/** One word of so many is spoiled where words are. */
const rarity = 120;

/** Set around a spoiled place until it is known where that comes to stand. */
const opens = '\ue000';
const closes = '\ue001';

/** Headings are paragraphs of at most `headingLength` characters without an end of sentence; they are left alone. */
export function spoilText(paragraphs: readonly string[], kind: SpoilKind, seed: number): SpoiledText {
  const chance = chanceOf(seed);
  const cleans: string[] = [];
  const blocks = paragraphs.map((paragraph) => {
    const words = paragraph.split(' ');
    if (!isProse(paragraph)) return wrapped(words);
    const spoiled = spoilWords(words, kind, chance, cleans);
    return kind === 'broken words' ? broken(spoiled, cleans) : wrapped(spoiled);
  });
  const rows = paged(blocks, kind, cleans);
  return located(`${rows.join('\n')}\n`, cleans);
}

/** The same without a defect. */
export function printClean(paragraphs: readonly string[]): string {
  return `${paged(
    paragraphs.map((paragraph) => wrapped(paragraph.split(' '))),
    null,
    [],
  ).join('\n')}\n`;
}

/** A text without its spaces, quotation marks and dashes, which cleaning sets anew; hyphens stay. */
export function squeezed(text: string): string {
  return text.replace(/--+|[\s"'`“”‘’„_—–\u2060\u00a0\ue000\ue001]+/g, '');
}

function isProse(paragraph: string): boolean {
  return paragraph.length > 60;
}

function spoilWords(words: readonly string[], kind: SpoilKind, chance: Chance, cleans: string[]): readonly string[] {
  const spoiler = wordSpoilers[kind];
  if (spoiler === undefined) return words;
  let before = '';
  return words.map((word, index) => {
    const left = before;
    before = (before + squeezed(word)).slice(-context);
    const spoiled = spoiler.always === true || chance.integer(spoiler.rarity ?? rarity) === 0 ? spoiler.spoil(word, chance) : null;
    if (spoiled === null || spoiled === word) return word;
    cleans.push(left + squeezed(words.slice(index, index + 12).join('')).slice(0, squeezed(word).length + context));
    return `${opens}${spoiled}${closes}`;
  });
}

interface WordSpoiler {
  /** Null where the word offers nothing to spoil. */
  readonly spoil: (word: string, chance: Chance) => string | null;
  readonly always?: true;
  readonly rarity?: number;
}

const ligatures: readonly (readonly [string, string])[] = [
  ['ffi', 'ﬃ'],
  ['ffl', 'ﬄ'],
  ['ff', 'ﬀ'],
  ['fi', 'ﬁ'],
  ['fl', 'ﬂ'],
];
const confusions: readonly (readonly [string, string])[] = [
  ['m', 'rn'],
  ['h', 'b'],
  ['h', 'li'],
  ['e', 'c'],
  ['c', 'e'],
  ['d', 'cl'],
  ['w', 'vv'],
  ['u', 'ii'],
  ['n', 'u'],
  ['u', 'n'],
  ['n', 'ri'],
  ['i', 'l'],
];
const digits: readonly (readonly [string, string])[] = [
  ['l', '1'],
  ['i', '1'],
  ['o', '0'],
  ['s', '5'],
];

const wordSpoilers: { readonly [kind in SpoilKind]?: WordSpoiler } = {
  ligatures: { always: true, spoil: (word) => ligatures.reduce((text, [plain, set]) => text.replaceAll(plain, set), word) },
  'long s': { always: true, spoil: (word) => word.replace(/s(?=\p{L})/gu, 'ſ') },
  mojibake: { always: true, spoil: (word) => misdecoded(word, 'windows-1252') },
  'mojibake twice': { always: true, spoil: (word) => misdecoded(misdecoded(word, 'windows-1252'), 'windows-1252') },
  'mojibake of Latin-1': { always: true, spoil: (word) => misdecoded(word, 'latin1') },
  'replaced characters': {
    spoil: (word) => (/\p{L}[’é]\p{L}/u.test(word) ? word.replace(/(?<=\p{L})[’é](?=\p{L})/u, '\ufffd') : null),
    rarity: 6,
  },
  'misread words': { spoil: (word, chance) => confused(word, confusions, chance) },
  'digits for letters': { spoil: (word, chance) => confused(word, digits, chance) },
  'hard hyphens': {
    spoil: (word, chance) => {
      if (!/^\p{Ll}{7,}\P{L}*$/u.test(word)) return null;
      const cut = chance.between(2, /^\p{Ll}+/u.exec(word)![0].length - 3);
      return `${word.slice(0, cut)}-${chance.happens(0.5) ? ' ' : ''}${word.slice(cut)}`;
    },
  },
  'page marks': { spoil: (word) => `[Pg 1] ${word}`, rarity: 300 },
};

function misdecoded(word: string, encoding: 'windows-1252' | 'latin1'): string {
  const bytes = Buffer.from(word);
  return encoding === 'latin1' ? bytes.toString('latin1') : new TextDecoder('windows-1252').decode(bytes);
}

/** One confusion at one place; words of fewer than three letters are told apart by nobody. */
function confused(word: string, pairs: readonly (readonly [string, string])[], chance: Chance): string | null {
  if (!/^\p{L}?\p{Ll}{2,}\P{L}*$/u.test(word)) return null;
  for (const [right, wrong] of chance.shuffled(pairs)) {
    const places = [...word].flatMap((letter, index) => (letter === right ? [index] : []));
    if (places.length === 0) continue;
    const at = chance.pick(places);
    return word.slice(0, at) + wrong + word.slice(at + 1);
  }
  return null;
}

function wrapped(words: readonly string[]): string[] {
  const rows: string[] = [];
  let row = '';
  for (const word of words) {
    if (row !== '' && row.length + word.length + 1 > width) {
      rows.push(row);
      row = word;
    } else row += (row === '' ? '' : ' ') + word;
  }
  return [...rows, row];
}

/** Fills rows; long words that do not fit are broken. */
function broken(words: readonly string[], cleans: string[]): string[] {
  const rows: string[] = [];
  let row = '';
  for (const [index, word] of words.entries()) {
    const room = width - row.length - 1;
    const letters = /^\p{L}+/u.exec(word)?.[0].length ?? 0;
    if (row === '' || word.length <= room) row += (row === '' ? '' : ' ') + word;
    else if (room >= 4 && letters >= 6) {
      const cut = Math.min(room - 1, letters - 3);
      const around = squeezed(words.slice(Math.max(0, index - 12), index).join('')).slice(-context);
      cleans.push(around + squeezed(words.slice(index, index + 12).join('')).slice(0, squeezed(word).length + context));
      rows.push(`${row} ${word.slice(0, cut)}${opens}-`);
      row = `${closes}${word.slice(cut)}`;
    } else {
      rows.push(row);
      row = word;
    }
  }
  return [...rows, row];
}

/** Pages end inside of paragraphs, with what is printed between them. */
function paged(blocks: readonly (readonly string[])[], kind: SpoilKind | null, cleans: string[]): string[] {
  const rows: string[] = [];
  let since = 0;
  let page = 10;
  for (const block of blocks) {
    for (const [index, row] of block.entries()) {
      rows.push(row);
      since += 1;
      const next = block[index + 1];
      if (since < pageRows || next === undefined) continue;
      const printed = pageEnd(kind, page);
      since = 0;
      if (printed === null) continue;
      page += 1;
      rows.push(...printed);
      cleans.push(squeezed(row).slice(-context) + squeezed(next).slice(0, context));
    }
    rows.push('');
  }
  return rows;
}

function pageEnd(kind: SpoilKind | null, page: number): readonly string[] | null {
  const title = page % 2 === 0 ? 'THE LIGHTHOUSE AT THE END' : 'A STORM FROM THE WEST';
  switch (kind) {
    case 'running heads':
      return ['', `${opens}${page % 2 === 0 ? `${String(page)}        ${title}` : `${title}        ${String(page)}`}${closes}`, ''];
    case 'running heads without numbers':
      return ['', `${opens}${title}${closes}`, ''];
    case 'running heads between lines':
      return [`${opens}${title}        ${String(page)}${closes}`];
    case 'page numbers':
      return ['', `${' '.repeat(34)}${opens}${String(page)}${closes}`, ''];
    default:
      return null;
  }
}

function located(marked: string, cleans: readonly string[]): SpoiledText {
  const places: SpoiledPlace[] = [];
  let text = '';
  let points = 0;
  let start = 0;
  for (const part of marked.split(/([\ue000\ue001])/)) {
    if (part === opens) start = points;
    else if (part === closes) places.push({ start, end: points, clean: cleans[places.length]! });
    else {
      text += part;
      points += [...part].length;
    }
  }
  return { text, places };
}
