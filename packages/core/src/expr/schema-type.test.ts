import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Schema } from '../json.ts';
import { schemaOfType, typeOfSchema } from './schema-type.ts';
import { showType } from './type-text.ts';

const thing: Schema = { type: 'object', required: ['id'], properties: { id: { type: 'string' }, n: { type: 'integer' } } };

describe('schemas and their types', () => {
  const cases: readonly (readonly [what: string, schema: Schema, type: string])[] = [
    ['true', true, 'any'],
    ['false', false, 'never'],
    ['no keywords', {}, 'any'],
    ['simple types', { type: ['null', 'boolean', 'integer', 'string'] }, 'bool|int|str|null'],
    ['integer and number', { type: ['integer', 'number'] }, 'num'],
    ['enum', { enum: ['a', 1, null, true] }, 'true|1|"a"|null'],
    ['enum narrowed by its type', { type: 'string', enum: ['a', 1] }, '"a"'],
    ['const', { const: 'a' }, '"a"'],
    ['a structured const', { const: { a: [1, 'x'] } }, '{a: list<1|"x">}'],
    ['list', { type: 'array', items: { type: 'string' } }, 'list<str>'],
    ['list of anything', { type: 'array' }, 'list<any>'],
    ['tuple', { type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'integer' } }, 'list<int|str>'],
    ['object', thing, '{id: str, n?: int}'],
    ['object without its type', { properties: { a: true } }, '{a?: any}'],
    ['any object', { type: 'object' }, 'obj'],
    ['empty object', { type: 'object', properties: {} }, '{}'],
    ['map', { type: 'object', additionalProperties: { type: 'integer' } }, '{*: int}'],
    ['map by pattern', { type: 'object', patternProperties: { '^x': { type: 'integer' } }, additionalProperties: false }, '{*: int}'],
    ['open object', { type: 'object', properties: { a: { type: 'null' } }, additionalProperties: true }, '{a?: null, *: any}'],
    ['required without a property', { type: 'object', required: ['a'], properties: {} }, '{a: any}'],
    ['nullable by a list', { type: ['object', 'null'], properties: { a: { type: 'string' } } }, '{a?: str}|null'],
    ['nullable as OpenAPI has it', { type: 'string', nullable: true }, 'str|null'],
    ['anyOf', { anyOf: [{ type: 'string' }, { type: 'null' }] }, 'str|null'],
    [
      'oneOf with tags',
      {
        oneOf: [
          { type: 'object', required: ['k'], properties: { k: { const: 'a' } } },
          { type: 'object', required: ['k'], properties: { k: { const: 'b' } } },
        ],
      },
      '{k: "a"}|{k: "b"}',
    ],
    [
      'oneOf beside properties',
      {
        type: 'object',
        properties: { id: { type: 'string' } },
        required: ['id'],
        oneOf: [{ properties: { a: { type: 'null' } } }, { properties: { b: { type: 'null' } } }],
      },
      '{id: str, a?: null}|{id: str, b?: null}',
    ],
    [
      'allOf',
      { allOf: [thing, { type: 'object', required: ['n', 'm'], properties: { m: { enum: ['x'] } } }] },
      '{id: str, n: int, m: "x"}',
    ],
    ['allOf of enums', { allOf: [{ enum: ['a', 'b'] }, { enum: ['b', 'c'] }] }, '"b"'],
    ['allOf that contradicts itself', { allOf: [{ type: 'string' }, { type: 'integer' }] }, 'never'],
    ['collection', { collection: thing }, 'collection<{id: str, n?: int}>'],
    ['unknown keywords', { type: 'string', format: 'uri', minLength: 3 }, 'str'],
    ['$ref into $defs', { $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'string' } } }, 'str'],
    ['$ref that leads nowhere', { $ref: '#/$defs/none' }, 'any'],
    ['$ref to a name that is not known', { $ref: 'Nobody' }, 'any'],
    ['$ref beside keywords', { $ref: '#/$defs/a', type: 'object', required: ['n'], $defs: { a: thing } }, '{n: int, id: str}'],
    [
      'a tree',
      {
        $ref: '#/$defs/node',
        $defs: {
          node: {
            type: 'object',
            required: ['name', 'children'],
            properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
          },
        },
      },
      '{name: str, children: list<any>}',
    ],
    [
      'a property named as one of Object.prototype',
      { type: 'object', required: ['constructor'], properties: { constructor: { type: 'string' } } },
      '{constructor: str}',
    ],
  ];
  for (const [what, schema, type] of cases) test(what, () => assert.equal(showType(typeOfSchema(schema)), type));
});

test('named schemas may refer to each other and to themselves', () => {
  const named: { [name: string]: Schema } = {
    Thing: thing,
    Pair: {
      type: 'object',
      required: ['left'],
      properties: { left: { $ref: 'Thing' }, right: { $ref: 'Pair' }, own: { $ref: '#/$defs/x' } },
      $defs: { x: { const: 1 } },
    },
  };
  assert.equal(showType(typeOfSchema({ $ref: 'Pair' }, named)), '{left: {id: str, n?: int}, right?: any, own?: 1}');
  assert.equal(showType(typeOfSchema({ type: 'array', items: { $ref: 'Thing' } }, named)), 'list<{id: str, n?: int}>');
});

test('a schema whose references fan out is read once for each', () => {
  const levels = Array.from({ length: 60 }, (_, level): [string, Schema] => [
    `l${level}`,
    { type: 'object', properties: { a: { $ref: `#/$defs/l${level + 1}` }, b: { $ref: `#/$defs/l${level + 1}` } } },
  ]);
  const type = typeOfSchema({ $ref: '#/$defs/l0', $defs: Object.fromEntries([...levels, ['l60', { type: 'string' }]]) });
  assert.equal(type.k, 'obj');
});

describe('types and their schemas', () => {
  const same: readonly Schema[] = [
    true,
    false,
    { type: 'string' },
    { type: 'integer' },
    { enum: ['a', 'b'] },
    { type: 'array', items: { type: 'number' } },
    { type: 'array' },
    thing,
    { type: 'object' },
    { type: 'object', properties: {} },
    { type: 'object', additionalProperties: { type: 'boolean' } },
    { type: 'object', properties: { a: { type: 'null' } }, additionalProperties: false },
    { collection: { type: 'string' } },
    { anyOf: [{ type: 'string' }, { type: 'null' }] },
  ];
  for (const schema of same) test(JSON.stringify(schema), () => assert.deepEqual(schemaOfType(typeOfSchema(schema)), schema));
});
