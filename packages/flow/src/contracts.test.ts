import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContracts } from './contracts.ts';

const contracts = createContracts();

test('given a value that fits, there is nothing to tell', () => {
  const check = contracts.compile({
    type: 'object',
    required: ['n'],
    properties: { n: { type: 'integer', minimum: 1 } },
    additionalProperties: false,
  });
  assert.deepEqual(check({ n: 3 }), []);
});

test('given a value that does not fit, each issue has its path and its cause once', () => {
  const check = contracts.compile({
    type: 'object',
    required: ['n', 'kind'],
    properties: { n: { type: 'integer', minimum: 1 }, kind: { enum: ['a', 'b'] }, tags: { type: 'array', items: { type: 'string' } } },
    additionalProperties: false,
  });
  assert.deepEqual(
    check({ n: 0, kind: 'c', tags: ['x', 4], extra: 1 }).toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    [
      { path: '', message: 'must not have extra' },
      { path: '/kind', message: 'must be one of "a", "b"' },
      { path: '/n', message: 'must be >= 1' },
      { path: '/tags/1', message: 'must be string' },
    ],
  );
  assert.deepEqual(check({}), [{ path: '', message: 'must have n, kind' }]);
});

test('given alternatives, one issue says that none fits', () => {
  const issues = contracts.compile({ anyOf: [{ type: 'string' }, { type: 'null' }] })(5);
  assert.equal(issues.length, 1);
});

test('given references, they are followed, also to themselves', () => {
  const tree = contracts.compile({
    $ref: '#/$defs/Tree',
    $defs: {
      Tree: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/Tree' } } },
      },
    },
  });
  assert.deepEqual(tree({ name: 'a', children: [{ name: 'b', children: [] }] }), []);
  assert.deepEqual(tree({ name: 'a', children: [{ children: [] }] }), [{ path: '/children/0', message: 'must have name' }]);
});

test('given the keyword `collection`, anything is accepted', () => {
  const check = contracts.compile({
    type: 'object',
    required: ['done'],
    properties: { done: { collection: { type: 'string' } } },
    additionalProperties: false,
  });
  assert.deepEqual(check({ done: new Map() }), []);
  assert.deepEqual(check({ done: [1, 2] }), []);
});

test('given true or false, everything or nothing is accepted', () => {
  assert.deepEqual(contracts.compile(true)({ a: 1 }), []);
  assert.deepEqual(contracts.compile(false)(1), [{ path: '', message: 'must not be given' }]);
});

test('given the same schema object, it is compiled once', () => {
  const schema = { type: 'string' };
  assert.equal(contracts.compile(schema), contracts.compile(schema));
});

test('given a pattern, text that does not match is told, and other values are none of its business', () => {
  const check = contracts.compile({ type: ['string', 'integer'], pattern: '^[a-z]+$' });
  assert.deepEqual(check('abc'), []);
  assert.deepEqual(check(7), []);
  assert.deepEqual(check('ABC'), [{ path: '', message: 'must match ^[a-z]+$' }]);
});

test('given a pattern that backtracks elsewhere, a long text is judged at once', () => {
  assert.equal(contracts.compile({ type: 'string', pattern: '^(a+)+$' })(`${'a'.repeat(5_000)}b`).length, 1);
});

test('given a pattern that RE2 does not know, compiling throws', () => {
  assert.throws(() => contracts.compile({ type: 'string', pattern: '(' }), SyntaxError);
  assert.throws(() => contracts.compile({ type: 'string', pattern: '(?=a)b' }), SyntaxError);
});
