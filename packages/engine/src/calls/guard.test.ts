import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { guardJson, MAX_DEPTH } from './guard.ts';

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

const cyclic: unknown[] = [];
cyclic.push(cyclic);

const refused: readonly (readonly [string, unknown, string, RegExp])[] = [
  ['half of a surrogate pair', { a: ['\ud83d'] }, '/a/0', /surrogate/],
  ['a broken name', { '\udc00': 1 }, '', /surrogate/],
  ['NaN', [Number.NaN], '/0', /NaN is not/],
  ['infinity', { 'a/b': Infinity }, '/a~1b', /Infinity is not/],
  ['undefined', { a: undefined }, '/a', /undefined is not/],
  ['a hole', Array.from({ length: 1 }), '/0', /undefined is not/],
  ['a function', { a: () => 1 }, '/a', /a function is not/],
  ['a bigint', [1n], '/0', /a bigint is not/],
  ['a date', { at: new Date(0) }, '/at', /a Date is not/],
  ['a map', new Map(), '', /a Map is not/],
  ['a prototype', JSON.parse('{"__proto__": {"x": 1}}'), '/__proto__', /__proto__/],
  ['depth', nested(MAX_DEPTH + 1), '/a/0'.repeat(MAX_DEPTH / 2), /deeper than 64/],
  ['a cycle', cyclic, '/0'.repeat(MAX_DEPTH), /deeper than 64/],
];

for (const [name, value, path, message] of refused) {
  test(`refuses ${name} and says where`, () => {
    const problem = guardJson(value);
    assert.ok(problem);
    assert.match(problem.message, message);
    assert.equal(problem.path.length, path.length, problem.path);
  });
}

test('accepts depth up to the limit', () => {
  assert.equal(guardJson(nested(MAX_DEPTH)), null);
});

test('whatever is accepted comes back from JSON unchanged', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 10 }), (value) => {
      if (guardJson(value) !== null) return;
      const text = JSON.stringify(value);
      assert.equal(JSON.stringify(JSON.parse(text)), text);
      assert.equal(Buffer.from(text).toString('utf8'), text);
    }),
  );
});
