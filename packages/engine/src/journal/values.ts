/** Values by their hash: what is too large for an event, and the pages of collections. */

import type { Carried, Json, Values } from '@scriptorium/core';
import { contentHash } from './journal.ts';

/** JSON text above this many characters travels by reference. */
export const INLINE_LIMIT = 4_096;

/** Characters of JSON text that are kept parsed. */
const CACHE_LIMIT = 48 * 1024 * 1024;

export interface ValueStore extends Values {
  /** Puts the value into the batch that is being made; returns its hash. */
  readonly put: (text: string) => string;
  /** The same carried value, by reference if it is large. */
  readonly settle: (carried: Carried) => Carried;
  /** What was put since the last call, as hash and JSON text. */
  readonly takeNew: () => ReadonlyMap<string, string>;
}

/** `load` reads a stored value's text, or null when there is none. */
export function createValueStore(load: (hash: string) => string | null): ValueStore {
  const cache = new Map<string, { readonly value: unknown; readonly size: number }>();
  let cached = 0;
  let fresh = new Map<string, string>();

  function remember(ref: string, value: unknown, size: number): void {
    cache.set(ref, { value, size });
    cached += size;
    for (const [oldest, entry] of cache) {
      if (cached <= CACHE_LIMIT || oldest === ref) break;
      cache.delete(oldest);
      cached -= entry.size;
    }
  }

  function put(text: string): string {
    const ref = contentHash(text);
    if (!cache.has(ref)) fresh.set(ref, text);
    return ref;
  }

  return {
    put,
    settle: (carried) => {
      if ('ref' in carried) return carried;
      const text = JSON.stringify(carried.v);
      if (text.length <= INLINE_LIMIT) return carried;
      return { ref: put(text), bytes: Buffer.byteLength(text), ...(carried.collections === true ? { collections: true } : {}) };
    },
    takeNew: () => {
      const taken = fresh;
      fresh = new Map();
      return taken;
    },
    read: (ref) => {
      const known = cache.get(ref);
      if (known !== undefined) {
        cache.delete(ref);
        cache.set(ref, known);
        return known.value;
      }
      const text = fresh.get(ref) ?? load(ref);
      if (text === null) throw new Error(`the store has no value ${ref}`);
      const value = JSON.parse(text) as Json;
      remember(ref, value, text.length);
      return value;
    },
  };
}
