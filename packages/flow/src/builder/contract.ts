/** Contracts as a builder takes them: plain JSON Schema, or a schema of a library that gives one. */

import type { Json, JsonObject, Schema } from '@scriptorium/core';
import type { Untyped } from './ref.ts';

/**
 * A schema of a library, by the Standard Schema convention with its JSON Schema part (standardschema.dev; zod since
 * 4.2, for instance).
 */
export interface LibrarySchema<T = unknown> {
  readonly '~standard': {
    readonly types?: { readonly input: unknown; readonly output: T } | undefined;
    readonly jsonSchema: { readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown> };
  };
}

/** What a JSON Schema that TypeScript sees as it is written accepts; `Untyped` for what it does not follow. */
export type Accepted<S> =
  S extends LibrarySchema<infer T>
    ? T
    : S extends { readonly const: infer C }
      ? C
      : S extends { readonly enum: readonly (infer E)[] }
        ? E
        : S extends { readonly type: infer K }
          ? OfKind<S, K extends readonly (infer E)[] ? E : K>
          : Untyped;

type OfKind<S, K> = K extends 'string'
  ? string
  : K extends 'integer' | 'number'
    ? number
    : K extends 'boolean'
      ? boolean
      : K extends 'null'
        ? null
        : K extends 'array'
          ? readonly (S extends { readonly items: infer E } ? Accepted<E> : Untyped)[]
          : K extends 'object'
            ? ObjectOf<S>
            : Untyped;

type ObjectOf<S> = S extends { readonly properties: infer P }
  ? { readonly [K in keyof P & RequiredOf<S>]: Accepted<P[K]> } & { readonly [K in Exclude<keyof P, RequiredOf<S>>]?: Accepted<P[K]> }
  : Untyped;

type RequiredOf<S> = S extends { readonly required: readonly (infer R)[] } ? R : never;

/** Whether JSON is what it makes is for the compiler to say. */
export function jsonSchemaOf(schema: unknown): Json {
  const library = isObject(schema) ? (schema as Partial<LibrarySchema>)['~standard'] : undefined;
  if (library === undefined) {
    return schema as Schema;
  }
  if (typeof library.jsonSchema?.input !== 'function') {
    throw new TypeError('this schema gives no JSON Schema: use a library that does (zod 4.2 and later), or write JSON Schema');
  }
  const { $schema: _, ...keywords } = library.jsonSchema.input({ target: 'draft-2020-12' });
  return keywords as JsonObject;
}

/** The inputs of a flow, one schema for each, from a schema of an object or from what YAML has. */
export function inputsOf(input: unknown): JsonObject {
  if (!isObject(input) || !('~standard' in input)) {
    return Object.fromEntries(Object.entries(input as object).map(([name, schema]) => [name, jsonSchemaOf(schema)]));
  }
  const schema = jsonSchemaOf(input);
  const { properties, required } = isObject(schema) ? schema : {};
  if (!isObject(properties)) {
    throw new TypeError("a flow's input is an object: its schema must have properties");
  }
  for (const [name, property] of Object.entries(properties)) {
    const given = (Array.isArray(required) && required.includes(name)) || (isObject(property) && 'default' in property);
    if (!given) {
      throw new TypeError(`the input '${name}' may be left out and has no default: give it one, such as .default(null)`);
    }
  }
  return properties;
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
