/** Which keywords of JSON Schema hold schemas, and walking through them. */

import type { Json } from '@scriptorium/core';

/** Keywords whose value is one schema. */
export const schemaKeywords: ReadonlySet<string> = new Set([
  'items',
  'additionalItems',
  'additionalProperties',
  'propertyNames',
  'contains',
  'not',
  'if',
  'then',
  'else',
  'collection',
  'unevaluatedProperties',
  'unevaluatedItems',
]);

/** Keywords whose value is a list of schemas. */
export const listKeywords: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);

/** Keywords whose value is a mapping from names to schemas. */
export const namedKeywords: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions']);

/** The schema with `change` applied to each keyword of it and of all schemas inside; undefined leaves a keyword as it is. */
export function rebuildSchema(
  schema: Json,
  change: (key: string, value: Json) => readonly [key: string, value: unknown] | undefined,
): unknown {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    return Array.isArray(schema) ? schema.map((each: Json) => rebuildSchema(each, change)) : schema;
  }
  const entries = Object.entries(schema as { readonly [key: string]: Json }).map(([key, value]): readonly [string, unknown] => {
    const changed = change(key, value);
    if (changed !== undefined) {
      return changed;
    }
    if (namedKeywords.has(key) && typeof value === 'object' && value !== null) {
      return [key, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, rebuildSchema(each, change)]))];
    }
    return [key, schemaKeywords.has(key) || listKeywords.has(key) ? rebuildSchema(value, change) : value];
  });
  return Object.fromEntries(entries);
}
