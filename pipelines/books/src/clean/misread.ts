/**
 * Words that a machine misread from the page (`tbe`, `wlien`, `rernarkable`, `1ittle`): a word that the book hardly has,
 * one confusion away from a word that it has much oftener. How sure that is depends on whether the misreading put
 * letters side by side that no other word of the book has side by side, on the length of the word and on how much
 * oftener the other is. Real words stay: `hut` may be meant where `but` is a thousand times as frequent.
 */

import type { Lexicon, WordPlace, WordUnits } from './lexicon.ts';

export interface Misreading {
  /** In small letters. */
  readonly word: string;
  readonly meant: string;
  /** UTF-16 units of `word` that were misread, and what they are. */
  readonly from: number;
  readonly to: number;
  readonly after: string;
  readonly confidence: number;
  /** Occurrences of the word, and where the first stands. */
  readonly count: number;
  readonly place: WordPlace;
}

/** What the machine read, and what the page said; the common ones of the OCR literature (Kukich 1992, Taghva 2001). */
const confusions: readonly (readonly [string, string])[] = [
  ['rn', 'm'],
  ['m', 'rn'],
  ['nn', 'm'],
  ['b', 'h'],
  ['h', 'b'],
  ['li', 'h'],
  ['h', 'li'],
  ['ii', 'h'],
  ['c', 'e'],
  ['e', 'c'],
  ['c', 'o'],
  ['cl', 'd'],
  ['d', 'cl'],
  ['vv', 'w'],
  ['ii', 'u'],
  ['u', 'n'],
  ['n', 'u'],
  ['ri', 'n'],
  ['l', 'i'],
  ['i', 'l'],
  ['f', 's'],
  ['1', 'l'],
  ['1', 'i'],
  ['0', 'o'],
  ['5', 's'],
  ['8', 'b'],
  ['6', 'b'],
];
/** What a program puts where it cannot read a character, and what it mostly is. */
const replaced = 0xfffd;
const replacements: readonly (readonly [string, string])[] = [..."'éèêëàâäáöôóüûúîïíçæœñß"].map((letter) => ['\ufffd', letter]);
const byFirst: readonly (readonly (readonly [string, string])[] | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const possible = confusions.filter(([wrong]) => wrong.charCodeAt(0) === code);
  return possible.length === 0 ? undefined : possible;
});

/** A word may be misread where the other is so many times as frequent; from `strongRatio` on it is no witness for others. */
const suspectedRatio = 3;
const strongRatio = 10;
/** Fewer occurrences of the other word say nothing. */
const leastMeant = 3;
const shortest = 2;

/** The surest reading of each word that may be misread; `confidence` is from 0 to 1. */
export function misreadingsIn(lexicon: Lexicon): Misreading[] {
  const suspects: Suspect[] = [];
  const neighbours = new Uint16Array(1 << 15);
  lexicon.visit((units, count, small, place) => {
    const readings = readingsOf(units, count, lexicon);
    if (readings.every(({ times }) => times < count * strongRatio)) countNeighbours(units, neighbours);
    if (readings.length > 0)
      suspects.push({ word: String.fromCharCode(...units.codes.subarray(0, units.length)), count, small, place, readings });
  });
  return suspects
    .filter(({ word }) => !isNumber(word))
    .map((suspect) =>
      suspect.readings
        .map((reading) => ({
          word: suspect.word,
          count: suspect.count,
          place: suspect.place,
          ...reading,
          confidence: confidenceOf(suspect, reading, neighbours),
        }))
        .reduce((best, other) =>
          other.confidence > best.confidence || (other.confidence === best.confidence && other.times > best.times) ? other : best,
        ),
    );
}

interface Suspect {
  readonly word: string;
  readonly count: number;
  /** Occurrences that begin with a small letter. */
  readonly small: number;
  readonly place: WordPlace;
  readonly readings: readonly Reading[];
}

interface Reading extends Pick<Misreading, 'meant' | 'from' | 'to' | 'after'> {
  /** Occurrences of what is meant. */
  readonly times: number;
}

function readingsOf(units: WordUnits, count: number, lexicon: Lexicon): Reading[] {
  const { codes, length } = units;
  let readings: Reading[] = none;
  if (length < shortest) return readings;
  const least = Math.max(leastMeant, count * suspectedRatio);
  for (let at = 0; at < length; at += 1) {
    const code = codes[at]!;
    if (code >= 128 && code !== replaced) continue;
    const possible = code === replaced ? replacements : byFirst[code];
    if (possible === undefined) continue;
    for (const [wrong, right] of possible) {
      if (wrong.length > 1 && (at + 1 >= length || codes[at + 1] !== wrong.charCodeAt(1))) continue;
      const times = lexicon.countWith(units, at, at + wrong.length, right);
      if (times < (code === replaced ? 1 : code < 0x3a ? 2 : least)) continue;
      const word = String.fromCharCode(...codes.subarray(0, length));
      const meant = word.slice(0, at) + right + word.slice(at + wrong.length);
      if (readings.length === 0) readings = [];
      readings.push({ meant, from: at, to: at + wrong.length, after: right, times });
    }
  }
  return readings;
}

const none: Reading[] = [];

/** Numbers and ordinals: `10`, `1st`, `15th`. */
function isNumber(word: string): boolean {
  return /^\d+(?:st|nd|rd|th|d|s)?$/.test(word);
}

function confidenceOf({ word, count, small, readings }: Suspect, reading: Reading, neighbours: Uint16Array): number {
  if (word.charCodeAt(reading.from) === replaced)
    return readings.length === 1 ? 0.97 : reading.times >= 20 * othersOf(readings, reading) ? 0.92 : 0.6;
  if (/\d/.test(word.slice(reading.from, reading.to))) return /\d/.test(reading.meant) ? 0.6 : 0.97;
  const ratio = reading.times / count;
  const isWitness = readings.every(({ times }) => times < count * strongRatio);
  const strangers = strangersOf(word, reading, neighbours, isWitness ? 1 : 0);
  // What is always capitalised may be a name, which no other word needs to resemble.
  const isName = small === 0 && reading.times < 200;
  if (isName) return strangers >= 2 && word.length >= 5 && ratio >= strongRatio ? 0.9 : 0.3;
  if (strangers >= 1 && ratio >= 100 && !/[aeiouyà-ÿ]/.test(word)) return 0.93;
  if (word.length <= 3) return ratio < 100 || strangers === 0 ? 0.2 : strangers >= 2 ? 0.93 : 0.6;
  if (ratio < strongRatio) return strangers >= 2 && word.length >= 6 ? 0.9 : 0.3;
  if (strangers >= 2) return 0.95;
  if (strangers === 1) return word.length >= 6 || (ratio >= 30 && word.length >= 5) ? 0.91 : 0.6;
  return word.length >= 8 ? 0.7 : 0.3;
}

function othersOf(readings: readonly Reading[], reading: Reading): number {
  return readings.reduce((sum, other) => sum + (other === reading ? 0 : other.times), 0);
}

/** How many triples of letters around the misreading no unsuspected word of the book has; `own` is how often the word counts. */
function strangersOf(word: string, { from, to }: Reading, neighbours: Uint16Array, own: 0 | 1): number {
  const framed = `^${word}$`;
  let strangers = 0;
  for (let at = Math.max(0, from - 1); at <= Math.min(to, framed.length - 3); at += 1)
    if (neighbours[triple(framed, at)]! <= own) strangers += 1;
  return strangers;
}

function countNeighbours({ codes, length }: WordUnits, neighbours: Uint16Array): void {
  let key = frameStart & 31;
  for (let at = 0; at <= length; at += 1) {
    key = ((key << 5) | ((at === length ? frameEnd : codes[at]!) & 31)) & 0x7fff;
    if (at > 0 && neighbours[key]! < 0xffff) neighbours[key]! += 1;
  }
}

/** Five bits a letter are enough to tell the letters of one alphabet apart. */
function triple(text: string, at: number): number {
  return ((text.charCodeAt(at) & 31) << 10) | ((text.charCodeAt(at + 1) & 31) << 5) | (text.charCodeAt(at + 2) & 31);
}

const frameStart = 0x5e;
const frameEnd = 0x24;
