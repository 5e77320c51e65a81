/**
 * A document as JSON in UTF-8, put together piece by piece: as one text a book of 50 MB would take half a gigabyte on its
 * way to the disk, because one curly quotation mark makes two bytes of every character.
 */

import { utf8 } from '../utf8.ts';

/** What under these keys is long: lists of small things are written in batches, lists of large ones one by one. */
const large: ReadonlySet<string> = new Set(['structure', 'frontMatter', 'body', 'backMatter', 'sections', 'chapters', 'children']);
const long: ReadonlySet<string> = new Set(['blocks', 'removed', 'doubts', 'toc']);
const batch = 500;

/** Of plain data, whose keys without a value are left out. */
export function jsonBytes(document: object): Uint8Array {
  return utf8(piecesOf(document));
}

function* piecesOf(value: unknown): Generator<string> {
  if (Array.isArray(value)) {
    yield '[';
    for (const [index, element] of value.entries()) {
      if (index > 0) yield ',';
      yield* piecesOf(element);
    }
    yield ']';
  } else if (typeof value === 'object' && value !== null) {
    let separator = '{';
    for (const [key, own] of Object.entries(value)) {
      if (own === undefined) continue;
      yield `${separator}${JSON.stringify(key)}:`;
      separator = ',';
      if (large.has(key)) yield* piecesOf(own);
      else if (long.has(key) && Array.isArray(own)) yield* batchesOf(own);
      else yield JSON.stringify(own);
    }
    yield separator === '{' ? '{}' : '}';
  } else yield JSON.stringify(value);
}

function* batchesOf(list: readonly unknown[]): Generator<string> {
  yield '[';
  for (let from = 0; from < list.length; from += batch)
    yield `${from === 0 ? '' : ','}${JSON.stringify(list.slice(from, from + batch)).slice(1, -1)}`;
  yield ']';
}
