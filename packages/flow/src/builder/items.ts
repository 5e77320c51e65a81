/** What an `each` goes through, how, and what it gives. */

import type { ItemCollection, Json } from '@scriptorium/core';
import type { Condition, NullBy, Output } from './options.ts';
import type { Data, Given, Ref, RefOf, Resolved, Untyped } from './ref.ts';

/** What an `each` goes through. */
export type Items = RefOf<readonly unknown[]> | RefOf<ItemCollection<unknown>> | readonly Data[];

export interface EachSettings<S, B> {
  readonly in: S;
  /** What expressions call an item; `item` unless it is given. */
  readonly as?: string;
  /** Items per group; the body then gets lists. */
  readonly batch?: B;
  /** What an item is known by on resume, in logs and progress. */
  readonly key?: (item: Ref<Item<S, B>>) => RefOf<string | number>;
  readonly workers?: Given<number>;
  /** How many items may fail: a count, or a share such as `10%`. */
  readonly tolerate?: Given<number | string>;
  /** When the rest of the items is not needed: asked whenever one has settled. */
  readonly until?: (soFar: Ref<Fanned<Untyped>>) => Condition;
}

export type Item<S, B> = [B] extends [undefined] ? Element<S> : readonly Element<S>[];

type Element<S> = Json extends S
  ? Untyped
  : S extends RefOf<infer T>
    ? Json extends T
      ? Untyped
      : T extends readonly (infer E)[]
        ? E
        : T extends ItemCollection<infer E>
          ? E
          : never
    : S extends readonly (infer E)[]
      ? Resolved<E>
      : never;

/** The output of an `each`, both sides in the order of the items. */
export interface Fanned<T> {
  readonly ok: ItemCollection<T>;
  readonly failed: ItemCollection<FailedItem>;
}

export interface FailedItem {
  readonly key: string;
  readonly index: number;
  readonly error: { readonly code: string; readonly message: string };
}

/** Of an `each` whose items each give a `T`, or what the entries `F` of its `catch` give instead. */
export type FannedOutput<T, Q, F> = Fanned<Output<T, undefined, undefined, F>> | NullBy<Q>;
