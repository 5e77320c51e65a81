/** JSON Schema 2020-12 to types and back. What a type cannot say is left to validation at run time. */

import type { Json, JsonObject, Schema } from '../json.ts';
import type { Field, ObjectType, Type } from './type.ts';
import { joinTypes, keepEqual, nullable, overlaps } from './join.ts';
import { any, bool, fieldsOf, int, listOf, literalType, membersOf, never, nullType, num, str } from './type.ts';

interface Reading {
  readonly root: Schema;
  readonly named: { readonly [name: string]: Schema };
  /** Types of the schemas that references led to, so that shared ones are read once; `any` while one is being read. */
  readonly known: Map<Json, Type>;
}

/**
 * The type of the values that a schema accepts. References are `#/…` into the schema, or names of `named`; recursive
 * ones end in `any`, as does what is not understood. A property is optional unless `required` names it: where defaults
 * are applied to the data first, require those properties too.
 */
export function typeOfSchema(schema: Schema, named: { readonly [name: string]: Schema } = {}): Type {
  return read(schema, { root: schema, named, known: new Map() });
}

/** The most parts that the schema of a type has; what comes after them accepts anything. Types share their parts, schemas do not. */
const MAX_PARTS = 10_000;

/** A schema that accepts the values of the type. */
export function schemaOfType(type: Type): Schema {
  return write(type, { parts: MAX_PARTS });
}

function write(type: Type, room: { parts: number }): Schema {
  room.parts -= 1;
  if (room.parts < 0) return true;
  switch (type.k) {
    case 'any':
      return true;
    case 'never':
      return false;
    case 'null':
      return { type: 'null' };
    case 'bool':
      return type.of === undefined ? { type: 'boolean' } : { const: type.of };
    case 'num':
      return type.of ? { enum: type.of } : { type: type.int === true ? 'integer' : 'number' };
    case 'str':
      return type.of ? { enum: type.of } : { type: 'string' };
    case 'list':
      return type.of.k === 'any' ? { type: 'array' } : { type: 'array', items: write(type.of, room) };
    case 'collection':
      return { collection: write(type.of, room) };
    case 'obj':
      return schemaOfObject(type, room);
    case 'union':
      return { anyOf: type.of.map((member) => write(member, room)) };
  }
}

function schemaOfObject(type: ObjectType, room: { parts: number }): Schema {
  const names = Object.keys(type.fields);
  const required = names.filter((name) => !type.fields[name]!.optional);
  const properties = Object.fromEntries(names.map((name) => [name, write(type.fields[name]!.type, room)]));
  return {
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    ...(names.length > 0 || type.rest === null ? { properties } : {}),
    ...(type.exact === true
      ? { additionalProperties: false }
      : type.rest && (type.rest.k !== 'any' || names.length > 0)
        ? { additionalProperties: write(type.rest, room) }
        : {}),
  };
}

function read(schema: Json | undefined, reading: Reading): Type {
  if (schema === false) return never;
  if (!isObject(schema)) return any;
  const parts: Type[] = [own(schema, reading)];
  if (typeof schema.$ref === 'string') parts.push(follow(schema.$ref, reading));
  if (Array.isArray(schema.allOf)) parts.push(...schema.allOf.map((part) => read(part, reading)));
  for (const choices of [schema.oneOf, schema.anyOf]) {
    if (Array.isArray(choices)) parts.push(joinTypes(...choices.map((choice) => read(choice, reading))));
  }
  const type = parts.reduce(intersect);
  return schema.nullable === true ? nullable(type) : type;
}

function follow(reference: string, reading: Reading): Type {
  const named = Object.hasOwn(reading.named, reference) ? reading.named[reference]! : null;
  const target = named ?? (reference.startsWith('#') ? pointedAt(reading.root, reference) : true);
  const known = reading.known.get(target);
  if (known !== undefined || typeof target === 'boolean') return known ?? read(target, reading);
  reading.known.set(target, any);
  const type = read(target, named === null ? reading : { ...reading, root: named });
  reading.known.set(target, type);
  return type;
}

/** Where `#/a/b` leads, by the rules of JSON Pointer; `true` where that is nothing. */
function pointedAt(root: Schema, reference: string): Json {
  let target: Json | undefined = root;
  for (const step of reference.slice(1).split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    target = (isObject(target) || Array.isArray(target)) && Object.hasOwn(target, key) ? (target as JsonObject)[key] : true;
  }
  return target ?? true;
}

/** What the schema's own keywords say, without its references and combinations. */
function own(schema: JsonObject, reading: Reading): Type {
  if ('collection' in schema) return { k: 'collection', of: read(schema.collection, reading) };
  if ('const' in schema) return typeOfValue(schema.const);
  const kinds = typeof schema.type === 'string' ? [schema.type] : Array.isArray(schema.type) ? schema.type : kindsBy(schema);
  const type = kinds === null ? any : joinTypes(...kinds.map((kind) => kindOf(kind, schema, reading)));
  return Array.isArray(schema.enum) ? keepEqual(joinTypes(...schema.enum.map(typeOfValue)), type) : type;
}

/** A schema that names no type, but keywords of one, means that one. */
function kindsBy(schema: JsonObject): readonly string[] | null {
  if ('properties' in schema || 'required' in schema || 'additionalProperties' in schema) return ['object'];
  return 'items' in schema || 'prefixItems' in schema ? ['array'] : null;
}

function kindOf(kind: Json, schema: JsonObject, reading: Reading): Type {
  switch (kind) {
    case 'null':
      return nullType;
    case 'boolean':
      return bool;
    case 'integer':
      return int;
    case 'number':
      return num;
    case 'string':
      return str;
    case 'array': {
      const first = Array.isArray(schema.prefixItems) ? schema.prefixItems.map((item) => read(item, reading)) : [];
      return listOf(joinTypes(...first, read(schema.items, reading)));
    }
    case 'object':
      return objectOf(schema, reading);
    default:
      return any;
  }
}

function objectOf(schema: JsonObject, reading: Reading): Type {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = new Set(Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : []);
  const fields = Object.keys(properties).map((name): [string, Field] => [
    name,
    { type: read(properties[name], reading), optional: !required.has(name) },
  ]);
  for (const name of required) {
    if (!Object.hasOwn(properties, name)) fields.push([name, { type: any, optional: false }]);
  }
  const patterns = isObject(schema.patternProperties)
    ? Object.values(schema.patternProperties).map((pattern) => read(pattern, reading))
    : [];
  const extra = schema.additionalProperties;
  const closed = extra === false && patterns.length === 0;
  const open = extra === undefined ? fields.length === 0 && schema.properties === undefined && patterns.length === 0 : extra !== false;
  const rests = open ? [...patterns, read(extra, reading)] : patterns;
  return { k: 'obj', fields: fieldsOf(fields), rest: rests.length > 0 ? joinTypes(...rests) : null, ...(closed ? { exact: true } : {}) };
}

function typeOfValue(value: Json): Type {
  if (value === null || typeof value !== 'object') return literalType(value);
  if (Array.isArray(value)) return listOf(joinTypes(...value.map(typeOfValue)));
  const fields = Object.entries(value).map(([name, inner]): [string, Field] => [name, { type: typeOfValue(inner), optional: false }]);
  return { k: 'obj', fields: fieldsOf(fields), rest: null, exact: true };
}

/** Values of both. Objects are merged field by field; of lists the more telling one is taken. */
function intersect(a: Type, b: Type): Type {
  if (a.k === 'any') return b;
  if (b.k === 'any') return a;
  const pairs = membersOf(a).flatMap((left) => membersOf(b).map((right) => intersectMembers(left, right)));
  return joinTypes(...pairs);
}

function intersectMembers(a: Type, b: Type): Type {
  if (a.k === 'obj' && b.k === 'obj') return intersectObjects(a, b);
  if (a.k === 'list' && b.k === 'list') return listOf(intersect(a.of, b.of));
  if (a.k === 'collection' && b.k === 'collection') return { k: 'collection', of: intersect(a.of, b.of) };
  if (a.k === 'num' && b.k === 'num' && !a.of && !b.of) return a.int === true ? a : b;
  return overlaps(a, b) ? keepEqual(a, b) : never;
}

function intersectObjects(a: ObjectType, b: ObjectType): Type {
  const names = new Set([...Object.keys(a.fields), ...Object.keys(b.fields)]);
  const fields: [string, Field][] = [];
  for (const name of names) {
    const left = Object.hasOwn(a.fields, name) ? a.fields[name]! : null;
    const right = Object.hasOwn(b.fields, name) ? b.fields[name]! : null;
    const type = intersect(left?.type ?? a.rest ?? any, right?.type ?? b.rest ?? any);
    const optional = left?.optional !== false && right?.optional !== false;
    if (type.k === 'never' && !optional) return never;
    fields.push([name, { type, optional }]);
  }
  const rest = a.rest && b.rest ? intersect(a.rest, b.rest) : knownRest(a, b);
  return { k: 'obj', fields: fieldsOf(fields), rest, ...(a.exact === true || b.exact === true ? { exact: true } : {}) };
}

/** A side without any fields says nothing of the rest; a side with fields means that these are all. */
function knownRest(a: ObjectType, b: ObjectType): Type | null {
  const told = a.rest ?? b.rest;
  return told === null || told.k === 'any' ? null : told;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
