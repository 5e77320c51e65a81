/** Functions on text. Indexes and sizes count Unicode code points, so that they agree with any other language. */

import type { ExprFunction } from './overload.ts';
import { overload } from './overload.ts';
import type { Scope } from './scope.ts';
import { charge, chargeReading, chargeText, fail } from './scope.ts';
import { codePointsIn, finderOf, occurrences, offsetOf } from './text-search.ts';
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
    overloads: [overload([str], str, (scope, text: string) => (chargeReading(scope, text.length), text.trim()))],
  },
  split: {
    doc: 'The parts of the text between separators; an empty separator gives its characters.',
    overloads: [overload([str, str], listOf(str), split)],
  },
  replace: {
    doc: 'The text with every occurrence of the first text replaced by the second.',
    overloads: [overload([str, str, str], str, replace)],
  },
  substring: {
    doc: 'The characters from the first index up to the second, or the end; indexes outside the text are moved to its ends.',
    overloads: [overload([str, int, int], str, substring, 1)],
  },
};

export function containsText(scope: Scope, text: string, part: string): boolean {
  chargeReading(scope, text.length + part.length);
  return finderOf(part)(text, 0) >= 0;
}

export function indexOfText(scope: Scope, text: string, part: string): number {
  chargeReading(scope, text.length + part.length);
  const offset = finderOf(part)(text, 0);
  return offset <= 0 ? offset : codePointsIn(text.slice(0, offset));
}

export function sizeOfText(scope: Scope, text: string): number {
  chargeReading(scope, text.length);
  return codePointsIn(text);
}

/** Negative indexes count from the end. */
export function sliceText(scope: Scope, text: string, start: number, end?: number): string {
  if (start >= 0 && (end === undefined || end >= 0)) return substring(scope, text, start, end);
  const size = sizeOfText(scope, text);
  return substring(scope, text, start < 0 ? size + start : start, end !== undefined && end < 0 ? size + end : end);
}

function substring(scope: Scope, text: string, start: number, end?: number): string {
  chargeReading(scope, text.length);
  const from = offsetOf(text, start);
  return text.slice(from, end === undefined ? text.length : Math.max(from, offsetOf(text, end)));
}

function split(scope: Scope, text: string, separator: string): readonly string[] {
  chargeReading(scope, text.length + separator.length);
  if (separator === '') {
    charge(scope, codePointsIn(text));
    return [...text];
  }
  const found = occurrences(text, separator, scope.fuel + 1);
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

function replace(scope: Scope, text: string, part: string, by: string): string {
  if (part === '') fail(scope, scope.at, 'bad_argument', 'replace was given an empty text to look for');
  chargeReading(scope, text.length + part.length);
  const found = occurrences(text, part, scope.fuel * 4 + 4);
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
