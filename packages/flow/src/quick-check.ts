/**
 * A check that is quick to say yes: every attempt of every step has its input and its output checked, and nearly all of
 * them fit. What it cannot decide, it leaves to the full check, which also says what is wrong.
 *
 * It never says yes to what the full check would refuse; to any keyword that it does not know it says no.
 */

import type { Json, Schema } from '@scriptorium/core';

type Fits = (value: unknown) => boolean;
type Keywords = { readonly [keyword: string]: Json };

/** True for a value that certainly fits the schema; false says nothing. */
export function quickCheck(schema: Schema): Fits {
  if (typeof schema === 'boolean') return () => schema;
  const parts = Object.keys(schema).map((keyword) => partOf(keyword, schema));
  const checks = parts.filter((part) => part !== anything);
  if (checks.length === 0) return anything;
  const [only] = checks;
  return checks.length === 1 && only !== undefined ? only : (value) => checks.every((fits) => fits(value));
}

const anything: Fits = () => true;
const unknown: Fits = () => false;

/** Names that every object answers to, whether or not it has them. */
const inherited = new Set(Object.getOwnPropertyNames(Object.prototype));

function partOf(keyword: string, schema: Keywords): Fits {
  const given = schema[keyword];
  switch (keyword) {
    case 'title':
    case 'description':
    case 'default':
    case 'examples':
      return anything;
    case 'type':
      return typeCheck(given);
    case 'const':
      return isScalar(given) ? (value) => value === given : unknown;
    case 'enum':
      return Array.isArray(given) && given.every(isScalar) ? (value) => (given as readonly unknown[]).includes(value) : unknown;
    case 'properties':
      return propertiesCheck(given);
    case 'required':
      return requiredCheck(given);
    case 'additionalProperties':
      return closedCheck(schema);
    case 'items':
      return itemsCheck(given);
    case 'minItems':
      return bound(given, (value, least) => !Array.isArray(value) || value.length >= least);
    case 'maxItems':
      return bound(given, (value, most) => !Array.isArray(value) || value.length <= most);
    case 'minLength':
      // Of characters that people see there are at most so many as there are units, and one where there is any.
      return bound(given, (value, least) => typeof value !== 'string' || (least <= 1 && value.length >= least));
    case 'maxLength':
      return bound(given, (value, most) => typeof value !== 'string' || value.length <= most);
    case 'minimum':
      return bound(given, (value, least) => typeof value !== 'number' || value >= least);
    case 'maximum':
      return bound(given, (value, most) => typeof value !== 'number' || value <= most);
    default:
      return unknown;
  }
}

const types: { readonly [type: string]: Fits } = {
  null: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  integer: (value) => Number.isInteger(value),
  array: (value) => Array.isArray(value),
  object: isObject,
};

function typeCheck(given: Json | undefined): Fits {
  const names = Array.isArray(given) ? given : [given];
  const checks = names.map((name) => types[String(name)] ?? unknown);
  const [only] = checks;
  return checks.length === 1 && only !== undefined ? only : (value) => checks.some((fits) => fits(value));
}

function propertiesCheck(given: Json | undefined): Fits {
  if (!isObject(given)) return unknown;
  const named = Object.entries(given).map(([name, schema]) => [name, quickCheck(schema as Schema)] as const);
  if (named.some(([name]) => inherited.has(name))) return unknown;
  return (value) => !isObject(value) || named.every(([name, fits]) => !Object.hasOwn(value, name) || fits(value[name]));
}

function requiredCheck(given: Json | undefined): Fits {
  if (!Array.isArray(given)) return unknown;
  return (value) => !isObject(value) || given.every((name) => Object.hasOwn(value, String(name)));
}

function closedCheck(schema: Keywords): Fits {
  if (schema['additionalProperties'] === true) return anything;
  if (schema['additionalProperties'] !== false || 'patternProperties' in schema) return unknown;
  const names = new Set(isObject(schema['properties']) ? Object.keys(schema['properties']) : []);
  return (value) => !isObject(value) || Object.keys(value).every((name) => names.has(name));
}

function itemsCheck(given: Json | undefined): Fits {
  if (typeof given !== 'boolean' && !isObject(given)) return unknown;
  const fits = quickCheck(given);
  return (value) => !Array.isArray(value) || value.every(fits);
}

function bound(given: Json | undefined, holds: (value: unknown, limit: number) => boolean): Fits {
  return typeof given === 'number' ? (value) => holds(value, given) : unknown;
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number';
}

function isObject(value: unknown): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
