/** What editors are told of handlers: their names with what they do, and their inputs as `with` may write them. */

import type { Json, JsonObject, Schema } from '@scriptorium/core';
import { isObject } from './checking/checking.ts';

export interface DescribedHandler {
  readonly name: string;
  readonly version: string;
  readonly doc: string;
  readonly input: Schema;
}

export interface CallSchemas {
  /** For `uses`. */
  readonly uses: JsonObject;
  /** For a step that must be complete, unless it is `like` another. */
  readonly whole: readonly JsonObject[];
  /** For a part of a step, which may leave inputs out. */
  readonly partial: readonly JsonObject[];
  /** The inputs of all handlers by name, for `definitions`. */
  readonly inputs: JsonObject;
}

/** Without handlers anything may be called. */
export function callSchemas(handlers: readonly DescribedHandler[]): CallSchemas {
  const always = [{}];
  if (handlers.length === 0) return { uses: { type: 'string' }, whole: always, partial: always, inputs: {} };
  const names = handlers.map(({ name }) => escaped(name)).join('|');
  return {
    uses: {
      anyOf: [
        ...handlers.map(({ name, version, doc }) => ({ const: name, description: `${doc} (${version})` })),
        { type: 'string', pattern: `^(${names})@.+$` },
      ],
    },
    whole: handlers.map((handler) => callSchema(handler, true)),
    partial: handlers.map((handler) => callSchema(handler, false)),
    inputs: Object.fromEntries(handlers.map(({ name, input }) => [name, inputSchema(name, input)])),
  };
}

function callSchema({ name, input }: DescribedHandler, whole: boolean): JsonObject {
  const required = isObject(input) && Array.isArray(input['required']) ? (input['required'] as readonly Json[]) : [];
  const complete: JsonObject = {
    if: { not: { required: ['like'] } },
    then: { required: ['with'], properties: { with: { required } } },
  };
  return {
    if: { required: ['uses'], properties: { uses: { type: 'string', pattern: `^${escaped(name)}(@.*)?$` } } },
    then: { properties: { with: { $ref: pointer(name) } }, ...(whole && required.length > 0 ? complete : {}) },
  };
}

/** Whether all of it is there is said where it is used; a part of a step may be `like` one that has the rest. */
function inputSchema(name: string, input: Schema): Json {
  const converted = convert(input, name);
  if (typeof converted === 'boolean' || !isObject(converted)) return converted;
  const { required: _, ...rest } = converted;
  return rest;
}

/** Keywords that mean the same in draft 07, and say nothing of what an expression may yet give. */
const kept = new Set([
  ...['type', 'enum', 'const', 'title', 'description', 'default', 'examples', 'required', 'pattern'],
  ...['minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties', 'uniqueItems'],
]);

const template: JsonObject = { type: 'string', pattern: '\\$\\{', description: 'Text with ${ expressions }' };

/** Wherever a value stands in a definition, an expression may stand in its place. */
function orTemplate(schema: Json, name: string): Json {
  const converted = convert(schema as Schema, name);
  if (!isObject(converted)) return converted;
  if (Object.keys(converted).every((key) => key === 'description' || key === 'title' || key === 'default')) return converted;
  const { title, description, default: fallback, ...rest } = converted;
  if (rest['type'] === 'string' && Object.keys(rest).length === 1) return converted;
  const said = Object.entries({ title, description, default: fallback }).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return { ...Object.fromEntries(said), anyOf: [rest, template] };
}

/** From JSON Schema 2020-12 to draft 07. What a handler is to be given as a collection comes from an expression. */
function convert(schema: Schema, name: string): Json {
  if (!isObject(schema)) return schema;
  if ('collection' in schema) return {};
  const converted: Record<string, Json> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (kept.has(key)) converted[key] = value;
    else if (key === '$ref') converted['$ref'] = reference(value, name);
    else if (key === '$defs' || key === 'definitions') converted['definitions'] = each(value, name);
    else if (key === 'properties' || key === 'patternProperties') converted[key] = each(value, name);
    else if (key === 'additionalProperties') converted[key] = orTemplate(value, name);
    else if (key === 'items') converted['prefixItems' in schema ? 'additionalItems' : 'items'] = orTemplate(value, name);
    else if (key === 'prefixItems') converted['items'] = list(value).map((item) => orTemplate(item, name));
    else if (key === 'dependentRequired') converted['dependencies'] = value;
    // An expression fits several branches, so that exactly one cannot be asked for.
    else if (key === 'allOf' || key === 'anyOf') converted[key] = list(value).map((branch) => orTemplate(branch, name));
    else if (key === 'oneOf') converted['anyOf'] = list(value).map((branch) => orTemplate(branch, name));
  }
  return converted;
}

function each(value: Json, name: string): JsonObject {
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, schema]) => [key, orTemplate(schema, name)])) : {};
}

function list(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** References within an input lead to its place in the whole. */
function reference(to: Json, name: string): string {
  return typeof to === 'string' && to.startsWith('#') ? `${pointer(name)}${to.slice(1).replace(/^\/\$defs\//, '/definitions/')}` : '#';
}

function pointer(name: string): string {
  return `#/definitions/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function escaped(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
