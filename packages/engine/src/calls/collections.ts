/**
 * Collections in a handler's input. A contract asks for one with the keyword `collection`; there the handler gets an
 * async iterable that reads page by page, wherever the elements come from. Everywhere else a collection becomes a plain
 * list, up to the size that expressions may handle.
 */

import { Collection, StepError } from '@scriptorium/core';
import type { ItemCollection, Json, Schema, Value } from '@scriptorium/core';
import type { Contracts } from './contracts.ts';

/** Reads the elements of one collection; every call begins anew. */
export type Pages = () => Iterable<readonly Json[]> | AsyncIterable<readonly Json[]>;

/** A collection that a handler's input holds at `path`. */
export interface InputCollection {
  readonly path: readonly (string | number)[];
  readonly size: number;
  readonly pages: Pages;
}

export interface ResolvedInput {
  /** A copy that shares nothing with the engine's state; null at the places of collections. */
  readonly input: Json;
  readonly collections: readonly InputCollection[];
}

/** Elements in a page when a plain list is handed over as a collection. */
const LIST_PAGE = 1_000;

/** Splits an input into JSON and the collections that `schema` asks for. `read` gives the pages of a stored collection. */
export function resolveInput(
  schema: Schema,
  value: Value,
  read: (collection: Collection) => ReturnType<Pages>,
  contracts: Contracts,
): ResolvedInput {
  const collections: InputCollection[] = [];
  const walk = (node: Value, at: readonly Schema[], path: readonly (string | number)[]): Json => {
    if (at.length === 0) return listed(node);
    const element = elementSchema(at);
    if (element !== undefined && (node instanceof Collection || Array.isArray(node))) {
      const size = node instanceof Collection ? node.size : node.length;
      const pages: Pages = node instanceof Collection ? () => read(node) : () => listPages(node as readonly Json[]);
      collections.push({ path, size, pages: checkedPages(pages, element, contracts, path) });
      return null;
    }
    if (node instanceof Collection) return node.items();
    if (Array.isArray(node)) return node.map((child: Value, index) => walk(child, step(schema, at, index), [...path, index]));
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, walk(child, step(schema, at, key), [...path, key])]));
  };
  const input = walk(value, expand(schema, schema), []);
  return { input, collections };
}

/** A copy in which every collection is a plain list. */
function listed(node: Value): Json {
  if (node instanceof Collection) return node.items();
  if (Array.isArray(node)) return node.map(listed);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, listed(child)]));
}

/** Puts the collections into the input as what a handler sees. */
export function reviveInput(input: Json, collections: readonly InputCollection[]): unknown {
  let revived: unknown = input;
  for (const { path, size, pages } of collections) revived = placed(revived, path, itemCollection(size, pages));
  return revived;
}

function itemCollection(size: number, pages: Pages): ItemCollection {
  return {
    size,
    [Symbol.asyncIterator]: async function* () {
      for await (const page of pages()) yield* page;
    },
  };
}

function placed(value: unknown, path: readonly (string | number)[], leaf: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return leaf;
  const parent = value as Record<string | number, unknown>;
  parent[first] = placed(parent[first], rest, leaf);
  return parent;
}

function* listPages(list: readonly Json[]): Generator<readonly Json[]> {
  for (let start = 0; start < list.length; start += LIST_PAGE) yield list.slice(start, start + LIST_PAGE);
}

function checkedPages(pages: Pages, element: Schema, contracts: Contracts, path: readonly (string | number)[]): Pages {
  const check = contracts.compile(element);
  return async function* () {
    let index = 0;
    for await (const page of pages()) {
      for (const item of page) {
        const [problem] = check(item);
        if (problem !== undefined)
          throw new StepError(
            'contract.input',
            `element ${index} of the collection at /${path.join('/')} breaks its contract at ${problem.path || '/'}: ${problem.message}`,
          );
        index += 1;
      }
      yield page;
    }
  };
}

type Keywords = Readonly<Record<string, Json>>;

function elementSchema(at: readonly Schema[]): Schema | undefined {
  for (const schema of at) {
    if (typeof schema === 'object' && schema['collection'] !== undefined) return schema['collection'] as Schema;
  }
  return undefined;
}

/** The schemas that speak about the child `key` of a place that `at` speak about. */
function step(root: Schema, at: readonly Schema[], key: string | number): readonly Schema[] {
  return at.flatMap((schema) => {
    if (typeof schema === 'boolean') return [];
    const { properties, items, prefixItems, additionalProperties } = schema as Keywords;
    const child =
      typeof key === 'number'
        ? ((prefixItems as Schema[] | undefined)?.[key] ?? items)
        : ((properties as Keywords | undefined)?.[key] ?? additionalProperties);
    return child === undefined ? [] : expand(root, child as Schema);
  });
}

/** Local references in a chain that lead nowhere new. */
const MAX_REFERENCES = 32;

/** A schema with those it refers to or is composed of. */
function expand(root: Schema, schema: Schema, depth = 0): readonly Schema[] {
  if (typeof schema === 'boolean' || depth > MAX_REFERENCES) return [];
  const { $ref, allOf, anyOf, oneOf } = schema as Keywords;
  const inner = [
    ...((allOf as Schema[] | undefined) ?? []),
    ...((anyOf as Schema[] | undefined) ?? []),
    ...((oneOf as Schema[] | undefined) ?? []),
  ];
  const target = typeof $ref === 'string' ? referred(root, $ref) : undefined;
  return [schema, ...(target === undefined ? inner : [...inner, target]).flatMap((one) => expand(root, one, depth + 1))];
}

function referred(root: Schema, reference: string): Schema | undefined {
  if (!reference.startsWith('#/')) return undefined;
  let at: Json | undefined = root;
  for (const segment of reference.slice(2).split('/')) {
    at = typeof at === 'object' && at !== null ? (at as Keywords)[segment.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  }
  return typeof at === 'object' || typeof at === 'boolean' ? (at as Schema) : undefined;
}
