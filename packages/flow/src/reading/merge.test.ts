import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '@scriptorium/core';
import fc from 'fast-check';
import { mergeLike, mergePatch } from './merge.ts';
import { toJson } from './piece.ts';
import type { Entry, Piece } from './piece.ts';

const span = { from: 0, to: 0 };
const key = fc.constantFrom('a', 'b', 'c', 'd');
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.constantFrom('x', 'y'),
    fc.array(tie('json'), { maxLength: 2 }),
    fc.dictionary(key, tie('json'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const object: fc.Arbitrary<Json> = fc.dictionary(key, json, { maxKeys: 4, noNullPrototype: true });

function pieceOf(value: Json): Piece {
  if (Array.isArray(value)) {
    return { type: 'list', span, items: value.map(pieceOf) };
  }
  if (typeof value === 'object' && value !== null) {
    return {
      type: 'map',
      span,
      entries: new Map(
        Object.entries(value).map(([name, inner]): [string, Entry] => [name, { key: name, keySpan: span, value: pieceOf(inner) }]),
      ),
    };
  }
  return { type: 'scalar', span, value: value as string, style: 'plain', written: '' };
}

/** The pseudocode of RFC 7396, section 2. */
function rfc7396(target: Json | undefined, patch: Json): Json {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    return patch;
  }
  const result: Record<string, Json> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...(target as Record<string, Json>) } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) {
      delete result[name];
    } else {
      result[name] = rfc7396(result[name], value);
    }
  }
  return result;
}

const patched = (target: Json, patch: Json): Json => toJson(mergePatch(pieceOf(target), pieceOf(patch)));
const liked = (base: Json, over: Json): Json => toJson(mergeLike(pieceOf(base), pieceOf(over)));

test('a merge patch is what RFC 7396 says', () => {
  fc.assert(fc.property(json, json, (target, patch) => assert.deepEqual(patched(target, patch), rfc7396(target, patch))));
});

test('a merge patch applied twice changes nothing more', () => {
  fc.assert(fc.property(json, json, (target, patch) => assert.deepEqual(patched(patched(target, patch), patch), patched(target, patch))));
});

test('an empty patch of an object changes nothing', () => {
  fc.assert(fc.property(object, (target) => assert.deepEqual(patched(target, {}), target)));
});

test('`like` applied twice changes nothing more, and nothing merged with nothing is nothing', () => {
  fc.assert(fc.property(object, object, (base, over) => assert.deepEqual(liked(liked(base, over), over), liked(base, over))));
  fc.assert(fc.property(object, (each) => assert.deepEqual([liked(each, {}), liked({}, each), liked(each, each)], [each, each, each])));
});

test('`like` keeps null and replaces lists', () => {
  assert.deepEqual(liked({ a: { x: 1, y: 2 }, b: [1, 2] }, { a: { y: null }, b: [3] }), { a: { x: 1, y: null }, b: [3] });
});

test('merged pieces keep the place where they were written', () => {
  const at = (from: number, value: string): Piece => ({
    type: 'map',
    span: { from, to: from + 1 },
    entries: new Map([
      [
        value,
        {
          key: value,
          keySpan: { from, to: from + 1 },
          value: { type: 'scalar', span: { from: from + 5, to: from + 6 }, value, style: 'plain', written: value },
        },
      ],
    ]),
  });
  const merged = mergeLike(at(10, 'a'), at(90, 'b'));
  assert.ok(merged.type === 'map');
  assert.deepEqual(
    [...merged.entries.values()].map(({ keySpan, value }) => [keySpan.from, value.span.from]),
    [
      [10, 15],
      [90, 95],
    ],
  );
});
