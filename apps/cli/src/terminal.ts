/** Where the command line writes: results to one stream, everything else to the other. */

import { stripVTControlCharacters, styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export interface Terminal {
  /** Results. */
  readonly out: (text: string) => void;
  /** Progress, notes and errors. */
  readonly err: (text: string) => void;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  /** Width of the error stream's screen. */
  readonly columns: () => number;
  /** Colours for the results and for everything else; the text itself where there are none. */
  readonly paint: (style: Style, text: string) => string;
  readonly paintErr: (style: Style, text: string) => string;
}

const DEFAULT_COLUMNS = 80;

export function processTerminal(env: { readonly [name: string]: string | undefined }): Terminal {
  const colored = (isTty: boolean): boolean => !env['NO_COLOR'] && env['TERM'] !== 'dumb' && (isTty || (env['FORCE_COLOR'] ?? '0') !== '0');
  const paint = (isTty: boolean) => (style: Style, text: string) =>
    colored(isTty) ? styleText(style, text, { validateStream: false }) : text;
  const [outIsTty, errIsTty] = [process.stdout.isTTY === true, process.stderr.isTTY === true];
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outIsTty,
    errIsTty,
    columns: () => (process.stderr.columns ?? 0) || DEFAULT_COLUMNS,
    paint: paint(outIsTty),
    paintErr: paint(errIsTty),
  };
}

/** Columns that the text takes on a screen: none for control sequences and marks, two for wide characters. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += characterWidth(character);
  return width;
}

/** The text, cut to at most so many columns with an ellipsis. Expects no control sequences. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let cut = '';
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

export function padTo(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/** Line breaks and control characters in data must not move the cursor. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

/** Rows in columns, the first row as heading; the last column is not padded. */
export function table(rows: readonly (readonly string[])[], indent = ''): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  return (
    rows
      .map((row) =>
        `${indent}${row.map((cell, column) => (column === row.length - 1 ? cell : padTo(cell, widths[column] ?? 0))).join('  ')}`.trimEnd(),
      )
      .join('\n') + '\n'
  );
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/\p{M}|\p{Cf}/u.test(character)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}
