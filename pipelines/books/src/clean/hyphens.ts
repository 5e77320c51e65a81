/** Whether a word broken at a line's end is one word or a compound: the book's own words decide. */

import type { SourceLine } from '../source/source.ts';
import type { Lexicon } from './lexicon.ts';

/** How sure it is that both halves are one word, from 0 to 1; null where the hyphen stays. */
export type HyphenJudge = (first: string, second: string) => number | null;

/** Printed pages break every tenth line or so; editions that rejoined their words end few lines with a hyphen. */
const brokenShare = 0.03;
/** Fewer hyphens inside of words than this may be the author's own. */
const manyHyphens = 8;
/** A word that the book writes as one, at least so often. */
const leastWhole = 2;
/** A half that the book has oftener by itself is a word. */
const leastWord = 5;

export function hyphenJudge(lines: readonly SourceLine[], lexicon: Lexicon): HyphenJudge {
  let breaks: boolean | null = null;
  return (first, second) => {
    const compound = lexicon.count(`${first}-${second}`);
    const whole = lexicon.count(first + second);
    if (whole > compound) return compound === 0 ? 1 : 0.9;
    if (compound > 0) return null;
    breaks ??= breaksWords(lines);
    if (!breaks) return null;
    return isWord(first, lexicon) && isWord(second, lexicon) ? null : 0.9;
  };
}

export interface HardHyphen {
  readonly line: number;
  /** UTF-16 units of what goes: the hyphen, the space after it, or both. */
  readonly from: number;
  readonly to: number;
  readonly confidence: number;
}

/**
 * Hyphens that a rejoining left inside of lines (`remark-able`, `remark- able`): words that the book otherwise writes as
 * one. Halves that are words of their own may be meant as a compound, once.
 */
export function hardHyphens(lines: readonly SourceLine[], lexicon: Lexicon, without: (line: number) => boolean): HardHyphen[] {
  const closed = closedHyphens(lines, lexicon);
  const open = [...openHyphens(lines, lexicon, without)];
  // Authors write `Si-lence!` and `a-blaze` now and then; a rejoining leaves its hyphens on every other page.
  const isMany = closed.filter(({ confidence }) => confidence >= 0.9).length + open.length >= manyHyphens;
  return [...open, ...closed.map((found) => (isMany ? found : { ...found, confidence: Math.min(found.confidence, 0.75) }))];
}

function closedHyphens(lines: readonly SourceLine[], lexicon: Lexicon): HardHyphen[] {
  const found: HardHyphen[] = [];
  for (const { line, from, to } of lexicon.loneCompounds()) {
    const { text } = lines[line]!;
    const word = text.slice(from, to);
    const at = word.indexOf('-');
    const [first, second] = [word.slice(0, at), word.slice(at + 1)];
    const whole = lexicon.count(first + second);
    if (whole < leastWhole || /[\d'’]/.test(word) || /[-\p{L}]/u.test(`${text[from - 1] ?? ''}${text[to] ?? ''}`)) continue;
    const isCompound = standsAlone(first, lexicon) && standsAlone(second, lexicon);
    found.push({ line, from: from + at, to: from + at + 1, confidence: isCompound ? (whole >= 20 ? 0.85 : 0.7) : 0.93 });
  }
  return found;
}

function* openHyphens(lines: readonly SourceLine[], lexicon: Lexicon, without: (line: number) => boolean): Generator<HardHyphen> {
  for (let line = 0; line < lines.length; line += 1) {
    const { text } = lines[line]!;
    if (!text.includes('- ') || without(line)) continue;
    for (const found of text.matchAll(/(?<![\p{L}-])(\p{L}{1,30})- (\p{Ll}{1,30})(?![\p{L}-])/gu)) {
      const [, first, second] = found as unknown as [string, string, string];
      const [whole, compound] = [lexicon.count(first + second), lexicon.count(`${first}-${second}`)];
      if (whole + compound === 0) continue;
      const at = found.index + first.length;
      yield { line, from: compound < whole ? at : at + 1, to: at + 2, confidence: 0.95 };
    }
  }
}

/** Beside its occurrence in the compound. */
function standsAlone(half: string, lexicon: Lexicon): boolean {
  return half.length > 1 && lexicon.count(half) > 1;
}

/** Two halves that are words of their own rather make a compound; others are syllables. */
function isWord(half: string, lexicon: Lexicon): boolean {
  return half.length >= 3 && lexicon.count(half) >= leastWord;
}

function breaksWords(lines: readonly SourceLine[]): boolean {
  let broken = 0;
  let printed = 0;
  for (const { text } of lines) {
    if (text.length < 30) continue;
    printed += 1;
    if (text.endsWith('-') && !text.endsWith('--')) broken += 1;
  }
  return broken > printed * brokenShare;
}
