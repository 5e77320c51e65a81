/** Examples of contracts fit them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from '@scriptorium/core';
import { createContracts } from '@scriptorium/flow';
import { exampleOf } from '../src/index.ts';

const schemas: readonly Schema[] = [
  true,
  { type: 'string', minLength: 12 },
  { type: 'string', maxLength: 3 },
  { type: 'string', pattern: '^a+$', examples: ['aa'] },
  { type: 'integer', minimum: 4 },
  { type: 'number', exclusiveMinimum: 0.5 },
  { type: 'number', maximum: -2 },
  { enum: ['publish', 'hold'] },
  { const: { a: 1 } },
  { type: ['string', 'null'] },
  { type: 'array', minItems: 2, items: { type: 'boolean' } },
  { anyOf: [{ type: 'null' }, { type: 'string' }] },
  {
    type: 'object',
    required: ['kind', 'part'],
    properties: { kind: { enum: ['x'] }, part: { $ref: '#/$defs/Part' }, rest: { type: 'string', pattern: '^z' } },
    additionalProperties: false,
    $defs: { Part: { type: 'object', required: ['n'], properties: { n: { type: 'integer', minimum: 1 } } } },
  },
];

for (const schema of schemas) {
  test(`an example of ${JSON.stringify(schema)} fits`, () => {
    assert.deepEqual(createContracts().compile(schema)(exampleOf(schema)), []);
  });
}

test('where no example is sure there is none', () => {
  assert.throws(() => exampleOf({ type: 'string', pattern: '^a+$' }), /needs `examples`/);
  assert.throws(() => exampleOf({ $ref: '#' }), /has no end/);
});
