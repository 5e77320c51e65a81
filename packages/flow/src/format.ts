/** Formats a definition as its authors wrote it: order of keys, indentation and quotes, with every comment kept. */

import { isMap, isPair, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Document, Pair, Scalar, YAMLMap } from 'yaml';
import type { Json, JsonObject } from '@scriptorium/core';
import { innerRoles, keyOrder } from './reading/key-order.ts';
import type { Inner, Role } from './reading/key-order.ts';
import { printDocument } from './print.ts';

/**
 * YAML, or JSON where `source` is JSON. Formatting twice changes nothing, and the hash stays. Throws a SyntaxError for
 * text that is neither.
 */
export function formatFlow(source: string): string {
  const document = parseDocument(source, { uniqueKeys: true, version: '1.2', schema: 'core', merge: false });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new SyntaxError(error.message);
  }
  if (source.trimStart().startsWith('{')) {
    return `${JSON.stringify(sortedJson(document.toJS() as Json, 'flow'), null, 2)}\n`;
  }
  sortKeys(document.contents, 'flow');
  setQuotes(document);
  return printDocument(document);
}

function sortKeys(node: unknown, role: Role): void {
  if (isSeq(node)) {
    for (const item of node.items) {
      sortKeys(item, role);
      liftComment(item);
    }
  }
  if (!isMap(node)) {
    return;
  }
  const pairs = node.items;
  const [first] = pairs;
  lowerComment(node);
  node.items = sorted(pairs, keyOf, role);
  const [top] = node.items;
  if (role === 'flow') {
    keepHead(first, top);
  }
  if (isScalar(top?.key)) {
    top.key.spaceBefore = false;
  }
  for (const { key, value } of node.items) {
    const inner = innerOf(role, isScalar(key) ? String(key.value) : '');
    if (inner !== undefined && 'role' in inner) {
      sortKeys(value, inner.role);
    } else if (inner !== undefined && isMap(value)) {
      for (const pair of value.items) {
        sortKeys(pair.value, inner.each);
      }
    }
  }
}

/** A comment above the first key is about that key, and moves with it. */
function lowerComment(map: YAMLMap): void {
  const key = map.items[0]?.key;
  if (isScalar(key) && map.commentBefore && map.flow !== true) {
    key.commentBefore = [map.commentBefore, key.commentBefore].filter(Boolean).join('\n');
    map.commentBefore = null;
  }
}

/** In a list it stands above the dash. */
function liftComment(item: unknown): void {
  const key = isMap(item) && item.flow !== true ? item.items[0]?.key : undefined;
  if (isMap(item) && isScalar(key) && key.commentBefore) {
    item.commentBefore = key.commentBefore;
    key.commentBefore = null;
  }
}

/** What stands at the top of the file is about the file. */
function keepHead(first: Pair | undefined, top: Pair | undefined): void {
  const [from, to] = [first?.key, top?.key];
  if (from !== to && isScalar(from) && isScalar(to) && from.commentBefore) {
    to.commentBefore = [from.commentBefore, to.commentBefore].filter(Boolean).join('\n');
    from.commentBefore = null;
  }
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}

function innerOf(role: Role, key: string): Inner | undefined {
  return Object.hasOwn(innerRoles[role] ?? {}, key) ? innerRoles[role]?.[key] : undefined;
}

function sorted<T>(entries: readonly T[], keyOf: (entry: T) => string, role: Role): T[] {
  const order = keyOrder[role];
  const rankOf = (entry: T): number => {
    const rank = order.indexOf(keyOf(entry));
    return rank < 0 ? order.length : rank;
  };
  return entries.toSorted((a, b) => rankOf(a) - rankOf(b));
}

function sortedJson(value: Json, role: Role): Json {
  if (Array.isArray(value)) {
    return value.map((item: Json) => sortedJson(item, role));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = sorted(Object.entries(value), ([key]) => key, role);
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortedInner(inner, innerOf(role, key))]));
}

function sortedInner(value: Json, inner: Inner | undefined): Json {
  if (inner === undefined || typeof value !== 'object' || value === null) {
    return value;
  }
  return 'role' in inner
    ? sortedJson(value, inner.role)
    : Object.fromEntries(Object.entries(value as JsonObject).map(([name, each]) => [name, sortedJson(each, inner.each)]));
}

/** Double quotes, but for text that would need escapes in them. What has no quotes needs none; the version always has. */
function setQuotes(document: Document): void {
  visit(document, {
    Scalar(at, node, path) {
      if (node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE') {
        node.type = quotesOf(node);
      } else if (typeof node.value === 'string' && node.type === 'PLAIN' && at === 'value' && isVersion(path)) {
        node.type = 'QUOTE_DOUBLE';
      }
    },
  });
}

function quotesOf({ value }: Scalar): 'QUOTE_SINGLE' | 'QUOTE_DOUBLE' {
  const text = String(value);
  return /["\\]/.test(text) && /^[\x20-\x7e\u00a0-\ud7ff\ue000-\uffef]*$/.test(text) ? 'QUOTE_SINGLE' : 'QUOTE_DOUBLE';
}

/** Whether a value stands under the `version` of the whole. */
function isVersion(path: readonly unknown[]): boolean {
  const pair = path.at(-1);
  return path.length === 3 && isPair(pair) && keyOf(pair) === 'version';
}
