/** A value that a schema lets through, for handlers that nobody scripted: always the same one, and as small as can be. */

import type { Json, JsonObject, Schema } from '@scriptorium/core';

/** Deeper than this a schema refers to itself. */
const MAX_DEPTH = 12;

/** Throws where the schema gives no hint that is sure, such as a `pattern`; `examples` and `default` always are one. */
export function exampleOf(schema: Schema): Json {
  return build(schema, typeof schema === 'object' ? schema : {}, 0);
}

function build(schema: Json, root: JsonObject, depth: number): Json {
  if (depth > MAX_DEPTH) throw new Error('the schema has no end: give it `examples`');
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return null;
  const one = schema as JsonObject;
  const { examples, enum: values, $ref, anyOf, oneOf, allOf } = one;
  if (Array.isArray(examples) && examples.length > 0) return examples[0] as Json;
  if (one['default'] !== undefined) return one['default'];
  if (one['const'] !== undefined) return one['const'];
  if (Array.isArray(values)) return values[0] as Json;
  if (typeof $ref === 'string') return build(resolve(root, $ref), root, depth + 1);
  const [branch] = [anyOf, oneOf].find((list) => Array.isArray(list)) ?? [];
  if (branch !== undefined) return build(branch, root, depth + 1);
  if (Array.isArray(allOf)) return Object.assign({}, ...allOf.map((part: Json) => build(part, root, depth + 1))) as Json;
  const type = Array.isArray(one['type']) ? (one['type'] as readonly string[])[0] : one['type'];
  return ofType(typeof type === 'string' ? type : one['properties'] === undefined ? 'null' : 'object', one, root, depth);
}

function ofType(type: string, schema: JsonObject, root: JsonObject, depth: number): Json {
  switch (type) {
    case 'object': {
      const properties = (schema['properties'] ?? {}) as JsonObject;
      const required = (schema['required'] ?? []) as readonly string[];
      return Object.fromEntries(required.map((name) => [name, build(properties[name] ?? true, root, depth + 1)]));
    }
    case 'array':
      return Array.from({ length: numberAt(schema, 'minItems') ?? 0 }, () => build(schema['items'] ?? true, root, depth + 1));
    case 'string': {
      if (schema['pattern'] !== undefined || schema['format'] !== undefined)
        throw new Error('a text with a `pattern` or `format` needs `examples` in its schema');
      return 'example'.padEnd(numberAt(schema, 'minLength') ?? 0, '.').slice(0, numberAt(schema, 'maxLength'));
    }
    case 'integer':
    case 'number': {
      const above = numberAt(schema, 'exclusiveMinimum');
      return numberAt(schema, 'minimum') ?? (above === undefined ? Math.min(0, numberAt(schema, 'maximum') ?? 0) : above + 1);
    }
    case 'boolean':
      return false;
    default:
      return null;
  }
}

function numberAt(schema: JsonObject, key: string): number | undefined {
  const value = schema[key];
  return typeof value === 'number' ? value : undefined;
}

function resolve(root: JsonObject, reference: string): Json {
  return reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')
    .reduce<Json>((at, part) => (at as JsonObject)[part.replaceAll('~1', '/').replaceAll('~0', '~')] ?? true, root);
}
