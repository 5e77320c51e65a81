/** What must hold for every expression, schema and datum, tried on random ones. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json, JsonObject, Schema } from '../json.ts';
import { assignable } from './assignment.ts';
import { checkExpr } from './check.ts';
import { evaluate } from './evaluate.ts';
import { ExprFailure } from './failure.ts';
import { functions } from './functions.ts';
import { joinTypes } from './join.ts';
import { schemaOfType, typeOfSchema } from './schema-type.ts';
import { showType } from './type-text.ts';
import type { Type } from './type.ts';
import { Collection } from './value.ts';
import type { Value } from './value.ts';

/** What may still go wrong at run time in an expression that the checker has accepted. */
const accepted = new Set(['out_of_fuel', 'divide_by_zero', 'overflow', 'bad_argument', 'too_large', 'duplicate_key']);

const words = [
  'a',
  'b',
  'kind',
  'x',
  '"a"',
  '"k"',
  '1',
  '0',
  '2.5',
  'true',
  'null',
  '.',
  '?.',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  ',',
  ':',
  '?',
  '??',
  '&&',
  '||',
  '!',
  '-',
  '+',
  '*',
  '/',
  '%',
  '<',
  '==',
  '!=',
  'in',
  'has',
  'map',
  'filter',
  'exists',
  '__proto__',
  'constructor',
  ...Object.keys(functions),
];

test('whatever the source, only an ExprFailure is thrown, and the checker throws nothing', () => {
  const source = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(fc.constantFrom(...words), { maxLength: 25 }).map((parts) => parts.join(' ')),
    fc.array(fc.constantFrom(...words), { maxLength: 14 }).map((parts) => parts.join('')),
  );
  const value = fc.jsonValue() as fc.Arbitrary<Json>;
  fc.assert(
    fc.property(source, value, (text, datum) => {
      const outcome = attempt(text, (name) => (name.length < 5 ? datum : undefined));
      const { issues } = checkExpr(text, { a: { k: 'any' }, b: { k: 'any' }, x: { k: 'any' }, kind: { k: 'any' } });
      const parses = !(outcome instanceof ExprFailure) || (outcome.code !== 'syntax' && outcome.code !== 'too_complex');
      assert.equal(parses, !issues.some(({ code }) => code === 'syntax' || code === 'too_complex'));
      for (const { from, to } of issues) assert.ok(from >= 0 && from <= to && to <= text.length);
    }),
    { numRuns: 4000 },
  );
});

test('an accepted expression gives a value of its type, or fails for a reason that types do not know', () => {
  let evaluated = 0;
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const g = choicesOf(seed);
      const schemas = { a: schemaFrom(g, 3), b: schemaFrom(g, 2), c: schemaFrom(g, 1) };
      const types = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, typeOfSchema(schema)]));
      const data: { [name: string]: Value } = Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [name, datumOf(g, schema)]),
      );
      for (let round = 0; round < 12; round++) {
        const source = new Writer(g, schemas).expression(3);
        const { type, issues } = checkExpr(source, types);
        if (issues.length > 0) continue;
        evaluated += 1;
        const outcome = attempt(source, (name) => data[name]);
        if (outcome instanceof ExprFailure)
          assert.ok(accepted.has(outcome.code), `${source}: ${outcome.code}: ${outcome.message} with ${JSON.stringify(data)}`);
        else
          assert.ok(
            conforms(outcome, type),
            `${source} is ${JSON.stringify(outcome)}, not ${showType(type)}, with ${JSON.stringify(data)}`,
          );
      }
    }),
    { numRuns: 1500 },
  );
  assert.ok(evaluated > 3000, `only ${evaluated} expressions were accepted`);
});

test('what a condition tells of the names that it reads is so whenever it is true, or false', () => {
  let told = 0;
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const g = choicesOf(seed);
      const schemas = { a: schemaFrom(g, 3), b: schemaFrom(g, 2), c: schemaFrom(g, 1) };
      const types = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, typeOfSchema(schema)]));
      for (let round = 0; round < 12; round++) {
        const data = Object.fromEntries(Object.entries(schemas).map(([name, schema]): [string, Value] => [name, datumOf(g, schema)]));
        const source = new Writer(g, schemas).condition(g.below(3));
        const { issues, whenTrue, whenFalse } = checkExpr(source, types);
        const outcome = issues.length > 0 ? null : attempt(source, (name) => data[name]);
        if (typeof outcome !== 'boolean') continue;
        for (const [name, type] of Object.entries(outcome ? whenTrue : whenFalse)) {
          told += 1;
          assert.ok(
            conforms(data[name]!, type),
            `${source} is ${outcome}, and ${name} is ${JSON.stringify(data[name])}, not ${showType(type)}`,
          );
        }
      }
    }),
    { numRuns: 1500 },
  );
  assert.ok(told > 600, `only ${told} names were told of`);
});

test('a datum conforms to the type of its schema, and to that type by way of a schema again', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const g = choicesOf(seed);
      const schema = schemaFrom(g, 3);
      const type = typeOfSchema(schema);
      const datum = datumOf(g, schema);
      assert.ok(conforms(datum, type), `${JSON.stringify(datum)} is not ${showType(type)}`);
      const again = typeOfSchema(schemaOfType(type));
      assert.ok(conforms(datum, again));
      assert.deepEqual([assignable(type, again), assignable(again, type)], [null, null]);
    }),
    { numRuns: 1000 },
  );
});

test('what is assignable conforms, and a join takes all its parts', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const g = choicesOf(seed);
      const [one, other] = [schemaFrom(g, 2), schemaFrom(g, 2)];
      const [a, b] = [typeOfSchema(one), typeOfSchema(other)];
      const datum = datumOf(g, one);
      if (assignable(a, b) === null) assert.ok(conforms(datum, b), `${JSON.stringify(datum)}: ${showType(a)} to ${showType(b)}`);
      const joined = joinTypes(a, b);
      assert.ok(conforms(datum, joined));
      assert.deepEqual([assignable(a, joined), assignable(b, joined)], [null, null]);
      assert.equal(assignable(a, a), null);
    }),
    { numRuns: 1500 },
  );
});

function attempt(source: string, names: (name: string) => Value | undefined): Value | ExprFailure {
  try {
    return evaluate(source, names);
  } catch (error) {
    assert.ok(error instanceof ExprFailure, `${source}: ${error}`);
    return error;
  }
}

function conforms(value: Value, type: Type): boolean {
  switch (type.k) {
    case 'any':
      return true;
    case 'never':
      return false;
    case 'null':
      return value === null;
    case 'bool':
      return typeof value === 'boolean' && (type.of ?? value) === value;
    case 'num':
      return typeof value === 'number' && (type.int !== true || Number.isInteger(value)) && (type.of?.includes(value) ?? true);
    case 'str':
      return typeof value === 'string' && (type.of?.includes(value) ?? true);
    case 'list':
      return Array.isArray(value) && value.every((item) => conforms(item, type.of));
    case 'collection':
      return value instanceof Collection && value.items().every((item) => conforms(item, type.of));
    case 'union':
      return type.of.some((member) => conforms(value, member));
    case 'obj': {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Collection) return false;
      const object = value as { readonly [key: string]: Value };
      const declared = Object.entries(type.fields).every(([name, field]) =>
        Object.hasOwn(object, name) ? conforms(object[name]!, field.type) : field.optional,
      );
      const extra = Object.keys(object).filter((key) => !Object.hasOwn(type.fields, key));
      return declared && extra.every((key) => (type.rest ? conforms(object[key]!, type.rest) : type.exact !== true));
    }
  }
}

interface Choices {
  readonly below: (limit: number) => number;
  readonly flag: () => boolean;
  readonly pick: <T>(from: readonly T[]) => T;
  readonly subset: (of: readonly string[], least?: number) => readonly string[];
}

/** Choices that follow from a seed alone (the generator is mulberry32): many more than fast-check records at bearable cost. */
function choicesOf(seed: number): Choices {
  let state = seed | 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  const flag = (): boolean => below(2) === 0;
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const subset = (of: readonly string[], least = 0): readonly string[] => {
    const chosen = of.filter(flag);
    return chosen.length < least ? of.slice(0, least) : chosen;
  };
  return { below, flag, pick, subset };
}

const fieldNames = ['p', 'q', 'r'];

function schemaFrom(g: Choices, depth: number): Schema {
  const simple: readonly Schema[] = [
    { type: 'integer' },
    { type: 'number' },
    { type: 'string' },
    { type: 'boolean' },
    { enum: ['k', 'l', 'm'] },
    { type: ['string', 'null'] },
    { type: ['integer', 'null'] },
    { enum: [1, 2, 'k', null] },
  ];
  if (depth === 0) return g.pick(simple);
  const inner = (): Schema => schemaFrom(g, depth - 1);
  switch (g.below(8)) {
    case 0:
    case 1:
      return objectSchema(g, inner);
    case 2:
      return { type: 'array', items: inner() };
    case 3:
      return { anyOf: [objectSchema(g, inner), { type: 'null' }] };
    case 4:
      return { oneOf: ['k', 'l'].map((tag) => tagged(tag, objectSchema(g, inner))) };
    case 5:
      return { type: 'object', additionalProperties: inner() };
    case 6:
      return { collection: inner() };
    default:
      return g.pick(simple);
  }
}

function objectSchema(g: Choices, inner: () => Schema): JsonObject {
  const names = g.subset(fieldNames, 1);
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, inner()])),
    required: g.subset(names),
    ...(g.flag() ? { additionalProperties: false } : {}),
  };
}

function tagged(tag: string, schema: JsonObject): JsonObject {
  return {
    ...schema,
    properties: { ...(schema.properties as JsonObject), kind: { const: tag } },
    required: [...(schema.required as string[]), 'kind'],
  };
}

function datumOf(g: Choices, schema: Schema): Json {
  const of = schema as JsonObject;
  const choices = (of.oneOf ?? of.anyOf) as readonly Schema[] | undefined;
  if (choices) return datumOf(g, g.pick(choices));
  if ('const' in of) return of.const!;
  if (Array.isArray(of.enum)) return g.pick(of.enum as Json[]);
  if ('collection' in of) {
    const items = datumOf(g, { type: 'array', items: of.collection! }) as Json[];
    return new Collection('ok', items.length, [], () => items) as unknown as Json;
  }
  const type = Array.isArray(of.type) ? g.pick(of.type as string[]) : of.type;
  switch (type) {
    case 'null':
      return null;
    case 'integer':
      return g.below(9) - 3;
    case 'number':
      return g.pick([0, 1, -2.5, 3.25, 1e300]);
    case 'boolean':
      return g.flag();
    case 'string':
      return g.pick(['', 'k', 'l', 'hello', '12']);
    case 'array':
      return Array.from({ length: g.below(4) }, () => datumOf(g, of.items as Schema));
    default: {
      if (!of.properties)
        return Object.fromEntries(g.subset(fieldNames).map((name) => [name, datumOf(g, of.additionalProperties as Schema)]));
      const required = of.required as readonly string[];
      const names = Object.keys(of.properties).filter((name) => required.includes(name) || g.flag());
      return Object.fromEntries(names.map((name) => [name, datumOf(g, (of.properties as { [name: string]: Schema })[name]!)]));
    }
  }
}

/** Writes expressions that lean on the schemas, so that many of them are right. */
class Writer {
  readonly #g: Choices;
  readonly #names: readonly string[];
  readonly #variables: string[] = [];

  constructor(g: Choices, schemas: { readonly [name: string]: Schema }) {
    this.#g = g;
    this.#names = Object.keys(schemas);
  }

  expression(depth: number): string {
    return this.#pick([
      () => this.path(),
      () => this.number(depth),
      () => this.text(depth),
      () => this.condition(depth),
      () => this.list(depth),
      () => this.mixed(depth),
    ])();
  }

  path(): string {
    let path = this.#pick([...this.#names, ...this.#variables, ...this.#variables]);
    for (let steps = this.#g.below(4); steps > 0; steps--)
      path += this.#pick(['.p', '.q', '.r', '?.p', '?.q', '.kind', '?.kind', '[0]', '?.[0]', '["p"]', '.map(z, z)', '.keys()']);
    return path;
  }

  number(depth: number): string {
    if (depth === 0) return this.#pick(['0', '1', '2.5', '-3', this.path(), `(${this.path()} ?? 2)`]);
    const a = (): string => this.number(depth - 1);
    return this.#pick([
      a,
      () => `(${a()} + ${a()})`,
      () => `(${a()} - ${a()})`,
      () => `(${a()} * ${a()})`,
      () => `(${a()} / ${a()})`,
      () => `(${a()} % ${a()})`,
      () => `-${a()}`,
      () => `${this.list(depth - 1)}.size()`,
      () => `${this.text(depth - 1)}.size()`,
      () => `(${this.condition(depth - 1)} ? ${a()} : ${a()})`,
      () => `round(${a()})`,
      () => `abs(${a()})`,
      () => `[${a()}, ${a()}].sum()`,
      () => `min(${a()}, ${a()})`,
      () => `int(${a()})`,
    ])();
  }

  text(depth: number): string {
    if (depth === 0) return this.#pick(['""', '"k"', '"a,b"', this.path(), `(${this.path()} ?? "k")`]);
    const a = (): string => this.text(depth - 1);
    return this.#pick([
      a,
      () => `(${a()} + ${a()})`,
      () => `string(${this.number(depth - 1)})`,
      () => `${a()}.upper()`,
      () => `${a()}.replace(${a()}, "x")`,
      () => `${a()}.slice(${this.number(0)})`,
      () => `json(${this.expression(depth - 1)})`,
      () => `type(${this.path()})`,
      () => `${this.list(depth - 1)}.map(s, string(s)).join(",")`,
      () => `(${this.condition(depth - 1)} ? ${a()} : ${a()})`,
    ])();
  }

  condition(depth: number): string {
    const path = this.path();
    const test = this.#pick([
      `${path} == "k"`,
      `${path} != null`,
      `${path} == null`,
      `${path} in ["k", 1]`,
      `has(${path}.p)`,
      `type(${path}) == "str"`,
      `${path}.kind == "k"`,
      `"p" in ${path}`,
      `(${path} ?? false)`,
      path,
      'true',
    ]);
    if (depth === 0) return test;
    const a = (): string => this.condition(depth - 1);
    return this.#pick([
      () => test,
      () => `(${test} && ${path}.p == ${this.expression(0)})`,
      () => `(${path} != null && ${path}.size() > ${this.number(0)})`,
      () => `(${a()} && ${a()})`,
      () => `(${a()} || ${a()})`,
      () => `!(${a()})`,
      () => `(${test} ? 1 / ${this.number(0)} > 0 : ${a()})`,
      () => `${this.number(depth - 1)} < ${this.number(depth - 1)}`,
      () => `${this.text(depth - 1)} >= ${this.text(depth - 1)}`,
      () => `${this.list(depth - 1)}.${this.#macro(['exists', 'all', 'exists_one'], depth)}`,
      () => `(${this.expression(depth - 1)}) == (${this.expression(depth - 1)})`,
    ])();
  }

  list(depth: number): string {
    if (depth === 0) return this.#pick(['[]', '[1, 2]', '["k", null]', this.path(), `(${this.path()} ?? [])`]);
    const a = (): string => this.list(depth - 1);
    return this.#pick([
      a,
      () => `(${a()} + ${a()})`,
      () => `${a()}.${this.#macro(['filter'], depth)}`,
      () => `${a()}.${this.#macro(['map'], depth)}`,
      () => `${a()}.distinct()`,
      () => `${a()}.slice(1)`,
      () => `${a()}.reverse()`,
      () => `[${a()}, ${a()}].flatten()`,
      () => `${a()}.flatten()`,
      () => `${a()}.sort()`,
      () => `${this.text(depth - 1)}.split(",")`,
      () => `[${this.expression(depth - 1)}, ${this.expression(depth - 1)}]`,
    ])();
  }

  mixed(depth: number): string {
    if (depth === 0) return this.path();
    const inner = (): string => this.expression(depth - 1);
    const path = this.path();
    return this.#pick([
      () => `(${this.condition(depth - 1)} ? ${inner()} : ${inner()})`,
      () => `(${path} ?? (${inner()}))`,
      () => `{p: ${inner()}, q: ${inner()}}`,
      () => `{p: ${inner()}}.p`,
      () => `(${path} != null ? ${path}.p : ${inner()})`,
      () => `(${path}.kind == "k" ? ${path}.p : ${path}.q)`,
      () => `(${path} == "k" ? ${path} : ${inner()})`,
      () => `(type(${path}) == "list" ? ${path} : [])`,
      () => `${this.list(depth - 1)}.max()`,
      () => `${this.list(depth - 1)}[0]`,
      () => `{(${this.text(depth - 1)}): ${inner()}}.entries()`,
    ])();
  }

  #macro(macros: readonly string[], depth: number): string {
    const macro = this.#pick(macros);
    const variable = `v${this.#variables.length}`;
    this.#variables.push(variable);
    const body = macro === 'map' ? this.expression(depth - 1) : this.condition(depth - 1);
    const when = macro === 'map' && this.#g.flag() ? `${this.condition(0)}, ` : '';
    this.#variables.pop();
    return `${macro}(${variable}, ${when}${body})`;
  }

  #pick<T>(choices: readonly T[]): T {
    return this.#g.pick(choices);
  }
}
