/**
 * References to what a flow has while it runs. A `Ref<T>` stands for a value of type `T` that is not there yet: its
 * fields are references in turn, and as text it is the expression that reads it, `${ scan.books }`.
 */

import type { ItemCollection, Json } from '@scriptorium/core';

declare const value: unique symbol;

/** What every reference to a `T` is, whatever its fields. */
export interface RefOf<T> {
  /** Never there: it holds the type. */
  readonly [value]: T;
}

/** A value whose type is not known here, as `JSON.parse` gives it: it goes everywhere, and the checker decides. */
export type Untyped = ReturnType<typeof JSON.parse>;

/** `T` with its fields to read; what may be null has none before a guard: `$.maybe(ref).field`, `$.or(ref, default)`. */
export type Ref<T> = Json extends T ? Untyped : RefOf<T> & (null extends T ? unknown : Fields<T>);

/** A reference read with `?.`: each field is the field's value, or null where something on the way is. */
export type MaybeRef<T> = Json extends T ? Untyped : RefOf<NonNullable<T> | null> & MaybeFields<NonNullable<T>>;

type Fields<T> = T extends Fieldless ? unknown : { readonly [K in FieldName<T>]-?: Ref<FieldValue<T, K>> };
type MaybeFields<T> = T extends Fieldless ? unknown : { readonly [K in FieldName<T>]-?: MaybeRef<FieldValue<T, K>> };

/** Elements and the values of maps are read with `$.at`. */
type Fieldless = null | boolean | number | string | readonly unknown[] | ItemCollection<unknown>;
type FieldName<T> = keyof { [K in keyof T as string extends K ? never : K]: unknown } & keyof T;

/** What reading a field gives: null where the field may be absent. */
type FieldValue<T, K extends keyof T> = undefined extends T[K] ? Exclude<T[K], undefined> | null : T[K];

/** What may be given where a `T` is wanted: a reference to one, or data with references in it. */
export type Given<T> = Json extends T ? Data : RefOf<T> | Literal<T>;

/** Any data with references in it. */
export type Data = null | boolean | number | string | RefOf<unknown> | readonly Data[] | { readonly [key: string]: Data };

type Literal<T> = T extends null | boolean | number | string
  ? T
  : T extends ItemCollection<unknown>
    ? never
    : T extends readonly (infer E)[]
      ? readonly Given<E>[]
      : { readonly [K in keyof T]: Given<Exclude<T[K], undefined>> };

/** What data with references in it becomes when the flow runs. */
export type Resolved<D> = Json extends D
  ? Untyped
  : D extends RefOf<infer T>
    ? T
    : D extends null | boolean | number | string
      ? D
      : D extends readonly (infer E)[]
        ? readonly Resolved<E>[]
        : D extends object
          ? { readonly [K in keyof D]: Resolved<D[K]> }
          : Untyped;

/** What a handler's input is given: references, or data with references in it, by name. */
export type Arguments<I> = Json extends I
  ? { readonly [name: string]: Data }
  : { readonly [K in keyof I]: Given<Exclude<I[K], undefined>> };

interface Source {
  readonly text: string;
  /** Whether fields and operators bind to all of it without parentheses. */
  readonly atomic: boolean;
}

/** What a debugger and the console show in place of the reference. */
const inspected: unique symbol = Symbol.for('nodejs.util.inspect.custom');

const sources = new WeakMap<object, Source>();

/** A reference that reads `text`, an expression. */
export function makeRef(text: string, { atomic, dot = '' }: { readonly atomic: boolean; readonly dot?: '' | '?' }): Untyped {
  const inner = atomic ? text : `(${text})`;
  const ref = new Proxy(Object.create({ [inspected]: () => written(text) }) as object, {
    get(_, key) {
      if (typeof key === 'symbol') {
        return key === Symbol.toPrimitive ? () => written(text) : undefined;
      }
      return makeRef(`${inner}${access(key, dot)}`, { atomic: true, dot });
    },
    has: () => false,
    ownKeys() {
      throw new TypeError(`\${ ${text} } stands for a value that is not there yet: it cannot be spread or walked; name its fields`);
    },
  }) as Untyped;
  sources.set(ref, { text, atomic });
  return ref;
}

/** The expression that `ref` reads, undefined for what is no reference. */
export function sourceOf(ref: unknown): Source | undefined {
  return typeof ref === 'object' && ref !== null ? sources.get(ref) : undefined;
}

/** An expression as text of a definition. */
export function written(expression: string): string {
  return `\${ ${expression} }`;
}

function access(key: string, dot: '' | '?'): string {
  if (/^[A-Za-z_]\w*$/.test(key)) {
    return `${dot}.${key}`;
  }
  return `${dot === '' ? '' : '?.'}[${/^(?:0|[1-9]\d*)$/.test(key) ? key : JSON.stringify(key)}]`;
}
