/** Deep structural equality, and one text for all equal values. */

import type { Scope } from './scope.ts';
import { charge, fail, isObject, itemsOf, MAX_VALUE_DEPTH } from './scope.ts';
import { Collection } from './value.ts';
import type { Value } from './value.ts';

export function equal(scope: Scope, a: Value, b: Value, depth = 0): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || a === b) {
    if (typeof a === 'string' && typeof b === 'string' && a.length === b.length) charge(scope, a.length >> 8);
    return a === b;
  }
  charge(scope, 1);
  checkDepth(scope, depth);
  const left = listFrom(scope, a);
  const right = listFrom(scope, b);
  if (left !== null && right !== null)
    return left.length === right.length && left.every((item, index) => equal(scope, item, right[index]!, depth + 1));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  charge(scope, keys.length >> 2);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(scope, a[key]!, b[key]!, depth + 1));
}

/** Equal values have the same key, different ones different keys. */
export function identityOf(scope: Scope, value: Value, depth = 0): string {
  if (value === null || typeof value !== 'object') {
    const text = typeof value === 'number' ? String(value + 0) : JSON.stringify(value);
    charge(scope, 1 + (text.length >> 5));
    return text;
  }
  checkDepth(scope, depth);
  const items = listFrom(scope, value);
  charge(scope, 1);
  if (items !== null) return `[${items.map((item) => identityOf(scope, item, depth + 1)).join(',')}]`;
  const object = value as { readonly [key: string]: Value };
  const keys = Object.keys(object).sort();
  charge(scope, keys.length);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${identityOf(scope, object[key]!, depth + 1)}`).join(',')}}`;
}

function listFrom(scope: Scope, value: Value): readonly Value[] | null {
  return Array.isArray(value) ? value : value instanceof Collection ? itemsOf(scope, value) : null;
}

function checkDepth(scope: Scope, depth: number): void {
  if (depth > MAX_VALUE_DEPTH)
    fail(scope, scope.at, 'too_large', `the value is nested deeper than ${MAX_VALUE_DEPTH}: hand it to a handler`);
}
