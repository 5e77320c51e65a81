import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Tpl } from '../ir.ts';
import { ExprFailure } from './failure.ts';
import { fill } from './template.ts';
import { Collection } from './value.ts';
import type { Value } from './value.ts';

const ok = new Collection('ok', 2, ['p'], () => ['a', 'b']);
const data: { readonly [name: string]: Value } = { name: 'Ada', n: 3, half: 0.5, flag: true, nothing: null, list: [1, 2], ok };
const names = (name: string): Value | undefined => data[name];

const expr = (source: string): Tpl => ({ expr: { $: source, reads: [] } });

describe('templates are filled', () => {
  const cases: readonly (readonly [what: string, template: Tpl, value: Value])[] = [
    ['literals stay as they are', { lit: { a: ['${ n }', { expr: 1 }] } }, { a: ['${ n }', { expr: 1 }] }],
    ['a whole expression keeps its type', expr('list'), [1, 2]],
    ['a collection stays a collection', expr('ok'), ok],
    [
      'text takes strings, numbers, truth values, and null as nothing',
      { cat: [{ lit: 'Hi ' }, expr('name'), { lit: ', ' }, expr('n + half'), expr('flag'), expr('nothing'), expr('-0.0 * 1')] },
      'Hi Ada, 3.5true0',
    ],
    ['text of one expression is text', { cat: [expr('n')] }, '3'],
    [
      'lists and objects are filled inside',
      { obj: { a: { list: [expr('n'), { lit: 1 }] }, b: { cat: [expr('name'), { lit: '!' }] } } },
      { a: [3, 1], b: 'Ada!' },
    ],
  ];
  for (const [what, template, value] of cases) test(what, () => assert.deepEqual(fill(template, names), value));
});

test('a key named __proto__ is a key', () => {
  const filled = fill({ obj: Object.fromEntries([['__proto__', expr('n')]]) }, names);
  assert.deepEqual(Object.entries(filled as object), [['__proto__', 3]]);
  assert.equal(Object.getPrototypeOf(filled), Object.prototype);
});

test('lists, objects and collections are no text', () => {
  for (const [source, kind] of [
    ['list', 'list'],
    ['{a: n}', 'obj'],
    ['ok', 'collection'],
  ] as const) {
    assert.throws(
      () => fill({ cat: [{ lit: 'a' }, expr(source)] }, names),
      (error) =>
        error instanceof ExprFailure &&
        error.code === 'not_text' &&
        error.source === source &&
        error.message === `${source} is ${kind}, which is no text — use json(…) or .join(", ")`,
    );
  }
});

test('a failure names the expression that failed', () => {
  assert.throws(
    () => fill({ obj: { a: { cat: [expr('name + n')] } } }, names),
    (error) => error instanceof ExprFailure && error.source === 'name + n' && error.code === 'no_overload',
  );
});

describe('values beyond what an event can hold are refused', () => {
  const twice = (value: Value): Value => [value, value];
  const levels = (count: number, wrap: (value: Value) => Value): Value => {
    let value: Value = 'x';
    for (let level = 0; level < count; level += 1) value = wrap(value);
    return value;
  };
  const shared = levels(30, twice);
  const deep = levels(201, (value) => [value]);
  const long = 'x'.repeat(40 * 1024 * 1024);
  const cases: readonly (readonly [what: string, value: Value, template: Tpl, message: RegExp])[] = [
    ['for their parts, however few are different', shared, expr('given'), /more than 2000000 parts/],
    ['inside of objects', shared, { obj: { a: expr('given') } }, /more than 2000000 parts/],
    ['for their depth', deep, expr('given'), /more than 200 levels/],
    ['for their text', long, { list: [expr('given'), expr('given')] }, /more than 67108864 characters/],
    ['for a text that is put together', long, { cat: [expr('given'), expr('given')] }, /more than 67108864 characters/],
  ];
  for (const [what, value, template, message] of cases)
    test(what, () =>
      assert.throws(
        () => fill(template, () => value),
        (error) => error instanceof ExprFailure && error.code === 'too_large' && message.test(error.message),
      ),
    );
});
