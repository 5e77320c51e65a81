/** Plain text as lines, in one pass. */

import type { Source, SourceFile, SourceLine } from './source.ts';

/** Appends the lines of a text and returns its length in code points. A last line break ends a line and starts none. */
export function textLines(text: string, file: number, lines: SourceLine[]): number {
  let from = 0;
  let pairs = 0;
  let pairsAtStart = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 13 && (code < 0xd800 || code > 0xdbff)) continue;
    if (code === 10 || code === 13) {
      lines.push({ text: text.slice(from, index), start: from - pairsAtStart, end: index - pairs, file });
      if (code === 13 && text.charCodeAt(index + 1) === 10) index += 1;
      from = index + 1;
      pairsAtStart = pairs;
    } else if (code >= 0xd800 && isLow(text.charCodeAt(index + 1))) pairs += 1;
  }
  if (from < text.length) lines.push({ text: text.slice(from), start: from - pairsAtStart, end: text.length - pairs, file });
  return text.length - pairs;
}

/** A text of no file, as a source. */
export function sourceOfText(text: string): Source {
  const lines: SourceLine[] = [];
  const codePoints = textLines(text, 0, lines);
  const file = { name: 'text', encoding: 'utf-8', declared: null, bom: false, lineEnd: lineEndOf(text), codePoints, hash: '' };
  return { kind: 'text', files: [file], lines, sections: null, meta: {} };
}

/** Turns ascending UTF-16 offsets of one text into code point offsets. */
export interface OffsetMap {
  readonly at: (index: number) => number;
}

export function offsetMap(text: string): OffsetMap {
  if (!/[\ud800-\udbff]/.test(text)) return { at: (index) => index };
  let cursor = 0;
  let pairs = 0;
  return {
    at: (index) => {
      if (index < cursor) [cursor, pairs] = [0, 0];
      for (; cursor < index; cursor += 1) {
        const code = text.charCodeAt(cursor);
        if (code >= 0xd800 && code <= 0xdbff && isLow(text.charCodeAt(cursor + 1))) pairs += 1;
      }
      return index - pairs;
    },
  };
}

export function lineEndOf(text: string): SourceFile['lineEnd'] {
  if (!text.includes('\r')) return text.includes('\n') ? 'lf' : 'none';
  const ends = { crlf: text.includes('\r\n'), cr: /\r(?!\n)/.test(text), lf: /(?<!\r)\n/.test(text) };
  if (Number(ends.crlf) + Number(ends.cr) + Number(ends.lf) > 1) return 'mixed';
  return ends.crlf ? 'crlf' : 'cr';
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
