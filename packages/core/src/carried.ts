/** What events of every kind are made of. */

import type { Json } from './json.ts';

/** A value in an event: itself when small, else by the hash under which the host keeps it. */
export type Carried =
  | { readonly v: Json; /** Set where `v` holds collections, written as `{ $collection }`. */ readonly collections?: true }
  | { readonly ref: string; readonly bytes: number; readonly collections?: true };

/** The step of an item that an event is about. */
export type At = { readonly item: number; readonly node: string };
