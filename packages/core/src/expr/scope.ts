/** What one evaluation carries along: the names, the variables of macros, and the fuel that is left. */

import type { Span } from './ast.ts';
import { ExprFailure } from './failure.ts';
import { Collection, MAX_COLLECTION } from './value.ts';
import type { Value } from './value.ts';

export interface Scope {
  readonly source: string;
  readonly names: (name: string) => Value | undefined;
  /** Variables of the macros that surround the current node, by depth. */
  readonly slots: Value[];
  /** Units of bounded work that may still be done. */
  fuel: number;
  readonly tank: number;
  /** Collections that were loaded already. */
  loaded: Map<Collection, readonly Value[]> | null;
  /** The node that a function works for. */
  at: Span;
}

/** An expression, ready to be evaluated. */
export type Run = (scope: Scope) => Value;

export type Kind = 'null' | 'bool' | 'num' | 'str' | 'list' | 'obj' | 'collection';

/** Values nested deeper are not compared or printed. */
export const MAX_VALUE_DEPTH = 200;

export function kindOf(value: Value): Kind {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
      return 'num';
    case 'string':
      return 'str';
    default:
      if (value === null) return 'null';
      return Array.isArray(value) ? 'list' : value instanceof Collection ? 'collection' : 'obj';
  }
}

export function isObject(value: Value | undefined): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Collection);
}

export function fail(scope: Scope, at: Span, code: string, message: string): never {
  throw new ExprFailure(scope.source, { code, message, from: at.from, to: at.to });
}

/** Takes `units` of fuel for work at `scope.at`. Raises `out_of_fuel`. */
export function charge(scope: Scope, units: number): void {
  scope.fuel -= units;
  if (scope.fuel < 0) exhausted(scope);
}

export function exhausted(scope: Scope): never {
  return fail(scope, scope.at, 'out_of_fuel', `the expression does more than ${scope.tank} units of work: move it into a handler`);
}

/** For reading text from end to end: a unit for each 64 UTF-16 units. */
export function chargeReading(scope: Scope, length: number): void {
  charge(scope, 1 + (length >> 6));
}

/** For making text: a unit for each 32 UTF-16 units, so that no result is larger than some megabytes. */
export function chargeText(scope: Scope, length: number): void {
  charge(scope, 1 + (length >> 5));
}

/** The elements of a list or collection. Raises `too_large` for a collection that is not to be loaded. */
export function itemsOf(scope: Scope, value: readonly Value[] | Collection): readonly Value[] {
  if (!(value instanceof Collection)) return value;
  if (value.size > MAX_COLLECTION) {
    fail(
      scope,
      scope.at,
      'too_large',
      `the collection has ${value.size} items; an expression takes at most ${MAX_COLLECTION}: hand the whole collection to a handler, which reads it page by page`,
    );
  }
  const known = scope.loaded?.get(value);
  if (known !== undefined) return known;
  charge(scope, value.size >> 1);
  const items = value.items();
  scope.loaded ??= new Map();
  scope.loaded.set(value, items);
  return items;
}

/** The own value of a key, null where there is none. */
export function valueAt(object: { readonly [key: string]: Value }, key: string): Value {
  return Object.hasOwn(object, key) ? (object[key] ?? null) : null;
}

/** The own keys of an object. Listing them is paid for, but cannot be cut short: an object is as large as its owner lets it be. */
export function keysOf(scope: Scope, object: { readonly [key: string]: Value }): readonly string[] {
  const keys = Object.keys(object);
  charge(scope, 1 + (keys.length >> 4));
  return keys;
}

/** Sets an own property, whatever its name. */
export function define(object: { [key: string]: Value }, key: string, value: Value): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}
