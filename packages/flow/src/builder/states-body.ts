/** What a body gives that makes states of its scope. */

import type { JsonObject } from '@scriptorium/core';
import type { Untyped } from './ref.ts';

declare const output: unique symbol;

/** A scope of states whose output is a `T`, for the body to return. */
export interface StatesBody<T = unknown> {
  /** Never there: it holds the type. */
  readonly [output]: T;
}

/** What a body of states is, as the keys of a step; messages name the object by its constructor. */
const bodies = new WeakMap<object, JsonObject>();

export function makeStates(keys: JsonObject): StatesBody<Untyped> {
  const body: object = Object.create({ constructor: { name: 'scope of states' } }) as object;
  bodies.set(body, keys);
  return body as StatesBody<Untyped>;
}

export function statesOf(given: unknown): JsonObject | undefined {
  return typeof given === 'object' && given !== null ? bodies.get(given) : undefined;
}
