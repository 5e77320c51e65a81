/** Puts lines together from the pieces of a marked-up file: text between tags, nodes of JSON. */

import type { SourceLine } from './source.ts';
import type { OffsetMap } from './text.ts';

/** A place in the text, known once the line that it is in has ended. */
export interface TextPlace {
  /** Index into the lines; after the last line where no text follows. */
  line: number;
  /** UTF-16 units into the line's text. */
  at: number;
}

export interface LineBuilder {
  /** Adds source text [from, to) to the line being built; `text` is what it reads as. */
  readonly add: (text: string, from: number, to: number) => void;
  /** Where the next piece will stand. */
  readonly place: () => TextPlace;
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
  /** Places asked for since the last line, with how much of the line stood before them. */
  let asked: { readonly place: TextPlace; readonly raw: number }[] = [];

  const blank = (): void => {
    const offset = lines.length > first ? (lines[lines.length - 1]?.end ?? 0) : 0;
    lines.push({ text: '', start: offset, end: offset, file });
  };
  const end = (level?: number): void => {
    const trimmed = collapse(text);
    const from = start;
    const whole = text;
    text = '';
    start = -1;
    if (from < 0 || trimmed === '') return;
    if (blankDue && lines.length > first) blank();
    blankDue = false;
    const line = { text: trimmed, start: offsets.at(from), end: offsets.at(stop), file };
    lines.push(level === undefined ? line : { ...line, level });
    if (asked.length > 0) settle(asked, whole, lines.length - 1, trimmed.length);
    asked = [];
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
    place: () => {
      // The blank line that is due comes before the line that is not there yet.
      const place = { line: lines.length, at: 0 };
      asked.push({ place, raw: text.length });
      return place;
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

/** Raw offsets become offsets into the collapsed text, each stretch between two of them collapsed once. */
function settle(asked: readonly { readonly place: TextPlace; readonly raw: number }[], text: string, line: number, length: number): void {
  let at = 0;
  let raw = 0;
  let spaced = true;
  for (const { place, raw: next } of asked) {
    if (next > raw) {
      const piece = text.slice(raw, next).replace(/[ \t\r\n\f]+/g, ' ');
      at += piece.length - (spaced && piece.startsWith(' ') ? 1 : 0);
      spaced = piece.endsWith(' ');
      raw = next;
    }
    place.line = line;
    place.at = Math.min(at, length);
  }
}

const cjk = '\\u2e80-\\u9fff\\uf900-\\ufaff\\uff00-\\uffef';
/** Chinese and Japanese put no space between words, so a line break between two of their characters is nothing. */
const breakInCjk: RegExp = new RegExp(`([${cjk}])[ \\t]*[\\r\\n][ \\t\\r\\n]*(?=[${cjk}])`, 'g');

function collapse(text: string): string {
  const joined = text.includes('\n') ? text.replace(breakInCjk, '$1') : text;
  return joined.replace(/[ \t\r\n\f]+/g, ' ').trimEnd();
}
