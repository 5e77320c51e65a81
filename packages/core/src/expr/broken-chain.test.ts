import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkExpr } from './check.ts';
import { typeOfSchema } from './schema-type.ts';
import { showType } from './type-text.ts';

test('a chain that may break off has both outcomes, even where its last field is never null', () => {
  const owner = { type: 'object', properties: { p: { type: 'string' } }, required: ['p'], additionalProperties: false };
  const names = { a: typeOfSchema({ anyOf: [owner, { type: 'null' }] }), b: typeOfSchema(owner) };
  const typeOf = (source: string): string => showType(checkExpr(source, names).type);
  assert.equal(typeOf('a?.p != null ? 1 : "x"'), '1|"x"');
  assert.equal(typeOf('a?.p == null ? 1 : "x"'), '1|"x"');
  assert.equal(typeOf('a?.p != null ? a.p : "none"'), 'str');
  assert.deepEqual(checkExpr('a?.p != null ? a.p : "none"', names).issues, []);
});
