/** Puts lines together from the pieces of a marked-up file: text between tags, nodes of JSON. */

import type { SourceLine } from './source.ts';
import type { OffsetMap } from './text.ts';

export interface LineBuilder {
  /** Adds source text [from, to) to the line being built; `text` is what it reads as. */
  readonly add: (text: string, from: number, to: number) => void;
  /** Ends the line, if there is one. */
  readonly end: (level?: number) => void;
  /** Ends the line, or puts a blank one where there is none: `<br>`. */
  readonly lineBreak: () => void;
  /** Ends the line, and parts it from the next by a blank one. */
  readonly paragraph: (level?: number) => void;
}

/** Appends to `lines`. Runs of white space become one space; none is left at the ends of a line. */
export function lineBuilder(file: number, offsets: OffsetMap, lines: SourceLine[]): LineBuilder {
  const first = lines.length;
  let text = '';
  let start = -1;
  let stop = 0;
  let blankDue = false;

  const blank = (): void => {
    const offset = lines.length > first ? (lines[lines.length - 1]?.end ?? 0) : 0;
    lines.push({ text: '', start: offset, end: offset, file });
  };
  const end = (level?: number): void => {
    const trimmed = collapse(text);
    const from = start;
    text = '';
    start = -1;
    if (from < 0 || trimmed === '') return;
    if (blankDue && lines.length > first) blank();
    blankDue = false;
    const line = { text: trimmed, start: offsets.at(from), end: offsets.at(stop), file };
    lines.push(level === undefined ? line : { ...line, level });
  };
  return {
    add: (piece, from, to) => {
      const lead = start < 0 ? (/^[ \t\r\n\f]*/.exec(piece)?.[0].length ?? 0) : 0;
      if (lead === piece.length) return;
      // White space is literal in markup, so as many characters of the source are skipped.
      if (start < 0) start = from + lead;
      text += lead > 0 ? piece.slice(lead) : piece;
      const trail = /[ \t\r\n\f]*$/.exec(piece)?.[0].length ?? 0;
      if (trail < piece.length) stop = to - trail;
    },
    end,
    lineBreak: () => {
      if (start < 0) blank();
      else end();
    },
    paragraph: (level) => {
      end(level);
      blankDue = true;
    },
  };
}

const cjk = '\\u2e80-\\u9fff\\uf900-\\ufaff\\uff00-\\uffef';
/** Chinese and Japanese put no space between words, so a line break between two of their characters is nothing. */
const breakInCjk: RegExp = new RegExp(`([${cjk}])[ \\t]*[\\r\\n][ \\t\\r\\n]*(?=[${cjk}])`, 'g');

function collapse(text: string): string {
  const joined = text.includes('\n') ? text.replace(breakInCjk, '$1') : text;
  return joined.replace(/[ \t\r\n\f]+/g, ' ').trimEnd();
}
