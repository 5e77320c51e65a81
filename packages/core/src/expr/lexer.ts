/** Splits the source of an expression into tokens. */

import { ExprFailure } from './failure.ts';

export interface Token {
  /** `quoted` is a field name in backquotes. */
  readonly k: 'end' | 'op' | 'name' | 'quoted' | 'number' | 'string';
  /** As written, for operators and names; what stands between the backquotes. */
  readonly text: string;
  /** The value of a literal. */
  readonly value: number | string;
  readonly from: number;
  readonly to: number;
}

const operators: readonly string[] = [
  '&&',
  '||',
  '??',
  '?.',
  '==',
  '!=',
  '<=',
  '>=',
  '<',
  '>',
  '+',
  '-',
  '*',
  '/',
  '%',
  '!',
  '?',
  ':',
  '.',
  ',',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
];

const namePattern = /[A-Za-z_][A-Za-z0-9_]*/y;
const quotedPattern = /`([A-Za-z0-9_./ -]+)`/y;
const numberPattern = /0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const blankPattern = /(?:\s|\/\/[^\n]*)+/y;

/** What backquotes are not for, and what they are for. */
export const BACKQUOTED = 'backquotes do not mark text: write "…"; they mark a field name after a dot, as in x.`last-name`';

/** Things that people write in other languages, and what they are here. */
const mistakes: readonly (readonly [text: string, message: string, suggestion?: string])[] = [
  ['===', "there is no '===' — did you mean '=='?", '=='],
  ['!==', "there is no '!==' — did you mean '!='?", '!='],
  ['=>', 'there are no arrow functions: write map(b, b.issues), the variable first'],
  ['=', "there is no '=' — did you mean '=='?", '=='],
  ['&', "there is no '&' — did you mean '&&'?", '&&'],
  ['|', "there is no '|' — did you mean '||'?", '||'],
  ['${', 'this is already an expression: leave out the ${ }'],
  ['\u201c', 'typographic quotes do not mark text: write "…"'],
  ['\u201d', 'typographic quotes do not mark text: write "…"'],
  ['\u2018', "typographic quotes do not mark text: write '…'"],
  ['\u2019', "typographic quotes do not mark text: write '…'"],
  ['`', BACKQUOTED],
  [';', 'an expression has no statements: leave out the ;'],
  ['@', "'@' means nothing here"],
];

/** All tokens, the last one of kind `end`. Raises `syntax`. */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = skipBlanks(source, 0);
  while (at < source.length) {
    const token = tokenAt(source, at, isValue(tokens.at(-1)));
    tokens.push(token);
    at = skipBlanks(source, token.to);
  }
  tokens.push({ k: 'end', text: '', value: '', from: source.length, to: source.length });
  return tokens;
}

function skipBlanks(source: string, at: number): number {
  blankPattern.lastIndex = at;
  return blankPattern.test(source) ? blankPattern.lastIndex : at;
}

/** Whether an operator must follow, so that a dot is one and no decimal point. */
function isValue(token: Token | undefined): boolean {
  if (token === undefined) return false;
  return token.k === 'op' ? [')', ']', '}'].includes(token.text) : token.text !== 'in';
}

function tokenAt(source: string, at: number, afterValue: boolean): Token {
  const quote = /^(?:[rR])?["']/.exec(source.slice(at, at + 2));
  if (quote) return stringAt(source, at, quote[0].length === 2);
  if (/^[bB]["']/.test(source.slice(at, at + 2))) syntax(source, at, at + 1, 'there is no bytes type: JSON has text only');
  const name = match(namePattern, source, at);
  if (name !== null) return { k: 'name', text: name, value: '', from: at, to: at + name.length };
  quotedPattern.lastIndex = at;
  const quoted = quotedPattern.exec(source);
  if (quoted) return { k: 'quoted', text: quoted[1]!, value: '', from: at, to: quotedPattern.lastIndex };
  const number = afterValue && source[at] === '.' ? null : match(numberPattern, source, at);
  if (number !== null) return numberAt(source, at, number);
  for (const [text, message, suggestion] of mistakes) {
    const written = source.startsWith(text, at);
    const valid =
      (text === '=' && source.startsWith('==', at)) ||
      (text === '&' && source.startsWith('&&', at)) ||
      (text === '|' && source.startsWith('||', at));
    if (written && !valid) syntax(source, at, at + text.length, message, suggestion);
  }
  const operator = operators.find((text) => source.startsWith(text, at) && !(text === '?.' && /\d/.test(source[at + 2] ?? '')));
  if (operator !== undefined) return { k: 'op', text: operator, value: '', from: at, to: at + operator.length };
  const char = String.fromCodePoint(source.codePointAt(at)!);
  return syntax(source, at, at + char.length, `'${char}' means nothing here`);
}

function match(pattern: RegExp, source: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? null;
}

function numberAt(source: string, at: number, text: string): Token {
  const to = at + text.length;
  const suffix = match(namePattern, source, to);
  if (suffix !== null)
    syntax(source, at, to + suffix.length, `'${text}${suffix}' is no number: numbers have no suffix, and names do not start with a digit`);
  const value = Number(text);
  if (!Number.isFinite(value)) syntax(source, at, to, `${text} is too large for a number`);
  return { k: 'number', text, value, from: at, to };
}

function stringAt(source: string, from: number, raw: boolean): Token {
  let at = raw ? from + 1 : from;
  const mark = source[at]!;
  const quote = source.startsWith(mark.repeat(3), at) ? mark.repeat(3) : mark;
  at += quote.length;
  let value = '';
  for (;;) {
    if (at >= source.length || (quote.length === 1 && source[at] === '\n'))
      syntax(source, from, at, `the text is not closed: ${quote} is missing at its end`);
    if (source.startsWith(quote, at)) {
      const to = at + quote.length;
      if (!value.isWellFormed())
        syntax(source, from, to, 'the text has half of a surrogate pair: write \\U0001F600 for characters beyond \\uFFFF');
      return { k: 'string', text: '', value, from, to };
    }
    if (source[at] === '\\' && !raw) {
      const escape = escapeAt(source, at);
      value += escape.value;
      at = escape.to;
    } else {
      value += source[at];
      at += 1;
    }
  }
}

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['?', '?'],
]);
const codeEscape = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[xX]([0-9a-fA-F]{2})|([0-3][0-7]{2}))/y;

function escapeAt(source: string, at: number): { value: string; to: number } {
  const simple = simpleEscapes.get(source[at + 1] ?? '');
  if (simple !== undefined) return { value: simple, to: at + 2 };
  codeEscape.lastIndex = at;
  const coded = codeEscape.exec(source);
  if (coded) {
    const code = coded[4] === undefined ? Number.parseInt(coded[1] ?? coded[2] ?? coded[3]!, 16) : Number.parseInt(coded[4], 8);
    if (code > 0x10ffff) syntax(source, at, at + coded[0].length, `${coded[0]} is no character`);
    return { value: String.fromCodePoint(code), to: at + coded[0].length };
  }
  return syntax(
    source,
    at,
    Math.min(at + 2, source.length),
    `'${source.slice(at, at + 2)}' is no escape: use \\n \\t \\" \\' \\\\ \\u0041, or r"…" for text without escapes`,
  );
}

function syntax(source: string, from: number, to: number, message: string, suggestion?: string): never {
  throw new ExprFailure(source, { code: 'syntax', message, from, to, ...(suggestion === undefined ? {} : { suggestion }) });
}
