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

/** A hyphen inside of a line, with or without a space behind it. */
interface Hyphen {
  readonly line: number;
  /** UTF-16 unit of the hyphen. */
  readonly at: number;
  readonly isOpen: boolean;
  readonly first: string;
  readonly second: string;
}

/**
 * Hyphens that a rejoining left inside of lines (`remark-able`, `remark- able`): words that the book otherwise writes as
 * one, and in a book that is full of such hyphens also halves that are no words, where other words of the book have the
 * same letters across the hyphen (`req-uiring` beside `require`).
 */
export function hardHyphens(lines: readonly SourceLine[], lexicon: Lexicon, without: (line: number) => boolean): HardHyphen[] {
  const hyphens = hyphensIn(lines, without);
  const halves = new Map<string, number>();
  for (const { first, second } of hyphens)
    for (const half of [first, second]) halves.set(half.toLowerCase(), (halves.get(half.toLowerCase()) ?? 0) + 1);
  /** Occurrences beside hyphens are halves, and no witnesses for a word. */
  const free = (half: string): number => lexicon.count(half) - (halves.get(half.toLowerCase()) ?? 0);
  const plain = hyphens.map((hyphen) => ({ hyphen, found: byWhole(hyphen, lexicon, free) }));
  // Authors write `Si-lence!` and `a-blaze` now and then; a rejoining leaves its hyphens on every other page.
  const isMany = plain.filter(({ found }) => found !== null && found.confidence >= sure).length >= manyHyphens;
  if (!isMany) return plain.flatMap(({ hyphen, found }) => (found === null ? [] : [fewer(hyphen, found)]));
  const across = acrossOf(lexicon);
  return plain.flatMap(({ hyphen, found }) => {
    if (found !== null && found.confidence >= sure) return [found];
    const better = byRelatives(hyphen, lexicon, free, across);
    return better ?? found ?? [];
  });
}

const sure = 0.9;

function hyphensIn(lines: readonly SourceLine[], without: (line: number) => boolean): Hyphen[] {
  const hyphens: Hyphen[] = [];
  for (let line = 0; line < lines.length; line += 1) {
    const { text } = lines[line]!;
    let at = text.indexOf('-', 1);
    if (at < 0 || without(line)) continue;
    for (; at >= 0; at = text.indexOf('-', at + 1)) {
      // Most are dashes, or end the line.
      if (text[at - 1] === ' ' || text[at - 1] === '-' || text[at + 1] === '-' || at + 1 === text.length) continue;
      const first = beforeHyphen.exec(text.slice(Math.max(0, at - longestHalf), at))?.[0];
      const second = behindHyphen.exec(text.slice(at + 1, at + 4 + longestHalf));
      if (first === undefined || second === null) continue;
      const [all, space, letters] = second as unknown as [string, string, string];
      const isOpen = space !== '';
      if (isOpen && (letters !== letters.toLowerCase() || isSuspended(text, at + 1 + all.length))) continue;
      hyphens.push({ line, at, isOpen, first, second: letters });
    }
  }
  return hyphens;
}

/** Halves of more letters are no halves. */
const longestHalf = 31;
const beforeHyphen = /(?<![\p{L}\d'’-])\p{L}{1,30}$/u;
const behindHyphen = /^( ?)(\p{L}{1,30})(?![\p{L}\d'’]|-(?!-))/u;

/** `one- and two-room homes`: the word that follows ends both. */
function isSuspended(text: string, at: number): boolean {
  return /^ \p{L}+-\p{L}/u.test(text.slice(at, at + 32));
}

/** The book has the word without the hyphen. */
function byWhole({ line, at, isOpen, first, second }: Hyphen, lexicon: Lexicon, free: (half: string) => number): HardHyphen | null {
  const [whole, compound] = [lexicon.count(first + second), lexicon.count(`${first}-${second}`)];
  if (isOpen) {
    if (whole + compound === 0) return null;
    return { line, from: compound < whole ? at : at + 1, to: at + 2, confidence: 0.95 };
  }
  if (whole < leastWhole * Math.max(1, compound)) return null;
  const isCompound = free(first) > 0 && free(second) > 0 && first.length > 1 && second.length > 1;
  if (compound > 1 && whole < 20 * compound) return null;
  return { line, from: at, to: at + 1, confidence: isCompound ? (whole >= 20 * compound ? 0.85 : 0.7) : 0.93 };
}

/** In a book without many of them: those with a space are left by no author, others may be. */
function fewer({ isOpen }: Hyphen, found: HardHyphen): HardHyphen {
  return isOpen ? found : { ...found, confidence: Math.min(found.confidence, 0.75) };
}

/** In a book with many of them: what its other words say of the letters around the hyphen. */
function byRelatives(
  { line, at, isOpen, first, second }: Hyphen,
  lexicon: Lexicon,
  free: (half: string) => number,
  across: Across,
): HardHyphen | null {
  const [whole, compound] = [lexicon.count(first + second), lexicon.count(`${first}-${second}`)];
  if (compound > 1 && whole < 20 * compound) return null;
  const joined: HardHyphen = { line, from: at, to: isOpen ? at + 2 : at + 1, confidence: sure };
  const isCompound = [first, second].every((half) => isLikeWord(half, free));
  if (whole >= (isCompound ? 20 : 1)) return joined;
  if (isCompound) return null;
  const share = across(first.toLowerCase(), second.toLowerCase());
  const hasWord = [first, second].some((half) => half.length > 2 && free(half) > 0);
  return share >= (hasWord ? leastShareOfWords : leastShare) ? joined : { ...joined, confidence: 0.7 };
}

/** Of the letters of a broken word, so many begin or end another one; and where one half is a word, which may make a compound. */
const leastShare = 0.5;
const leastShareOfWords = 0.85;

/** The book has it by itself, or with another ending. */
function isLikeWord(half: string, free: (half: string) => number): boolean {
  for (let end = half.length; end >= half.length - 3 && end >= Math.min(3, half.length); end -= 1)
    if (free(half.slice(0, end)) > 0) return true;
  return false;
}

/** The share of the letters of both halves together that some word of the book begins or ends with, if it goes at least 2 beyond the hyphen. */
type Across = (first: string, second: string) => number;

function acrossOf(lexicon: Lexicon): Across {
  const words: string[] = [];
  lexicon.visit(({ codes, length }) => {
    if (length >= 4) words.push(String.fromCharCode(...codes.subarray(0, length)));
  });
  const forwards = words.toSorted();
  const backwards = words.map(reversed).toSorted();
  return (first, second) => {
    const whole = first + second;
    const [begins, ends] = [sharedWith(forwards, whole), sharedWith(backwards, reversed(whole))];
    return Math.max(begins >= first.length + 2 ? begins : 0, ends >= second.length + 2 ? ends : 0) / whole.length;
  };
}

/** The most letters at the beginning of `text` that a word of a sorted list begins with. */
function sharedWith(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < text) low = middle + 1;
    else high = middle;
  }
  return Math.max(sharedBy(sorted[low - 1] ?? '', text), sharedBy(sorted[low] ?? '', text));
}

function sharedBy(word: string, text: string): number {
  let length = 0;
  while (length < text.length && word[length] === text[length]) length += 1;
  return length;
}

function reversed(word: string): string {
  return [...word].reverse().join('');
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
