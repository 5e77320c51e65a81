import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Schema } from '../json.ts';
import { assignable } from './assignment.ts';
import { typeOfSchema } from './schema-type.ts';

const text: Schema = { type: 'string' };
const whole: Schema = { type: 'integer' };
const verdict: Schema = { enum: ['accept', 'revise'] };
const object = (
  properties: { readonly [name: string]: Schema },
  required: readonly string[] = Object.keys(properties),
  more: { readonly additionalProperties?: Schema } = {},
): Schema => ({ type: 'object', properties, required, ...more });
const list = (items: Schema): Schema => ({ type: 'array', items });

describe('what fits', () => {
  const cases: readonly (readonly [what: string, from: Schema, to: Schema])[] = [
    ['anything into a contract that takes anything', object({ a: text }), true],
    ['what is unknown into everything', true, text],
    ['a literal into its kind', { const: 'a' }, text],
    ['fewer literals into more', { const: 'accept' }, verdict],
    ['an integer into a number', whole, { type: 'number' }],
    ['whole literals into an integer', { enum: [1, 2] }, whole],
    ['a type into its nullable', text, { type: ['string', 'null'] }],
    ['null into a nullable', { type: 'null' }, { type: ['string', 'null'] }],
    ['more fields into fewer', object({ a: text, b: whole }), object({ a: text })],
    ['an absent field into an optional one', object({ a: text }), object({ a: text, b: whole }, ['a'])],
    ['an object into a map', object({ a: whole, b: whole }), { type: 'object', additionalProperties: whole }],
    ['an unknown object into fields', { type: 'object' }, object({ a: text })],
    [
      'a tagged object into the union',
      object({ k: { const: 'b' }, n: whole }),
      { oneOf: [object({ k: { const: 'a' } }), object({ k: { const: 'b' }, n: whole })] },
    ],
    ['an empty list into any list', list(false), list(text)],
    ['a collection into a collection', { collection: object({ a: text }) }, { collection: { type: 'object' } }],
  ];
  for (const [what, from, to] of cases) test(what, () => assert.equal(assignable(typeOfSchema(from), typeOfSchema(to)), null));
});

describe('what does not fit, where and why', () => {
  const cases: readonly (readonly [from: Schema, to: Schema, path: string, message: string])[] = [
    [whole, text, '', 'is int, needs str'],
    [{ type: 'number' }, whole, '', 'is num, needs int — use int(…) or round(…)'],
    [{ type: ['string', 'null'] }, text, '', 'may be null, needs str — give a default: (… ?? default)'],
    [{ const: 'revize' }, verdict, '', '"revize" is not one of "accept"|"revise" — did you mean "revise"?'],
    [text, verdict, '', 'is str, needs "accept"|"revise"'],
    [{ const: 3 }, { enum: [1, 2] }, '', '3 is not one of 1|2'],
    [{ type: 'boolean' }, { const: true }, '', 'is bool, needs true'],
    [list(text), { collection: text }, '', 'is list<str>, needs collection<str>'],
    [
      { collection: text },
      list(text),
      '',
      "is a collection, needs list<str> — take a part with .map(x, …), or let the handler's contract ask for a collection",
    ],
    [object({ a: text }), object({ a: whole }), 'a', 'is str, needs int'],
    [
      object({ a: object({ b: list(object({ c: text })) }) }),
      object({ a: object({ b: list(object({ c: whole })) }) }),
      'a.b[].c',
      'is str, needs int',
    ],
    [list(list(text)), list(list(whole)), '[][]', 'is str, needs int'],
    [object({ a: text }), object({ a: text, b: whole }), 'b', 'is missing (needs int)'],
    [object({ a: text }, []), object({ a: text }), 'a', 'may be missing, needs str — give a default: (… ?? default)'],
    [{ type: 'object', additionalProperties: text }, object({ a: text }), 'a', 'may be missing'],
    [object({ a: { type: ['string', 'null'] } }), object({ a: text }, []), 'a', 'may be null, needs str — give a default: (… ?? default)'],
    [
      object({ paht: text }),
      object({ path: text }, [], { additionalProperties: false }),
      'paht',
      "is not expected (fields: path) — did you mean 'path'?",
    ],
    [object({ a: text }), object({}, [], { additionalProperties: false }), 'a', 'is not expected (no fields are)'],
    [
      { type: 'object', additionalProperties: text },
      object({ a: text }, [], { additionalProperties: false }),
      '*',
      'may have keys that are not expected (fields: a)',
    ],
    [object({ a: text }), { type: 'object', additionalProperties: whole }, 'a', 'is str, needs int'],
    [{ type: 'object', additionalProperties: text }, { type: 'object', additionalProperties: whole }, '*', 'is str, needs int'],
    [
      object({ k: { const: 'b' }, n: text }),
      { oneOf: [object({ k: { const: 'a' } }), object({ k: { const: 'b' }, n: whole })] },
      'n',
      'is str, needs int',
    ],
    [object({ a: text }), { type: ['string', 'null'] }, '', 'is {a: str}, needs str|null'],
    [{ type: ['string', 'integer'] }, text, '', 'is int, needs str'],
    [text, false, '', 'nothing may be given here'],
  ];
  for (const [from, to, path, message] of cases) {
    test(`${path}: ${message}`, () => assert.deepEqual(assignable(typeOfSchema(from), typeOfSchema(to)), { path, message }));
  }
});
