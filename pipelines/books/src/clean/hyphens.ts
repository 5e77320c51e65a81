/** Whether a word broken at a line's end is one word or a compound: the book's own words decide. */

import type { SourceLine } from '../source/source.ts';
import type { Lexicon } from './lexicon.ts';

/** How sure it is that both halves are one word, from 0 to 1; null where the hyphen stays. */
export type HyphenJudge = (first: string, second: string) => number | null;

/** Printed pages break every tenth line or so; editions that rejoined their words end few lines with a hyphen. */
const brokenShare = 0.03;
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
