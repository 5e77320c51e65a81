/** The values that a run is started with: from text to JSON, defaults, and the check against the flow's contract. */

import { closest } from '@scriptorium/core';
import type { Flow, Json, JsonObject, Schema } from '@scriptorium/core';
import { isObject } from './checking/checking.ts';
import { createContracts } from './contracts.ts';

export interface InputIssue {
  /** The input's name, then the way into it: `books.0.id`; empty for the whole. */
  readonly path: string;
  readonly message: string;
  readonly suggestion?: string;
}

export type InputResult = { readonly value: JsonObject } | { readonly issues: readonly InputIssue[] };

/** Checks `values` against the flow's input contract, with the defaults of what is absent. */
export function validateInput(flow: Pick<Flow, 'input'>, values: JsonObject): InputResult {
  const properties = propertiesOf(flow.input);
  const unknown = Object.keys(values).filter((name) => !Object.hasOwn(properties, name));
  const missing = requiredOf(flow.input).filter((name) => !Object.hasOwn(values, name));
  const meant = new Map(
    unknown.map((name) => [
      name,
      closest(
        name,
        Object.keys(properties).filter((each) => !Object.hasOwn(values, each)),
      ),
    ]),
  );
  const issues: InputIssue[] = [
    ...unknown.map((name) => unknownInput(name, meant.get(name) ?? null, Object.keys(properties))),
    ...missing
      .filter((name) => ![...meant.values()].includes(name))
      .map((name): InputIssue => ({ path: name, message: `the input '${name}' is missing${describe(properties[name])}` })),
  ];
  if (issues.length > 0) {
    return { issues };
  }
  const given = Object.entries(properties).flatMap(([name, schema]): [string, Json][] => {
    const fallback = isObject(schema) ? schema['default'] : undefined;
    return Object.hasOwn(values, name) ? [[name, values[name] ?? null]] : fallback === undefined ? [] : [[name, fallback]];
  });
  const value: JsonObject = Object.fromEntries(given);
  const broken = createContracts().compile(flow.input)(value);
  return broken.length === 0
    ? { value }
    : { issues: broken.map(({ path, message }) => ({ path: path.split('/').slice(1).join('.'), message })) };
}

/**
 * Text from a command line as the JSON that the input's schema asks for: numbers, booleans, null, and lists and objects
 * written as JSON. What cannot be read so stays text, for the contract to refuse with its own message.
 */
export function coerceInput(flow: Pick<Flow, 'input'>, values: { readonly [name: string]: string }): JsonObject {
  const properties = propertiesOf(flow.input);
  return Object.fromEntries(
    Object.entries(values).map(([name, text]) => [name, coerce(text, kindsOf(properties[name] ?? true, flow.input))]),
  );
}

function coerce(text: string, kinds: ReadonlySet<string>): Json {
  const any = kinds.size === 0;
  if ((text === 'true' || text === 'false') && (any || kinds.has('boolean'))) {
    return text === 'true';
  }
  if (/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) && (any || kinds.has('number') || kinds.has('integer'))) {
    return Number(text);
  }
  if ((text === 'null' || text === '') && kinds.has('null') && (text === 'null' || !kinds.has('string'))) {
    return null;
  }
  const structured = (text.startsWith('[') && kinds.has('array')) || (text.startsWith('{') && kinds.has('object'));
  return structured ? parsed(text) : text;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** JSON Schema types that the schema allows; none when it allows all. */
function kindsOf(schema: Json, root: Schema, depth = 0): ReadonlySet<string> {
  if (!isObject(schema) || depth > 8) {
    return new Set();
  }
  const literals = [
    ...(Array.isArray(schema['enum']) ? (schema['enum'] as readonly Json[]) : []),
    ...('const' in schema ? [schema['const'] ?? null] : []),
  ];
  const type = schema['type'];
  const own = typeof type === 'string' ? [type] : Array.isArray(type) ? (type as readonly Json[]).map(String) : literals.map(kindOf);
  const reference =
    typeof schema['$ref'] === 'string' && isObject(root) && isObject(root['$defs'])
      ? [root['$defs'][schema['$ref'].replace('#/$defs/', '')] ?? true]
      : [];
  const parts = [
    ...reference,
    ...['anyOf', 'oneOf', 'allOf'].flatMap((key) => (Array.isArray(schema[key]) ? (schema[key] as readonly Json[]) : [])),
  ];
  return new Set([...own, ...parts.flatMap((part) => [...kindsOf(part, root, depth + 1)])]);
}

function kindOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function unknownInput(name: string, suggestion: string | null, known: readonly string[]): InputIssue {
  const inputs = known.length === 0 ? 'the flow takes none' : `inputs: ${known.join(', ')}`;
  const message = `there is no input '${name}' (${inputs})`;
  return suggestion === null ? { path: name, message } : { path: name, message: `${message} — did you mean '${suggestion}'?`, suggestion };
}

function describe(schema: Json | undefined): string {
  const text = isObject(schema) ? (schema['description'] ?? schema['title'] ?? schema['type']) : undefined;
  return typeof text === 'string' ? ` (${text})` : '';
}

function propertiesOf(schema: Schema): JsonObject {
  return isObject(schema) && isObject(schema['properties']) ? schema['properties'] : {};
}

function requiredOf(schema: Schema): readonly string[] {
  return isObject(schema) && Array.isArray(schema['required']) ? (schema['required'] as readonly string[]) : [];
}
