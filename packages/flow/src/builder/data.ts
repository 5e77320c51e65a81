/** Data with references in it, as the plain JSON of a definition. */

import type { Json } from '@scriptorium/core';
import { sourceOf, written } from './ref.ts';

/** References become `${ … }`; undefined properties are left out. Throws a TypeError for what is no JSON. */
export function plain(data: unknown, path = 'the value'): Json {
  const source = sourceOf(data);
  if (source !== undefined) {
    return written(source.text);
  }
  if (data === null || typeof data === 'boolean' || typeof data === 'string' || typeof data === 'number') {
    return data;
  }
  if (Array.isArray(data)) {
    return data.map((item, i) => plain(item, `${path}[${i}]`));
  }
  if (typeof data === 'object' && isPlain(data)) {
    return plainRecord(data as { readonly [key: string]: unknown }, path);
  }
  throw new TypeError(`${path} is ${kindOf(data)}, and a flow holds JSON and references: take them out of functions and classes first`);
}

export function plainRecord(data: { readonly [key: string]: unknown }, path: string): { readonly [key: string]: Json } {
  const given = Object.entries(data).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(given.map(([key, inner]) => [key, plain(inner, `${path}.${key}`)]));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function kindOf(value: unknown): string {
  if (typeof value === 'object') {
    return `a ${value?.constructor?.name ?? 'value of a class'}`;
  }
  return value === undefined ? 'undefined' : `a ${typeof value}`;
}
