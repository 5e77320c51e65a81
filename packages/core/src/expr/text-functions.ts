/** Functions on text. Indexes and sizes count Unicode code points, so that they agree with any other language. */

import type { ExprFunction } from './overload.ts';
import { overload } from './overload.ts';
import type { Scope } from './scope.ts';
import { charge, chargeReading, chargeText, fail } from './scope.ts';
import { codePointsIn, finderOf, MAX_NATIVE_NEEDLE, occurrences, offsetOf } from './text-search.ts';
import { bool, int, listOf, str } from './type.ts';

export const textFunctions: { readonly [name: string]: ExprFunction } = {
  startsWith: {
    doc: 'Whether the text starts with another.',
    overloads: [
      overload([str, str], bool, (scope, text: string, start: string) => (chargeReading(scope, start.length), text.startsWith(start))),
    ],
  },
  endsWith: {
    doc: 'Whether the text ends with another.',
    overloads: [overload([str, str], bool, (scope, text: string, end: string) => (chargeReading(scope, end.length), text.endsWith(end)))],
  },
  lower: {
    doc: 'The text in small letters, by Unicode and no language in particular.',
    overloads: [overload([str], str, (scope, text: string) => (chargeText(scope, text.length), text.toLowerCase()))],
  },
  upper: {
    doc: 'The text in capital letters, by Unicode and no language in particular.',
    overloads: [overload([str], str, (scope, text: string) => (chargeText(scope, text.length), text.toUpperCase()))],
  },
  trim: {
    doc: 'The text without blanks at its ends.',
    overloads: [overload([str], str, trim)],
  },
  split: {
    doc: 'The parts of the text between separators, or at most so many, the last with the rest; an empty separator gives its characters.',
    overloads: [overload([str, str, int], listOf(str), split, 1)],
  },
  replace: {
    doc: 'The text with every occurrence of the first text, or the first so many, replaced by the second.',
    overloads: [overload([str, str, str, int], str, replace, 1)],
  },
  substring: {
    doc: 'The characters from the first index up to the second, or the end. Unlike slice() it fails where the text is shorter.',
    overloads: [overload([str, int, int], str, substring, 1)],
  },
};

/** A search that goes letter by letter takes twice as long as reading, at least. */
function chargeSearch(scope: Scope, text: string, part: string): void {
  chargeReading(scope, (text.length + part.length) * (part.length > MAX_NATIVE_NEEDLE ? 2 : 1));
}

export function containsText(scope: Scope, text: string, part: string): boolean {
  chargeSearch(scope, text, part);
  return finderOf(part)(text, 0) >= 0;
}

export function indexOfText(scope: Scope, text: string, part: string, from = 0): number {
  chargeSearch(scope, text, part);
  const start = from === 0 ? 0 : offsetWithin(scope, text, from);
  const offset = finderOf(part)(text, start);
  return offset <= 0 ? offset : codePointsIn(text.slice(0, offset));
}

export function sizeOfText(scope: Scope, text: string): number {
  chargeReading(scope, text.length);
  return codePointsIn(text);
}

/** Negative indexes count from the end. */
export function sliceText(scope: Scope, text: string, start: number, end?: number): string {
  const size = start < 0 || (end !== undefined && end < 0) ? sizeOfText(scope, text) : 0;
  chargeReading(scope, text.length);
  const from = offsetOf(text, start < 0 ? size + start : start);
  return text.slice(from, end === undefined ? text.length : Math.max(from, offsetOf(text, end < 0 ? size + end : end)));
}

function substring(scope: Scope, text: string, start: number, end?: number): string {
  chargeReading(scope, text.length);
  if (end !== undefined && end < start)
    fail(scope, scope.at, 'bad_argument', `substring was asked to end at ${end}, before its start at ${start}`);
  const from = offsetWithin(scope, text, start);
  return text.slice(from, end === undefined ? text.length : offsetWithin(scope, text, end));
}

/** The UTF-16 offset of an index that must lie in the text or at its end. */
function offsetWithin(scope: Scope, text: string, index: number): number {
  const size = index < 0 ? 0 : codePointsIn(text);
  if (index < 0 || index > size)
    fail(scope, scope.at, 'bad_argument', `the index ${index} lies outside the text; .slice(from, to) takes any index`);
  return offsetOf(text, index);
}

/** By the property White_Space of Unicode, as in CEL; JavaScript's own `trim` takes off U+FEFF and leaves U+0085. */
function trim(scope: Scope, text: string): string {
  chargeReading(scope, text.length);
  let from = 0;
  let to = text.length;
  while (from < to && blank.test(text[from]!)) from += 1;
  while (to > from && blank.test(text[to - 1]!)) to -= 1;
  return text.slice(from, to);
}

const blank = /\p{White_Space}/u;

/** No limit, or a negative one, takes all parts. */
function split(scope: Scope, text: string, separator: string, limit = -1): readonly string[] {
  chargeSearch(scope, text, separator);
  if (limit === 0) return [];
  if (separator === '') return characters(scope, text, limit);
  const found = occurrences(text, separator, limit < 0 ? scope.fuel + 1 : Math.min(scope.fuel + 1, limit - 1));
  charge(scope, found.length);
  const parts: string[] = [];
  let from = 0;
  for (const at of found) {
    parts.push(text.slice(from, at));
    from = at + separator.length;
  }
  parts.push(text.slice(from));
  return parts;
}

function characters(scope: Scope, text: string, limit: number): readonly string[] {
  charge(scope, codePointsIn(text));
  const parts = [...text];
  return limit < 0 || parts.length <= limit ? parts : [...parts.slice(0, limit - 1), parts.slice(limit - 1).join('')];
}

/** No limit, or a negative one, replaces all. */
function replace(scope: Scope, text: string, part: string, by: string, limit = -1): string {
  if (part === '') fail(scope, scope.at, 'bad_argument', 'replace was given an empty text to look for');
  chargeSearch(scope, text, part);
  const most = scope.fuel * 4 + 4;
  const found = occurrences(text, part, limit < 0 ? most : Math.min(most, limit));
  charge(scope, found.length >> 2);
  chargeText(scope, text.length + found.length * (by.length - part.length));
  const parts: string[] = [];
  let from = 0;
  for (const at of found) {
    parts.push(text.slice(from, at), by);
    from = at + part.length;
  }
  parts.push(text.slice(from));
  return parts.join('');
}
