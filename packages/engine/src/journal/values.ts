/** Values by their hash: what is too large for an event, and the pages of collections. */

import type { Carried, Json, Values } from '@scriptorium/core';
import { contentHash } from './journal.ts';

/** JSON text above this many characters travels by reference. */
export const INLINE_LIMIT = 4_096;

/** What values that are kept parsed may take in memory unless it is said, as {@link weightOf} judges it. */
const CACHE_BYTES = 32 * 1024 * 1024;

/** Characters that wait for the next commit; what comes beyond them goes to the store before. */
const MAX_FRESH = 4 * 1024 * 1024;

export interface ValueStore extends Values {
  /** Puts the value into the batch that is being made; returns its hash. */
  readonly put: (text: string) => string;
  /** The same carried value, by reference if it is large. */
  readonly settle: (carried: Carried) => Carried;
  /** These are not in the store any more: who puts them again has to write them again. */
  readonly forget: (refs: readonly string[]) => void;
  /** What was put since the last call, as hash and JSON text. */
  readonly takeNew: () => ReadonlyMap<string, string>;
}

/**
 * `load` reads a stored value's text, or null when there is none. `spill` stores values ahead of the events that refer to
 * them, as for the pages of a long list: until those follow, nobody asks for them. Without it all wait for their events.
 */
export function createValueStore(
  load: (hash: string) => string | null,
  spill?: (values: ReadonlyMap<string, string>) => void,
  keptBytes: number = CACHE_BYTES,
): ValueStore {
  const cache = new Map<string, { readonly value: unknown; readonly size: number }>();
  let cached = 0;
  let fresh = new Map<string, string>();
  let waiting = 0;

  function remember(ref: string, value: unknown, size: number): void {
    cache.set(ref, { value, size });
    cached += size;
    for (const [oldest, entry] of cache) {
      if (cached <= keptBytes || oldest === ref) break;
      cache.delete(oldest);
      cached -= entry.size;
    }
  }

  function put(text: string): string {
    const ref = contentHash(text);
    if (cache.has(ref) || fresh.has(ref)) return ref;
    fresh.set(ref, text);
    waiting += text.length;
    if (waiting > MAX_FRESH && spill !== undefined) spill(takeNew());
    return ref;
  }

  function takeNew(): ReadonlyMap<string, string> {
    const taken = fresh;
    fresh = new Map();
    waiting = 0;
    return taken;
  }

  return {
    put,
    settle: (carried) => {
      if ('ref' in carried) return carried;
      const text = JSON.stringify(carried.v);
      if (text.length <= INLINE_LIMIT) return carried;
      return { ref: put(text), bytes: Buffer.byteLength(text), ...(carried.collections === true ? { collections: true } : {}) };
    },
    forget: (refs) => {
      for (const ref of refs) {
        cached -= cache.get(ref)?.size ?? 0;
        cache.delete(ref);
      }
    },
    takeNew,
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
      remember(ref, value, weightOf(text));
      return value;
    },
  };
}

/** Bytes of a part of a value beside its text: its place in what holds it, and its share of an object. */
const PART_BYTES = 32;

/** About what the value takes in memory: many small parts take a multiple of their text. */
function weightOf(text: string): number {
  let parts = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === COLON) parts += 1;
  }
  return text.length + parts * PART_BYTES;
}

const COMMA = 44;
const COLON = 58;
