/** Letters, words and ideographs of lines, counted together: every stage asks for one of them, most more than once. */

import { countLetters } from '../document.ts';
import type { SourceLine } from './source.ts';

export interface LineCounts {
  /** Letters by line. */
  readonly letters: Uint32Array;
  /** Words between white space; each ideograph is one. */
  readonly words: number;
  readonly ideographs: number;
}

/** Lines that are looked at together. */
const chunkLines = 4096;
const lineFeed = 0x0a;

const letter = 1;
const firstOfPair = 2;
const space = 4;
const ideograph = 8;
/** What each UTF-16 unit is, of the four above. */
const traits: Uint8Array = new Uint8Array(0x10000).map((_, code) => {
  if (code >= 0xd800 && code <= 0xdbff) return firstOfPair;
  const spaced = code <= 0x20 || code === 0x3000 || code === 0xa0 ? space : 0;
  return countLetters(String.fromCharCode(code)) | spaced | (code >= 0x3400 && code <= 0x9fff ? ideograph : 0);
});

const known: WeakMap<readonly SourceLine[], LineCounts> = new WeakMap();

/** Counted once for the same lines, which do not change any more. */
export function countsOf(lines: readonly SourceLine[]): LineCounts {
  const before = known.get(lines);
  if (before !== undefined) return before;
  const letters = new Uint32Array(lines.length);
  let words = 0;
  let ideographs = 0;
  for (let from = 0; from < lines.length; from += chunkLines) {
    const units = unitsOf(lines.slice(from, from + chunkLines).map(({ text }) => text));
    let line = from;
    let lettersHere = 0;
    let inside = false;
    for (let at = 0; at < units.length; at += 1) {
      const unit = units[at]!;
      const trait = traits[unit]!;
      if (trait === letter) {
        lettersHere += 1;
        if (!inside) words += 1;
        inside = true;
      } else if (trait === space) {
        inside = false;
        if (unit !== lineFeed) continue;
        letters[line] = lettersHere;
        lettersHere = 0;
        line += 1;
      } else if ((trait & ideograph) !== 0) {
        ideographs += 1;
        lettersHere += trait & letter;
        inside = false;
      } else {
        if (trait === firstOfPair) lettersHere += countLetters(String.fromCharCode(unit, units[at + 1]!));
        if (!inside) words += 1;
        inside = true;
      }
    }
  }
  const counts = { letters, words: words + ideographs, ideographs };
  known.set(lines, counts);
  return counts;
}

/**
 * UTF-16 units of lines that each end with a line feed. Units in an array are read several times as fast as those of
 * strings that are slices of the whole book.
 */
export function unitsOf(lines: readonly string[]): Uint16Array {
  const bytes = Buffer.from(`${lines.join('\n')}\n`, 'utf16le');
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
}
