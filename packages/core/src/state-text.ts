/**
 * The state of an actor as text, to be kept beside the journal and read again: a shortcut for whoever folds, and never
 * more than that. Maps of both kinds, sets and objects that could be taken for one of them are written as `{ "$": kind, "of": entries }`.
 */

import { listOf, ListMap } from './list-map.ts';
import type { ActorState } from './state.ts';

/**
 * To be raised whenever `evolve` makes another state of the same events, or the text changes: a state that was kept by
 * another version is none. `state-text.test.ts` notices.
 */
export const STATE_VERSION = 3;

const TAG = '$';

/** Written from the state itself: a copy of that of a hundred thousand waits would be larger than the text. */
export function encodeState(state: ActorState): string {
  return JSON.stringify({ version: STATE_VERSION, state }, (_key, value: unknown) => tag(value));
}

/** Null for text that another version wrote, or that is none of a state. */
export function decodeState(text: string): ActorState | null {
  try {
    const { version, state } = JSON.parse(text) as { readonly version?: unknown; readonly state?: unknown };
    return version === STATE_VERSION ? (decode(state) as ActorState) : null;
  } catch {
    return null;
  }
}

function tag(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map) return { [TAG]: 'map', of: [...value] };
  if (value instanceof ListMap) return { [TAG]: 'list', of: [...value] };
  if (value instanceof Set) return { [TAG]: 'set', of: [...value] };
  return Object.hasOwn(value, TAG) ? { [TAG]: 'object', of: Object.entries(value) } : value;
}

type Tagged = { readonly [TAG]?: 'map' | 'list' | 'set' | 'object'; readonly of: readonly [unknown, unknown][] };

/** What was parsed is nobody else's: it is changed in place, because it may be large. */
function decode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { [TAG]: kind, of } = value as Tagged;
  switch (kind) {
    case undefined:
      return decodeParts(value);
    case 'map':
      for (const entry of of) entry[1] = decode(entry[1]);
      return new Map(of);
    case 'list':
      for (const entry of of) entry[1] = decode(entry[1]);
      return listOf(new Map(of));
    case 'set':
      return new Set(of as readonly unknown[]);
    case 'object':
      return Object.fromEntries(of.map(([key, one]): [string, unknown] => [key as string, decode(one)]));
    default:
      throw new Error(`what is a ${String(kind)}?`);
  }
}

function decodeParts(value: object): object {
  for (const [key, one] of Object.entries(value)) {
    const part = decode(one);
    // Assigned, `__proto__` would be no part of it.
    if (part !== one) Object.defineProperty(value, key, { value: part, writable: true, enumerable: true, configurable: true });
  }
  return value;
}
