import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json, Schema } from '@scriptorium/core';
import { fullCheck } from './contracts.ts';
import { quickCheck } from './quick-check.ts';

const names = fc.constantFrom('a', 'b', 'n', 'constructor');
const scalar = fc.oneof(
  fc.constantFrom(null, true, false, 0, 1, -1, 2.5, '', 'a', 'ä', '👩‍👩‍👧', 'long enough'),
  fc.integer({ min: -9, max: 9 }),
);

const { value, schema } = fc.letrec<{ value: Json; schema: Schema }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, scalar, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(names, tie('value'), { maxKeys: 3 })),
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.boolean(),
    fc.record(
      {
        type: fc.oneof(
          fc.constantFrom('null', 'boolean', 'string', 'number', 'integer', 'array', 'object'),
          fc.uniqueArray(fc.constantFrom('null', 'string', 'integer', 'object'), { minLength: 1, maxLength: 3 }),
        ),
        const: scalar,
        enum: fc.array(scalar, { minLength: 1, maxLength: 3 }),
        properties: fc.dictionary(names, tie('schema'), { maxKeys: 3 }),
        required: fc.uniqueArray(names, { maxLength: 2 }),
        additionalProperties: fc.boolean(),
        items: tie('schema'),
        minItems: fc.integer({ min: 0, max: 2 }),
        maxItems: fc.integer({ min: 0, max: 2 }),
        minLength: fc.integer({ min: 0, max: 3 }),
        maxLength: fc.integer({ min: 0, max: 3 }),
        minimum: fc.integer({ min: -2, max: 2 }),
        maximum: fc.integer({ min: -2, max: 2 }),
        pattern: fc.constantFrom('^a'),
        description: fc.constant('annotated'),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Schema>,
  ),
}));

test('given any schema and any value, what it lets through fits by the full check', () => {
  let yes = 0;
  fc.assert(
    fc.property(schema, value, (wanted, given) => {
      if (!quickCheck(wanted)(given)) return;
      yes += 1;
      assert.deepEqual(fullCheck(wanted)(given), []);
    }),
    { numRuns: 5_000 },
  );
  assert.ok(yes > 200, `only ${yes} values fitted`);
});

test('given what handlers usually ask for, it knows that it fits', () => {
  const usual: Schema = {
    type: 'object',
    required: ['id', 'tags'],
    properties: {
      id: { type: 'string', minLength: 1 },
      tags: { type: 'array', items: { type: 'string' } },
      n: { type: ['integer', 'null'], minimum: 0 },
    },
    additionalProperties: false,
  };
  assert.equal(quickCheck(usual)({ id: 'x', tags: ['a'], n: 3 }), true);
  assert.equal(quickCheck(usual)({ id: 'x', tags: ['a'], n: -1 }), false);
  assert.equal(quickCheck(usual)({ id: 'x', tags: [], other: 1 }), false);
  assert.equal(quickCheck(usual)({ tags: [] }), false);
});
