/**
 * The words of one book and how often it has them: the authority on how its broken and misread words are spelled. Words
 * are letters, digits and apostrophes inside of them, whatever their case; ideographs are no words.
 */

import { unitsOf } from '../source/counts.ts';
import type { SourceLine } from '../source/source.ts';
import { wordTable } from './word-table.ts';
import type { WordTable } from './word-table.ts';

export interface Lexicon {
  /** Occurrences of a word or of a compound with one hyphen, in any case. */
  readonly count: (word: string) => number;
  /** Occurrences of the word in `units` with `right` in place of the units [from, to). */
  readonly countWith: (units: WordUnits, from: number, to: number, right: string) => number;
  /** Visits every word once; compounds are left out. The units are reused for the next word. */
  readonly visit: (visitor: (units: WordUnits, count: number, small: number, place: WordPlace) => void) => void;
  /** Every place of the words given, which are in small letters. */
  readonly places: (wanted: ReadonlySet<string>) => Generator<WordPlace>;
}

/** A word in small letters as UTF-16 units; only the first `length` of them are its own. */
export interface WordUnits {
  readonly codes: Uint16Array;
  length: number;
  /** The unfinished hashes of its beginnings, by their lengths. */
  readonly ones: Int32Array;
  readonly twos: Int32Array;
}

export interface WordPlace {
  readonly line: number;
  /** UTF-16 units of the line's text. */
  readonly from: number;
  readonly to: number;
}

/** Words that are longer are not counted: no language has them, but files without spaces do. */
const longestWord = 64;
/** Lines that are counted at once. */
const chunkLines = 4096;
const apostrophe = 0x27;
const hyphen = 0x2d;
const lineFeed = 0x0a;

/** Of each UTF-16 unit: its small letter's unit, 0 where words are not made of it. */
const folded: Uint16Array = new Uint16Array(0x10000);
for (let code = 0; code < 0x2000; code += 1) {
  const character = String.fromCharCode(code);
  if (/[\p{L}\p{M}\d]/u.test(character)) folded[code] = character.toLowerCase().charCodeAt(0);
}
folded[0x27] = folded[0x2019] = apostrophe;
folded[0xfffd] = 0xfffd;

/** Lines whose numbers `without` says are not read. Of a word broken at a line's end neither half counts. */
export function lexiconOf(lines: readonly SourceLine[], without: (line: number) => boolean): Lexicon {
  const table = wordTable();
  for (let from = 0; from < lines.length; from += chunkLines) {
    const chunk = lines.slice(from, from + chunkLines).map(({ text }, index) => (without(from + index) ? '' : text));
    countLines(table, unitsOf(chunk), from);
  }
  return {
    count: (word) => {
      hashText(word, 0, word.length);
      return table.count(hashed[0]!, hashed[1]!);
    },
    countWith: ({ length, ones, twos }, from, to, right) => {
      let one = ones[from]!;
      let two = twos[from]!;
      for (let at = 0; at < right.length; at += 1) {
        one = (Math.imul(one, baseOne) + right.charCodeAt(at)) | 0;
        two = (Math.imul(two, baseTwo) + right.charCodeAt(at)) | 0;
      }
      const [powerOne, powerTwo] = [powersOne[length - to]!, powersTwo[length - to]!];
      finish(
        (Math.imul(one, powerOne) + ones[length]! - Math.imul(ones[to]!, powerOne)) | 0,
        (Math.imul(two, powerTwo) + twos[length]! - Math.imul(twos[to]!, powerTwo)) | 0,
      );
      return table.count(hashed[0]!, hashed[1]!);
    },
    visit: (visitor) => {
      const units = emptyUnits();
      table.visit((word) => {
        if (foldInto(units, lines[word.line]!.text, word)) visitor(units, word.count, word.small, word);
      });
    },
    places: (wanted) => placesOf(wanted, lines, without),
  };
}

function emptyUnits(): WordUnits {
  const size = longestWord + 1;
  return { codes: new Uint16Array(size), length: 0, ones: new Int32Array(size), twos: new Int32Array(size) };
}

/** False for a compound. */
function foldInto(units: WordUnits, text: string, { from, to }: WordPlace): boolean {
  const { codes, ones, twos } = units;
  for (let at = from; at < to; at += 1) {
    const code = folded[text.charCodeAt(at)]!;
    if (code === 0) return false;
    const index = at - from;
    codes[index] = code;
    ones[index + 1] = (Math.imul(ones[index]!, baseOne) + code) | 0;
    twos[index + 1] = (Math.imul(twos[index]!, baseTwo) + code) | 0;
  }
  units.length = to - from;
  return true;
}

function* placesOf(wanted: ReadonlySet<string>, lines: readonly SourceLine[], without: (line: number) => boolean): Generator<WordPlace> {
  if (wanted.size === 0) return;
  const looked = wordTable();
  for (const word of wanted) {
    hashText(word, 0, word.length);
    looked.add(hashed[0]!, hashed[1]!, 1, 0, 0, 0);
  }
  for (let line = 0; line < lines.length; line += 1) {
    const { text } = lines[line]!;
    if (text.length === 0 || without(line)) continue;
    for (let at = 0; at < text.length; at += 1) {
      const code = folded[text.charCodeAt(at)]!;
      if (code === 0 || code === apostrophe) continue;
      const to = wordEnd(text, at);
      hashText(text, at, to);
      if (looked.count(hashed[0]!, hashed[1]!) > 0) yield { line, from: at, to };
      at = to;
    }
  }
}

/** Where the word ends that begins at `from`: hyphens are not passed, nor apostrophes that no letter follows. */
function wordEnd(text: string, from: number): number {
  let to = from;
  while (to < text.length && folded[text.charCodeAt(to)] !== 0) to += 1;
  while (to > from && folded[text.charCodeAt(to - 1)] === apostrophe) to -= 1;
  return to;
}

/** Counts the words of lines that each end with a line feed; `firstLine` is the first one's number. */
function countLines(table: WordTable, units: Uint16Array, firstLine: number): void {
  let line = firstLine;
  let lineStart = 0;
  /** The line before ended with half a word. */
  let skips = false;
  /** Where the word begins that a hyphen joins to the next one. */
  let before = -1;
  for (let at = 0; at < units.length; at += 1) {
    const unit = units[at]!;
    let code = folded[unit]!;
    if (code === 0 || code === apostrophe) {
      if (unit !== hyphen) before = -1;
      if (unit !== lineFeed) continue;
      line += 1;
      lineStart = at + 1;
      continue;
    }
    const from = at;
    let one = 0;
    let two = 0;
    while (code !== 0 && !(code === apostrophe && isBetween(units[at + 1]!))) {
      one = (Math.imul(one, baseOne) + code) | 0;
      two = (Math.imul(two, baseTwo) + code) | 0;
      at += 1;
      code = folded[units[at]!]!;
    }
    const compound = before;
    const isHalf = skips;
    skips = units[at] === hyphen && units[at + 1] === lineFeed;
    before = units[at] === hyphen && !skips && units[at + 1] !== hyphen && compound < 0 ? from : -1;
    if (!isHalf && !skips && at - from <= longestWord) {
      finish(one, two);
      table.add(hashed[0]!, hashed[1]!, folded[unit] === unit ? 1 : 0, line, from - lineStart, at - lineStart);
      if (compound >= 0 && at - compound <= longestWord) countCompound(table, units, compound, at, line, lineStart);
    }
    at -= 1;
  }
}

function countCompound(table: WordTable, units: Uint16Array, from: number, to: number, line: number, lineStart: number): void {
  let one = 0;
  let two = 0;
  for (let at = from; at < to; at += 1) {
    const code = units[at] === hyphen ? hyphen : folded[units[at]!]!;
    one = (Math.imul(one, baseOne) + code) | 0;
    two = (Math.imul(two, baseTwo) + code) | 0;
  }
  finish(one, two);
  table.add(hashed[0]!, hashed[1]!, folded[units[from]!] === units[from] ? 1 : 0, line, from - lineStart, to - lineStart);
}

function isBetween(unit: number): boolean {
  const code = folded[unit]!;
  return code === 0 || code === apostrophe;
}

/**
 * Words are hashed twice, each time as a polynomial of their units modulo 2^32 (Rabin and Karp): of a word whose
 * beginnings are hashed, the hash with other units in its middle takes as long for long words as for short ones. Bases
 * that are 3 or 5 modulo 8 have as many different powers as there can be.
 */
const baseOne = 0x9e3779b5;
const baseTwo = 0x85ebca6b;
const powersOne: Int32Array = powersOf(baseOne);
const powersTwo: Int32Array = powersOf(baseTwo);

function powersOf(base: number): Int32Array {
  const powers = new Int32Array(longestWord + 1).fill(1);
  for (let power = 1; power < powers.length; power += 1) powers[power] = Math.imul(powers[power - 1]!, base);
  return powers;
}

/** The last finished hashes. Kept here because a pair that is returned costs an object a word. */
const hashed: Uint32Array = new Uint32Array(2);

/** Mixes the high bits into the low ones, by which the table finds its slots. */
function finish(first: number, second: number): void {
  const mixed = Math.imul(first ^ (first >>> 15), 0x2c1b3c6d);
  hashed[0] = mixed ^ (mixed >>> 13);
  hashed[1] = (second ^ (second >>> 16)) >>> 0 || 1;
}

function hashText(text: string, from: number, to: number): void {
  let one = 0;
  let two = 0;
  for (let at = from; at < to; at += 1) {
    const unit = text.charCodeAt(at);
    const code = unit === hyphen ? hyphen : folded[unit]!;
    one = (Math.imul(one, baseOne) + code) | 0;
    two = (Math.imul(two, baseTwo) + code) | 0;
  }
  finish(one, two);
}
