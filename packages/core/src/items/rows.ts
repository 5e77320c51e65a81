/**
 * The items of an `each` as rows. There may be a million: of a long list a row is made when it is asked for, and made
 * again when it is asked for again, so that no list of all rows is ever held.
 */

import type { ItemRow } from '../events.ts';
import { Collection } from '../expr/value.ts';
import type { Value } from '../expr/value.ts';
import type { Json } from '../json.ts';
import { carry } from '../names.ts';

/** Rows of lists up to this size are made once. */
const MAX_HELD = 10_000;

/** A list that can be gone through more than once. */
export interface Listing<T> extends Iterable<T> {
  readonly size: number;
}

/** The elements of a list or collection; null for any other value. */
export function listingOf(value: Value): Listing<Json> | null {
  if (value instanceof Collection) return { size: value.size, [Symbol.iterator]: () => value.elements()[Symbol.iterator]() };
  if (!Array.isArray(value)) return null;
  const list = value as readonly Value[];
  return {
    size: list.length,
    *[Symbol.iterator]() {
      for (const element of list) yield (carry(element) as { readonly v: Json }).v;
    },
  };
}

/** Lists of so many elements each; the last may have fewer. */
export function grouped(list: Listing<Json>, most: number): Listing<Json> {
  return { size: Math.ceil(list.size / most), [Symbol.iterator]: () => inPages(list, most) as Generator<Json> };
}

export function* inPages<T>(rows: Iterable<T>, pageSize: number): Generator<readonly T[]> {
  let page: T[] = [];
  for (const row of rows) {
    page.push(row);
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

export function rowsOf(list: Listing<Json>, keyOf: (value: Json, index: number) => string): Listing<ItemRow> {
  const rows: Listing<ItemRow> = {
    size: list.size,
    *[Symbol.iterator]() {
      let index = 0;
      for (const value of list) {
        yield { key: keyOf(value, index), value };
        index += 1;
      }
    },
  };
  return list.size > MAX_HELD ? rows : held([...rows]);
}

function held(rows: readonly ItemRow[]): Listing<ItemRow> {
  return { size: rows.length, [Symbol.iterator]: () => rows.values() };
}

/** A short list is plain data, as other commands are. */
export function shortened(rows: Listing<ItemRow>): Iterable<ItemRow> {
  return rows.size > MAX_HELD ? rows : [...rows];
}

/** The first key that an earlier row has, too. Of a long list, only keys whose hashes meet are kept and compared. */
export function duplicateKey(rows: Listing<ItemRow>): string | null {
  const suspects = rows.size > MAX_HELD ? metHashes(rows) : null;
  if (suspects?.size === 0) return null;
  const seen = new Set<string>();
  for (const { key } of rows) {
    if (suspects?.has(hashOf(key)) === false) continue;
    if (seen.has(key)) return key;
    seen.add(key);
  }
  return null;
}

function metHashes(rows: Listing<ItemRow>): ReadonlySet<number> {
  const hashes = new Float64Array(rows.size);
  let count = 0;
  for (const { key } of rows) {
    hashes[count] = hashOf(key);
    count += 1;
  }
  hashes.sort();
  return new Set(hashes.filter((one, index) => one === hashes[index - 1]));
}

/** 53 bits of two multiplicative hashes (FNV-1a's step, with two primes). */
function hashOf(key: string): number {
  let [high, low] = [0x811c9dc5, 0xdeadbeef];
  for (let at = 0; at < key.length; at += 1) {
    const code = key.charCodeAt(at);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x85ebca6b);
  }
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}

/** The first `limit` rows by key, in the order of the list. Keys that are numbers compare as numbers. */
export function takeFirst(rows: Listing<ItemRow>, limit: number | null): Listing<ItemRow> {
  if (limit === null || limit >= rows.size) return rows;
  let first: Numbered[] = [];
  let index = 0;
  for (const { key } of rows) {
    first.push({ key, index });
    if (first.length >= 2 * limit + MAX_HELD) first = firstOf(first, limit);
    index += 1;
  }
  const taken = new Set(firstOf(first, limit).map((one) => one.index));
  return {
    size: taken.size,
    *[Symbol.iterator]() {
      let place = 0;
      for (const row of rows) {
        if (taken.has(place)) yield row;
        place += 1;
      }
    },
  };
}

interface Numbered {
  readonly key: string;
  readonly index: number;
}

function firstOf(rows: readonly Numbered[], limit: number): Numbered[] {
  return rows.toSorted((a, b) => compareKeys(a.key, b.key)).slice(0, limit);
}

function compareKeys(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  if (a !== '' && b !== '' && !Number.isNaN(difference)) return difference;
  return a < b ? -1 : a > b ? 1 : 0;
}
