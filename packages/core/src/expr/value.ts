/** What expressions compute with: JSON, and collections that are counted without being loaded. */

import type { Json } from '../json.ts';

/** The most elements that an expression maps, filters or joins; larger collections go to a handler. */
export const MAX_COLLECTION = 10_000;

export type Value = Json | Collection | readonly Value[] | { readonly [key: string]: Value };

/** One side of an `each`'s output, known by the result pages it lies in. */
export class Collection {
  readonly side: 'ok' | 'failed';
  readonly size: number;
  /** Hashes of the result pages, in item order. */
  readonly pages: readonly string[];
  readonly #load: (collection: Collection) => Iterable<Json>;

  constructor(side: 'ok' | 'failed', size: number, pages: readonly string[], load: (collection: Collection) => Iterable<Json>) {
    this.side = side;
    this.size = size;
    this.pages = pages;
    this.#load = load;
  }

  /** One after the other, however many there are. */
  elements(): Iterable<Json> {
    return this.#load(this);
  }

  /** All elements; throws when there are more than {@link MAX_COLLECTION}. */
  items(): readonly Json[] {
    if (this.size > MAX_COLLECTION) {
      throw new RangeError(
        `the collection has ${this.size} items; an expression takes at most ${MAX_COLLECTION}: hand the whole collection to a handler`,
      );
    }
    return [...this.#load(this)];
  }
}
