/** The texts that one definition is made of, in one space of offsets, so that a span says which file it is in. */

import type { Lines } from './lines.ts';

export interface Sources extends Lines {
  /** Takes in the text of another file; its offset 0 is what is returned. */
  readonly add: (file: string, lines: Lines) => number;
}

/** Longer than any text that is read, so that the offsets of two files never meet. */
const STRIDE = 2 ** 24;

/** `own` are the lines of the definition's own text, whose offsets stay as they are. */
export function sourcesOf(own: Lines): Sources {
  const others: { readonly file: string; readonly lines: Lines }[] = [];
  return {
    add(file, lines) {
      others.push({ file, lines });
      return others.length * STRIDE;
    },
    at(offset) {
      const other = others[Math.floor(offset / STRIDE) - 1];
      return other === undefined ? own.at(offset) : { file: other.file, ...other.lines.at(offset % STRIDE) };
    },
    text: own.text,
  };
}
