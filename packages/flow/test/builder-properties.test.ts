/** Random definitions, written as plain objects and built by calls: every way to the compiler gives the same flow. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '@scriptorium/core';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { $, compileFlow, createContracts, flow, flowSchema, printFlow } from '../src/index.ts';
import type { Caught, Condition, Data, Definition, RefOf, Scope, StatesBody } from '../src/index.ts';
import { makeRef } from '../src/builder/ref.ts';
import { callables } from './callables.ts';

/** Literal data, or a read of one of the names that are visible, by its place among them. */
type Part =
  | { readonly lit: Json }
  | { readonly list: readonly Part[] }
  | { readonly map: readonly (readonly [string, Part])[] }
  | { readonly read: number };

interface Policies {
  readonly doc?: string;
  readonly timeout?: string;
  readonly limit?: 'disk' | { readonly concurrent: number };
  readonly retry?: { readonly max: number; readonly errors?: readonly string[] };
}

interface Step {
  readonly body:
    | Part
    | { readonly call: Part }
    | { readonly kind: 'steps' | 'states'; readonly steps: readonly Step[]; readonly output?: Part };
  readonly each?: { readonly count: number; readonly workers?: number; readonly tolerate?: number | string; readonly batch?: number };
  readonly policies: Policies;
  readonly isGuarded: boolean;
  readonly waits: boolean;
  readonly instead?: Part;
}

const text = fc.string({ maxLength: 12, unit: 'grapheme' }).filter((each) => !each.includes('${'));
const key = text.filter((each) => !['__proto__', 'constructor', 'prototype'].includes(each));
const scalar = fc.oneof(
  text,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map((n) => n + 0),
  fc.boolean(),
  fc.constant(null),
);

const { part, step } = fc.letrec<{ part: Part; step: Step }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3 },
    scalar.map((lit) => ({ lit })),
    fc.nat().map((read) => ({ read })),
    fc.array(tie('part'), { maxLength: 3 }).map((list) => ({ list })),
    fc.uniqueArray(fc.tuple(key, tie('part')), { maxLength: 3, selector: ([name]) => name }).map((map) => ({ map })),
  ),
  step: fc.record(
    {
      body: fc.oneof(
        { maxDepth: 2 },
        tie('part'),
        tie('part').map((call) => ({ call })),
        fc.record(
          { kind: fc.constantFrom('steps', 'states'), steps: fc.array(tie('step'), { minLength: 1, maxLength: 3 }), output: tie('part') },
          { requiredKeys: ['kind', 'steps'], noNullPrototype: true },
        ),
      ),
      each: fc.record(
        {
          count: fc.nat(3),
          workers: fc.integer({ min: 1, max: 9 }),
          tolerate: fc.oneof(fc.nat(5), fc.constant('10%')),
          batch: fc.integer({ min: 2, max: 9 }),
        },
        { requiredKeys: ['count'], noNullPrototype: true },
      ),
      policies: fc.record(
        {
          doc: text,
          timeout: fc.constantFrom('5s', '1h30m', 'PT1M'),
          limit: fc.constantFrom('disk' as const, { concurrent: 2 }),
          retry: fc.record(
            { max: fc.integer({ min: 1, max: 5 }), errors: fc.constant(['io']) },
            { requiredKeys: ['max'], noNullPrototype: true },
          ),
        },
        { requiredKeys: [], noNullPrototype: true },
      ),
      isGuarded: fc.boolean(),
      waits: fc.boolean(),
      instead: tie('part'),
    },
    { requiredKeys: ['body', 'policies', 'isGuarded', 'waits'], noNullPrototype: true },
  ),
}));
const steps = fc.array(step, { minLength: 1, maxLength: 4 });

/** Stands for a reference where only its name is used. */
const noRef = makeRef('none', { atomic: true }) as RefOf<unknown>;

/** What is visible, by what expressions call it, with the builder's references to it. */
type Visible = readonly (readonly [name: string, ref: RefOf<unknown>])[];

function asJson(given: Part, visible: Visible): Json {
  if ('lit' in given) return given.lit;
  if ('list' in given) return given.list.map((each) => asJson(each, visible));
  if ('map' in given) return Object.fromEntries(given.map.map(([name, each]) => [name, asJson(each, visible)]));
  return `\${ ${visible[given.read % visible.length]![0]} }`;
}

function asData(given: Part, visible: Visible): Data {
  if ('lit' in given) return given.lit;
  if ('list' in given) return given.list.map((each) => asData(each, visible));
  if ('map' in given) return Object.fromEntries(given.map.map(([name, each]) => [name, asData(each, visible)]));
  return visible[given.read % visible.length]![1];
}

/** The step as a definition has it. */
function written(
  { body, each, policies, isGuarded, waits, instead }: Step,
  path: string,
  visible: Visible,
  before: string | null,
): JsonObject {
  const inside: Visible = each === undefined ? visible : [...visible, [`item${path}`, noRef]];
  const list = each && { in: Array.from({ length: each.count }, (_, i) => i), as: `item${path}`, ...withoutCount(each) };
  return {
    ...(waits && before !== null ? { needs: [before] } : {}),
    ...(isGuarded ? { if: '${ input.n > 1 }' } : {}),
    ...(list === undefined ? {} : { each: list }),
    ...writtenBody(body, path, inside),
    ...policies,
    ...(instead === undefined ? {} : { catch: [{ errors: ['io'], value: asJson(instead, inside) }] }),
  };
}

function writtenBody(body: Step['body'], path: string, visible: Visible): JsonObject {
  if ('call' in body) return { uses: 'any/thing', with: { given: asJson(body.call, visible) } };
  if (!('steps' in body)) return { value: asJson(body, visible) };
  const inner = writtenSteps(body.steps, path, visible, body.kind);
  return { [body.kind]: inner.steps, ...(body.output === undefined ? {} : { output: asJson(body.output, inner.visible) }) };
}

function writtenSteps(
  given: readonly Step[],
  path: string,
  outer: Visible,
  kind: 'steps' | 'states' = 'steps',
): { readonly steps: JsonObject; readonly visible: Visible } {
  let visible = outer;
  const entries = given.map((each, i): [string, JsonObject] => {
    const name = `s${path}${i}`;
    const entry = written(each, `${path}${i}`, visible, i === 0 || kind === 'states' ? null : `s${path}${i - 1}`);
    visible = [...visible, [name, noRef]];
    return [name, kind === 'states' ? { ...entry, ...going(i, `s${path}${i + 1}`, given.length) } : entry];
  });
  return { steps: Object.fromEntries(entries), visible };
}

/** Each state goes on with the one after it. */
function going(index: number, after: string, count: number): { readonly next?: string; readonly max?: number } {
  return index + 1 < count ? { max: index + 1, next: after } : {};
}

/** The same by calls. */
function build(
  s: Scope<'disk'>,
  given: readonly Step[],
  path: string,
  outer: Visible,
  guard: Condition,
  kind: 'steps' | 'states' = 'steps',
): Visible {
  let visible = outer;
  let before: RefOf<unknown> | null = null;
  for (const [i, { body, each, policies, isGuarded, waits, instead }] of given.entries()) {
    const inner = `${path}${i}`;
    const name = `s${inner}`;
    const here = visible;
    const shared = {
      ...policies,
      ...(isGuarded ? { if: guard } : {}),
      ...(kind === 'states' ? going(i, `s${path}${i + 1}`, given.length) : waits && before !== null ? { needs: [before] } : {}),
    };
    const rescue = (scope: Visible) => (caught: Caught<'disk'>) => [
      caught.value(asData(instead ?? { lit: null }, scope), { errors: ['io'] }),
    ];
    const fill = (s: Scope<'disk'>, scope: Visible): Data | StatesBody | void => {
      if (!('steps' in body)) return asData(body as Part, scope);
      const add = (s: Scope<'disk'>, kind: 'steps' | 'states'): Data | void => {
        const after = build(s, body.steps, inner, scope, guard, kind);
        return body.output === undefined ? undefined : asData(body.output, after);
      };
      const [first = '', ...others] = body.steps.map((_, i) => `s${inner}${i}`);
      return body.kind === 'steps' ? add(s, 'steps') : s.states([first, ...others], (s) => add(s as unknown as Scope<'disk'>, 'states'));
    };
    const caught = (scope: Visible): object => (instead === undefined ? {} : { catch: rescue(scope) });
    let ref: RefOf<unknown>;
    if (each !== undefined) {
      const as = `item${inner}`;
      const inside = (item: RefOf<unknown>): Visible => [...here, [as, item]];
      const options = {
        ...shared,
        in: Array.from({ length: each.count }, (_, i) => i),
        as,
        ...withoutCount(each),
        ...(instead === undefined ? {} : { catch: (c: Caught<'disk'>, _: unknown, item: RefOf<unknown>) => rescue(inside(item))(c) }),
      };
      ref =
        'call' in body
          ? s.each(name, options, 'any/thing', (item) => ({ given: asData(body.call, inside(item)) }))
          : s.each(name, options, (item, s) => fill(s, inside(item)));
    } else if ('call' in body) {
      ref = s.step(name, 'any/thing', { ...shared, ...caught(here), with: { given: asData(body.call, here) } });
    } else if ('steps' in body) {
      ref = s.scope(name, { ...shared, ...caught(here) }, (s) => fill(s, here));
    } else {
      ref = s.value(name, asData(body, here), { ...shared, ...caught(here) });
    }
    visible = [...visible, [name, ref]];
    before = ref;
  }
  return visible;
}

function withoutCount({ count: _, ...settings }: NonNullable<Step['each']>): Omit<NonNullable<Step['each']>, 'count'> {
  return settings;
}

const handlers = new Map(callables).set('any/thing', {
  name: 'any/thing',
  version: '1.0.0',
  input: true,
  output: true,
  effects: 'none',
  errors: [],
});
/** What an editor would mark. */
const editorSchema = createContracts().compile(flowSchema());

const compile = (definition: string | Definition): ReturnType<typeof compileFlow> =>
  compileFlow(definition, { file: 'random', callables: handlers });

const header: JsonObject = {
  flow: 'a/random',
  version: '1.0.0',
  input: { n: { type: 'integer', default: 3 } },
  limits: { disk: { concurrent: 2 } },
};

test('built by calls, a definition is the object that says it, and every form of it has one hash', () => {
  fc.assert(
    fc.property(steps, part, (given, output) => {
      const names: Visible = [['input.n', noRef]];
      const plain = writtenSteps(given, '', names);
      const definition = { ...header, steps: plain.steps, output: asJson(output, plain.visible) };
      const built = flow(
        'a/random',
        { version: '1.0.0', input: { n: { type: 'integer', default: 3 } }, limits: { disk: { concurrent: 2 } } },
        (s, input) => asData(output, build(s, given, '', [['input.n', input.n]], $<boolean>`${input.n} > 1`)),
      );
      assert.deepEqual(built, definition);
      assert.deepEqual(editorSchema(definition), []);

      const { flow: compiled, diagnostics } = compile(built);
      assert.deepEqual(
        diagnostics.filter(({ severity }) => severity === 'error'),
        [],
      );
      const yaml = stringify(definition, { aliasDuplicateObjects: false });
      const printed = printFlow(built);
      const forms = [
        definition,
        JSON.stringify(definition),
        yaml,
        printed,
        printFlow(yaml),
        printFlow(JSON.stringify(definition)),
        printFlow(parse(printed)),
      ];
      for (const form of forms) {
        assert.equal(compile(form).flow?.hash, compiled?.hash);
      }
      assert.equal(printFlow(printed), printed);
    }),
    { numRuns: 80 },
  );
});

test('whatever JSON is printed reads back as it was', () => {
  const value = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value;
  fc.assert(
    fc.property(fc.dictionary(key, value, { noNullPrototype: true }), (definition) => {
      assert.deepEqual(parse(printFlow(definition)), definition);
    }),
    { numRuns: 300 },
  );
});
