/**
 * Schemas as services take them that hold their models to them letter by letter: every property required, no other ones,
 * few keywords. What may be left out may be null there, and is left out again afterwards; what the service cannot be told
 * is checked when the answer has come.
 *
 * Source: OpenAI, Structured model outputs, supported schemas (2025).
 */

import type { Json, JsonObject, Schema } from '@scriptorium/core';
import { createContracts } from '@scriptorium/flow';

export interface StrictSchema {
  readonly schema: JsonObject;
  /** The answer as the contract has it, without the nulls of what was left out. */
  readonly restored: (answer: Json) => Json;
}

const MAX_DEPTH = 10;
const MAX_PROPERTIES = 5_000;

/** Those that say the same there. */
const KEPT = ['description', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'pattern', 'minItems', 'maxItems'];
const FORMATS: ReadonlySet<unknown> = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid']);
/** What they do not have, and what cannot be said in other words. */
const BEYOND = ['allOf', 'not', 'if', 'patternProperties', 'prefixItems', 'dependentSchemas', 'dependentRequired', '$ref', 'propertyNames'];

/** Null for what cannot be said there: objects of any names, values of any kind, conditions. */
export function strictSchema(schema: Schema): StrictSchema | null {
  const count = { properties: 0 };
  const strict = isPlain(schema) && schema['type'] === 'object' ? convert(schema, 1, count) : null;
  if (strict === null || count.properties > MAX_PROPERTIES) return null;
  return { schema: strict, restored: (answer) => restore(schema, answer) };
}

function convert(schema: Json | undefined, depth: number, count: { properties: number }): JsonObject | null {
  if (!isPlain(schema) || depth > MAX_DEPTH || BEYOND.some((keyword) => keyword in schema)) return null;
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) {
    const all = choices.map((one: Json) => convert(one, depth, count));
    return all.includes(null) || 'properties' in schema ? null : { anyOf: all as JsonObject[], ...described(schema) };
  }
  const kept = Object.fromEntries(KEPT.flatMap((keyword) => (schema[keyword] === undefined ? [] : [[keyword, schema[keyword]]])));
  const values = 'const' in schema ? [schema['const']] : (schema['enum'] as readonly Json[] | undefined);
  if (values !== undefined) {
    const types = [...new Set(values.map(typeOf))];
    return types.some((type) => type === 'object' || type === 'array')
      ? null
      : { type: types.length === 1 ? (types[0] as string) : types, enum: values, ...described(schema) };
  }
  const { type } = schema;
  if (type === 'object') return convertObject(schema, depth, count);
  if (type === 'array') {
    const items = convert(schema['items'], depth + 1, count);
    return items === null ? null : { type, items, ...kept };
  }
  if (typeof type !== 'string' && !(Array.isArray(type) && !type.includes('object') && !type.includes('array'))) return null;
  return { type, ...kept, ...(FORMATS.has(schema['format']) ? { format: schema['format'] as Json } : {}) };
}

function convertObject(schema: JsonObject, depth: number, count: { properties: number }): JsonObject | null {
  const properties = Object.entries((schema['properties'] ?? {}) as JsonObject);
  const more = schema['additionalProperties'];
  // Of an object of any names nothing would be left.
  if ((more !== undefined && typeof more !== 'boolean') || (properties.length === 0 && more !== false)) return null;
  count.properties += properties.length;
  const required = new Set((schema['required'] ?? []) as readonly string[]);
  const converted = properties.map(([name, property]): [string, JsonObject | null] => {
    const strict = convert(property, depth + 1, count);
    return [name, strict === null || required.has(name) || acceptsNull(property) ? strict : { anyOf: [strict, { type: 'null' }] }];
  });
  if (converted.some(([, strict]) => strict === null)) return null;
  return {
    type: 'object',
    properties: Object.fromEntries(converted) as JsonObject,
    required: converted.map(([name]) => name),
    additionalProperties: false,
    ...described(schema),
  };
}

function restore(schema: Json | undefined, value: Json): Json {
  if (!isPlain(schema)) return value;
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) {
    const restored = choices.map((one: Json) => ({ one, value: restore(one, value) }));
    return restored.find(({ one, value }) => contracts.compile(one as Schema)(value).length === 0)?.value ?? value;
  }
  if (Array.isArray(value)) return value.map((element: Json) => restore(schema['items'], element));
  if (!isPlain(value)) return value;
  const properties = (schema['properties'] ?? {}) as JsonObject;
  const required = new Set((schema['required'] ?? []) as readonly string[]);
  const kept = Object.entries(value).filter(
    ([name, member]) => member !== null || required.has(name) || properties[name] === undefined || acceptsNull(properties[name]),
  );
  return Object.fromEntries(kept.map(([name, member]) => [name, restore(properties[name], member)]));
}

const contracts = createContracts();

function acceptsNull(schema: Json | undefined): boolean {
  return typeof schema === 'boolean' ? schema : contracts.compile(schema as Schema)(null).length === 0;
}

function described({ description }: JsonObject): JsonObject {
  return description === undefined ? {} : { description };
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return Array.isArray(value) ? 'array' : typeof value;
}

function isPlain(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
