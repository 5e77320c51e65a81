/** Every function of the language: one table for the checker, the evaluator and the documentation. */

import { listFunctions } from './list-functions.ts';
import type { ExprFunction } from './overload.ts';
import { overload } from './overload.ts';
import type { Scope } from './scope.ts';
import { charge, chargeReading, chargeText, define, fail, itemsOf, keysOf, kindOf, MAX_VALUE_DEPTH } from './scope.ts';
import { textFunctions } from './text-functions.ts';
import type { Type } from './type.ts';
import { any, bool, int, num, str } from './type.ts';
import { Collection } from './value.ts';
import type { Value } from './value.ts';

const kindNames: Type = { k: 'str', of: ['null', 'bool', 'num', 'str', 'list', 'obj', 'collection'] };

/** Whatever reads `f(a, b)` also reads `a.f(b)`. */
export const functions: { readonly [name: string]: ExprFunction } = {
  ...listFunctions,
  ...textFunctions,
  int: {
    doc: 'The number without its fraction, or the whole number that the text shows; it must lie within 64 bits.',
    overloads: [
      overload([num], int, (scope, value: number) => whole(scope, value)),
      overload([str], int, (scope, text: string) => whole(scope, parsed(scope, text, /^[+-]?\d+$/, 'a whole number'))),
    ],
  },
  double: {
    doc: 'The number itself, or the number that the text shows.',
    overloads: [
      overload([num], num, (_, value: number) => value),
      overload([str], num, (scope, text: string) => parsed(scope, text, /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/, 'a number')),
    ],
  },
  string: {
    doc: 'The text of a number or a truth value; text stays as it is. For all else there is json().',
    overloads: [
      overload([str], str, (_, text: string) => text),
      overload([num], str, (_, value: number) => String(value + 0)),
      overload([bool], str, (_, value: boolean) => String(value)),
    ],
  },
  bool: {
    doc: 'true of "true", "True", "TRUE", "t" and "1", false of "false", "False", "FALSE", "f" and "0".',
    overloads: [overload([bool], bool, (_, value: boolean) => value), overload([str], bool, truth)],
  },
  dyn: {
    doc: 'The value itself; the checker takes it for anything from there on.',
    overloads: [overload([any], any, (_, value: Value) => value)],
  },
  json: {
    doc: 'The value as JSON text, without blanks.',
    overloads: [overload([any], str, jsonText)],
  },
  type: {
    doc: 'What the value is: null, bool, num, str, list, obj or collection.',
    overloads: [overload([any], kindNames, (_, value: Value) => kindOf(value))],
  },
  round: {
    doc: 'The nearest whole number, halves away from zero; or the nearest with so many decimals (0 to 15).',
    overloads: [overload([num], int, (_, value: number) => roundHalfAway(value)), overload([num, int], num, roundTo)],
  },
  floor: {
    doc: 'The largest whole number that is not above.',
    overloads: [overload([num], int, (_, value: number) => Math.floor(value) + 0)],
  },
  ceil: {
    doc: 'The smallest whole number that is not below.',
    overloads: [overload([num], int, (_, value: number) => Math.ceil(value) + 0)],
  },
  abs: {
    doc: 'The number without its sign.',
    overloads: [overload([int], int, (_, value: number) => Math.abs(value)), overload([num], num, (_, value: number) => Math.abs(value))],
  },
};

export function functionOf(name: string): ExprFunction | null {
  return Object.hasOwn(functions, name) ? functions[name]! : null;
}

function parsed(scope: Scope, text: string, pattern: RegExp, what: string): number {
  const value = text.length <= 400 && pattern.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) fail(scope, scope.at, 'bad_argument', `${shown(text)} does not show ${what}`);
  return value + 0;
}

/** Whole numbers reach as far as they do in CEL: not to 2 to the 63rd, on either side. */
function whole(scope: Scope, value: number): number {
  if (Math.abs(value) >= 2 ** 63) fail(scope, scope.at, 'overflow', `${value} is too large for a whole number`);
  return Math.trunc(value) + 0;
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'True', 'TRUE', 't', '1'].map((text) => [text, true] as const),
  ...['false', 'False', 'FALSE', 'f', '0'].map((text) => [text, false] as const),
]);

function truth(scope: Scope, text: string): boolean {
  return truths.get(text) ?? fail(scope, scope.at, 'bad_argument', `${shown(text)} is neither "true" nor "false"`);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function roundHalfAway(value: number): number {
  const whole = Math.trunc(value);
  return (Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole) + 0;
}

function roundTo(scope: Scope, value: number, decimals: number): number {
  if (decimals < 0 || decimals > 15) fail(scope, scope.at, 'bad_argument', `round takes 0 to 15 decimals, not ${decimals}`);
  const shifted = Number(`${value}e${decimals}`);
  return Number.isFinite(shifted) ? Number(`${roundHalfAway(shifted)}e-${decimals}`) + 0 : value;
}

/** Weighs the value before anything is printed, so that a large one costs no memory. */
function jsonText(scope: Scope, value: Value): string {
  const text = JSON.stringify(plain(scope, value, 0));
  chargeText(scope, text.length);
  return text;
}

/** The value with its collections as lists; itself where it has none. */
function plain(scope: Scope, value: Value, depth: number): Value {
  charge(scope, 1);
  if (typeof value === 'string') chargeReading(scope, value.length * 2);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_VALUE_DEPTH)
    fail(scope, scope.at, 'too_large', `the value is nested deeper than ${MAX_VALUE_DEPTH}: hand it to a handler`);
  if (value instanceof Collection || Array.isArray(value)) {
    const items = itemsOf(scope, value);
    const made = items.map((item) => plain(scope, item, depth + 1));
    return made.every((item, at) => item === items[at]) ? items : made;
  }
  const object = value as { readonly [key: string]: Value };
  let copy: { [key: string]: Value } | null = null;
  for (const key of keysOf(scope, object)) {
    const made = plain(scope, object[key]!, depth + 1);
    if (made === object[key]) continue;
    copy ??= { ...object };
    define(copy, key, made);
  }
  return copy ?? object;
}
