/** Whether a word broken at a line's end is one word or a compound: the rest of the book decides. */

import type { SourceLine } from '../source/source.ts';

/** Printed pages break every tenth line or so; editions that rejoined their words end few lines with a hyphen. */
const brokenShare = 0.03;
/** Beyond this many different words the book is not searched any more. */
const maxSearches = 3000;

/** Returns a judge that remembers its answers; the text is searched only when a line does end with a hyphen. */
export function hyphenJudge(lines: readonly SourceLine[]): (first: string, second: string) => boolean {
  const known = new Map<string, boolean>();
  let text: string | null = null;
  let byDefault = true;
  return (first, second) => {
    const word = `${first}-${second}`;
    const answer = known.get(word);
    if (answer !== undefined) return answer;
    if (text === null) {
      text = lines.map((line) => line.text).join('\n');
      byDefault = !breaksWords(lines);
    }
    const keeps = known.size > maxSearches ? byDefault : judge(text, first, second, byDefault);
    known.set(word, keeps);
    return keeps;
  };
}

function judge(text: string, first: string, second: string, byDefault: boolean): boolean {
  if (text.includes(`${first}-${second}`)) return true;
  if (text.includes(first + second)) return false;
  return byDefault;
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
