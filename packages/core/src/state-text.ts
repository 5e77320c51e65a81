/**
 * The state of an actor as text, to be kept beside the journal and read again: a shortcut for whoever folds, and never
 * more than that. Maps, sets and objects that could be taken for one of them are written as `{ "$": kind, "of": entries }`.
 */

import type { ActorState } from './state.ts';

/**
 * To be raised whenever `evolve` makes another state of the same events, or the text changes: a state that was kept by
 * another version is none. `state-text.test.ts` notices.
 */
export const STATE_VERSION = 2;

const TAG = '$';

export function encodeState(state: ActorState): string {
  return JSON.stringify({ version: STATE_VERSION, state: encode(state) });
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

function encode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(encode);
  if (value instanceof Map) return { [TAG]: 'map', of: [...value].map(([key, one]) => [key, encode(one)]) };
  if (value instanceof Set) return { [TAG]: 'set', of: [...value] };
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => [key, encode(one)]);
  return Object.hasOwn(value, TAG) ? { [TAG]: 'object', of: entries } : Object.fromEntries(entries);
}

type Tagged = { readonly [TAG]?: 'map' | 'set' | 'object'; readonly of: readonly [unknown, unknown][] };

function decode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decode);
  const { [TAG]: kind, of } = value as Tagged;
  switch (kind) {
    case undefined:
      return Object.fromEntries(Object.entries(value).map(([key, one]): [string, unknown] => [key, decode(one)]));
    case 'map':
      return new Map(of.map(([key, one]) => [key, decode(one)]));
    case 'set':
      return new Set(of as readonly unknown[]);
    case 'object':
      return Object.fromEntries(of.map(([key, one]): [string, unknown] => [key as string, decode(one)]));
    default:
      throw new Error(`what is a ${String(kind)}?`);
  }
}
