/** Expressions that are more than a path, and the two guards against null. */

import { makeRef, sourceOf } from './ref.ts';
import type { MaybeRef, Ref, RefOf, Resolved, Untyped } from './ref.ts';

export interface Expression {
  /**
   * An expression as a template: `$`${run.mode} == "strict"``. References in it are read, other values become
   * literals. Its type is unknown to TypeScript unless it is given, `$<number>`…``; the checker knows it either way.
   */
  <T = Untyped>(texts: TemplateStringsArray, ...parts: readonly unknown[]): Ref<T>;
  /** Reads fields of what may be null: `$.maybe(review).notes` is `review?.notes`. */
  readonly maybe: <T>(ref: RefOf<T>) => MaybeRef<T>;
  /** `ref`, or `fallback` where it is null: `$.or(review, {})` is `review ?? {}`. */
  readonly or: <T, const D>(ref: RefOf<T>, fallback: D) => Ref<NonNullable<T> | Resolved<D>>;
  /** An element of a list or a value of a map, null where there is none: `$.at(books, 0)` is `books[0]`. */
  readonly at: {
    <E>(list: RefOf<readonly E[]>, index: number | RefOf<number>): Ref<E | null>;
    <E>(map: RefOf<{ readonly [key: string]: E }>, key: string | RefOf<string>): Ref<E | null>;
  };
}

export const $: Expression = Object.assign(template, {
  maybe: <T>(ref: RefOf<T>): MaybeRef<T> => makeRef(operand(ref), { atomic: true, dot: '?' }) as MaybeRef<T>,
  or: <T, const D>(ref: RefOf<T>, fallback: D): Ref<NonNullable<T> | Resolved<D>> =>
    makeRef(`${operand(ref)} ?? ${operand(fallback)}`, { atomic: false }) as Ref<NonNullable<T> | Resolved<D>>,
  at: (of: RefOf<unknown>, key: unknown): Untyped => makeRef(`${operand(of)}[${operand(key, false)}]`, { atomic: true }),
});

/** Backslashes are the expression's own: `"\n"` in a template reaches it as written. */
function template<T = Untyped>(texts: TemplateStringsArray, ...parts: readonly unknown[]): Ref<T> {
  const alone = parts.length === 1 && texts.every((text) => text.trim() === '') ? sourceOf(parts[0]) : undefined;
  if (alone !== undefined) {
    return makeRef(alone.text, { atomic: alone.atomic }) as Ref<T>;
  }
  const text = texts.raw.map((raw, i) => (i === 0 ? raw : `${operand(parts[i - 1])}${raw}`)).join('');
  return makeRef(text.trim(), { atomic: false }) as Ref<T>;
}

/** A value inside of an expression. */
function operand(value: unknown, bound = true): string {
  const source = sourceOf(value);
  if (source !== undefined) {
    return source.atomic || !bound ? source.text : `(${source.text})`;
  }
  if (Array.isArray(value)) {
    return `[${value.map((item) => operand(item, false)).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${operand(inner, false)}`);
    return `{${entries.join(', ')}}`;
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) {
    return JSON.stringify(value);
  }
  throw new TypeError(`an expression takes references and JSON, not a ${typeof value}`);
}
