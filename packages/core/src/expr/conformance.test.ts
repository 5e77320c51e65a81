/**
 * The conformance suite of CEL, as far as its values are JSON. Which cases that are is decided by rules on what a case
 * says of itself: its file, its values, and the types that the reference implementation gave every node of it. All of
 * them agree but for the differences that are listed here, each with its reason and with what we give instead.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { tests as suite } from '@bufbuild/cel-spec/testdata/conformance.js';
import type { SerializedIncrementalTest, SerializedIncrementalTestSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import type { Json } from '../json.ts';
import { assignable } from './assignment.ts';
import { checkExpr } from './check.ts';
import { evaluate } from './evaluate.ts';
import { ExprFailure } from './failure.ts';
import { functions } from './functions.ts';
import { typeOfSchema } from './schema-type.ts';
import { any } from './type.ts';
import type { Value } from './value.ts';

interface Difference {
  readonly reason: string;
  /** What we give: a value, or the code of a failure. Cases of the suite go by file, section and name. */
  readonly cases: { readonly [id: string]: { readonly value: Json } | { readonly code: string } };
  /** Where the suite shows nothing: an expression, what it is in CEL, and what it is here. */
  readonly examples?: readonly { readonly source: string; readonly cel: { readonly value: Json } | 'a failure'; readonly ours: Json }[];
}

const differences: readonly Difference[] = [
  {
    reason:
      'There is one type of number, that of JSON: whole numbers do not end at 64 bits (beyond 2 to the 53rd they lose their last digits), `/` never cuts off, and `%` takes fractions.',
    cases: {
      'integer_math/int64_math/int64_overflow_positive': { value: 2 ** 63 },
      'integer_math/int64_math/int64_overflow_negative': { value: -(2 ** 63) },
      'integer_math/int64_math/int64_overflow_add_negative': { value: -(2 ** 63) },
      'integer_math/int64_math/int64_overflow_sub_positive': { value: 2 ** 63 },
      'integer_math/int64_math/int64_min_negate': { value: 2 ** 63 },
      'integer_math/int64_math/int64_min_negate_mul': { value: 2 ** 63 },
      'integer_math/int64_math/int64_min_negate_div': { value: 2 ** 63 },
      'integer_math/int64_math/int64_overflow_mul_positive': { value: 25e18 },
      'integer_math/int64_math/int64_overflow_mul_negative': { value: -25e18 },
      'fp_math/fp_math/mod_not_support': { value: 3.5 },
    },
    examples: [
      { source: '7 / 2', cel: { value: 3 }, ours: 3.5 },
      { source: '1 + 1.5', cel: 'a failure', ours: 2.5 },
    ],
  },
  {
    reason: 'JSON has neither NaN nor infinities, and zero has no sign: what would give one of those is a failure, or plain 0.',
    cases: {
      'conversions/double/string_neg_zero': { value: 0 },
      'fp_math/fp_math/negative_zero': { value: 0 },
      'comparisons/eq_literal/not_eq_double_nan': { code: 'divide_by_zero' },
      'comparisons/eq_literal/not_eq_int_double_nan': { code: 'divide_by_zero' },
      'comparisons/ne_literal/not_ne_double_nan': { code: 'divide_by_zero' },
      'comparisons/ne_literal/not_ne_int_double_nan': { code: 'divide_by_zero' },
      'comparisons/ne_literal/ne_double_nan': { code: 'divide_by_zero' },
    },
  },
  {
    reason: 'An absent key and an index out of range read as null, as optional properties do in JSON Schema; the checker tracks null.',
    cases: {
      'fields/map_fields/map_field_select_no_such_key': { value: null },
      'lists/index/index_out_of_bounds': { value: null },
    },
    examples: [{ source: '{"a": 1}["b"]', cel: 'a failure', ours: null }],
  },
  {
    reason: 'Names have no dots: there are no packages, and `a.b` is always the field `b` of `a`.',
    cases: {
      'fields/qualified_identifier_resolution/qualified_ident': { code: 'no_such_name' },
      'fields/qualified_identifier_resolution/map_field_select': { code: 'no_such_name' },
      'fields/qualified_identifier_resolution/qualified_identifier_resolution_unchecked': { code: 'no_such_name' },
      'fields/qualified_identifier_resolution/ident_with_longest_prefix_check': { code: 'no_such_name' },
      'fields/qualified_identifier_resolution/list_field_select_unsupported': { code: 'no_such_name' },
      'namespace/qualified/self_eval_qualified_lookup': { code: 'no_such_name' },
    },
  },
  {
    reason: 'There are no regular expressions: their work is not bounded by the length of the text alone; they belong in handlers.',
    cases: {
      'string/matches/basic': { code: 'no_such_function' },
      'string/matches/empty_target': { code: 'no_such_function' },
      'string/matches/empty_arg': { code: 'no_such_function' },
      'string/matches/empty_empty': { code: 'no_such_function' },
      'string/matches/re_concat': { code: 'no_such_function' },
      'string/matches/re_alt': { code: 'no_such_function' },
      'string/matches/re_rep': { code: 'no_such_function' },
      'string/matches/unicode': { code: 'no_such_function' },
      'string/matches/unicode_smp': { code: 'no_such_function' },
    },
  },
  {
    reason: 'Two operators are added: `?.` reads on only where there is something to read, `??` gives the other value for null.',
    cases: {},
    examples: [
      { source: 'null?.a', cel: 'a failure', ours: null },
      { source: 'null ?? 1', cel: 'a failure', ours: 1 },
    ],
  },
  {
    reason: 'A bare name as the key of a map is its text, as in YAML and JavaScript; CEL reads a variable of that name.',
    cases: {},
    examples: [{ source: '{a: 1}', cel: 'a failure', ours: { a: 1 } }],
  },
  {
    reason: 'Texts are ordered by UTF-16 code units, as JavaScript orders them, not by code points.',
    cases: {},
    examples: [{ source: '"\\U0001F600" < "\\uffff"', cel: { value: false }, ours: true }],
  },
  {
    reason: 'Types are no values: type() gives the name of a kind of JSON.',
    cases: {},
    examples: [{ source: 'type(1) == "num"', cel: 'a failure', ours: true }],
  },
];

type Outcome = { readonly value: Value } | { readonly code: string };

/** CEL's values as the suite writes them: one key, which names the kind. */
type CelValue = { readonly [kind: string]: unknown };

interface Case {
  /** File, section and name. */
  readonly id: string;
  readonly file: string;
  readonly source: string;
  readonly original: SerializedIncrementalTest['original'];
  /** As cel-go prints them, texts emptied: the tree, and where its checker passed, the tree with the type of each node. */
  readonly ast: string;
  readonly typedAst: string;
  /** Undefined stands for a value outside JSON. */
  readonly names: { readonly [name: string]: Json | undefined };
  readonly expected: { readonly value: Json | undefined } | { readonly failure: string };
}

/** A node whose type is none of null, bool, int, double, string, dyn, and lists and text-keyed maps of these. */
const strangeType =
  /~(?:\w+\()*(?:uint|bytes|timestamp|duration|type|any|wrapper|optional_type|google|cel)\b|map\((?:int|uint|bool|double|null)|~(?:int|uint|bool|double|null):/;

const strangeNode =
  /Constant_(?:Uint64|Bytes)Value|Constant_(?:Int64|Uint64|Double|Bool|Null)Value#:|\b(?:uint|bytes|timestamp|duration|type)\(/;

const cases = suite.suites!.flatMap((file) => casesOf(file, [file.name]));
const excluded = new Map<string, number>();
const profile = cases.filter((one) => {
  const reason = outside(one);
  if (reason !== null) excluded.set(reason, (excluded.get(reason) ?? 0) + 1);
  return reason === null;
});
const listed = new Set(differences.flatMap((difference) => Object.keys(difference.cases)));
const differing = profile.filter((one) => !agrees(one, run(one)));

test('every case of the profile agrees with CEL, except for the listed differences', () => {
  const surprises = differing.filter(({ id }) => !listed.has(id));
  assert.deepEqual(
    surprises.map((one) => ({ id: one.id, source: one.source, expected: one.expected, got: run(one) })),
    [],
  );
});

for (const { reason, cases: listedCases, examples = [] } of differences) {
  test(`difference: ${reason}`, () => {
    for (const [id, ours] of Object.entries(listedCases)) {
      const [one, ...more] = profile.filter((candidate) => candidate.id === id);
      assert.ok(one !== undefined && more.length === 0, `${id} is no case of the profile`);
      const got = run(one);
      assert.ok(!agrees(one, got), `${id} agrees by now: take it off the list`);
      assert.deepEqual(got, ours, id);
    }
    for (const { source, cel, ours } of examples) {
      assert.notDeepEqual({ value: ours }, cel);
      assert.deepEqual(
        evaluate(source, () => undefined),
        ours,
        source,
      );
    }
  });
}

test('a value has the type that the checker gave its expression', () => {
  const accepted = profile.filter((one) => {
    const { issues, type } = checkExpr(one.source, Object.fromEntries(Object.keys(one.names).map((name) => [name, any])));
    const got = run(one);
    if (issues.length > 0 || !('value' in got)) return false;
    assert.equal(assignable(typeOfSchema({ const: got.value as Json }), type), null, one.source);
    return true;
  });
  assert.ok(accepted.length > profile.length / 2, `only ${accepted.length} of ${profile.length} cases were accepted`);
});

test('how many cases agree', (t) => {
  const agreeing = profile.length - differing.length;
  t.diagnostic(`${agreeing} of the ${profile.length} cases whose values are JSON agree; ${differing.length} differ on purpose`);
  for (const [reason, count] of excluded) t.diagnostic(`${count} of all ${cases.length} cases are no part of the profile: ${reason}`);
  assert.ok(profile.length >= 463, `the profile has shrunk to ${profile.length} cases`);
  assert.ok(agreeing / profile.length >= 430 / 463, `only ${agreeing} of ${profile.length} cases agree`);
});

function casesOf(part: SerializedIncrementalTestSuite, path: readonly string[]): readonly Case[] {
  const own = (part.tests ?? []).map(({ original, ast = '', checkedAst = '' }): Case => {
    const bindings = Object.entries((original['bindings'] ?? {}) as { readonly [name: string]: { readonly value?: CelValue } });
    return {
      id: [...path, original.name].join('/'),
      file: path[0]!,
      source: original.expr,
      original,
      ast: withoutTexts(ast),
      typedAst: withoutTexts(checkedAst),
      names: Object.fromEntries(bindings.map(([name, { value }]) => [name, value && jsonOf(value)])),
      expected: expectedOf(original),
    };
  });
  return [...own, ...(part.suites ?? []).flatMap((inner) => casesOf(inner, [...path, inner.name]))];
}

/** A case that states no value expects true, says the suite. */
function expectedOf(original: Case['original']): Case['expected'] {
  if ('evalError' in original) return { failure: JSON.stringify(original['evalError']) };
  const typed = original['typedResult'] as { readonly result?: CelValue } | undefined;
  const value = (original['value'] ?? typed?.result) as CelValue | undefined;
  return { value: value === undefined ? true : jsonOf(value) };
}

/** Any failure is as good as another; but that we lack something is none, unless it is what CEL lacks too. */
function agrees({ expected }: Case, got: Outcome): boolean {
  if ('value' in got) return 'value' in expected && isDeepStrictEqual(got.value, expected.value);
  if ('value' in expected) return false;
  const lacking = ['syntax', 'no_such_name', 'no_such_function'].includes(got.code);
  return !lacking || /undeclared|unbound|unknown/.test(expected.failure);
}

function withoutTexts(ast: string): string {
  return ast.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
}

/** Why a case is no part of the profile; null where it is. */
function outside({ file, original, ast, typedAst, names, expected }: Case): string | null {
  const library = file.endsWith('_ext') || file === 'macros2' || file === 'optionals';
  if (library && !(file === 'string_ext' && callsIn(ast).every((name) => Object.hasOwn(functions, name))))
    return 'they are about libraries beside the standard one (of the one on texts, the functions that are here too do count)';
  if (original['checkOnly'] === true || ('typedResult' in original && !('result' in (original['typedResult'] as object))))
    return 'they are checked only, not evaluated';
  if ('container' in original || /[\w.]\{/.test(ast)) return 'they are about messages, enums and names of protobuf packages';
  if (JSON.stringify(original['typeEnv'] ?? []).includes('"function"')) return 'they bring functions of their own';
  if (('value' in expected && expected.value === undefined) || Object.values(names).includes(undefined))
    return 'they give or take a value outside JSON';
  if (strangeType.test(typedAst) || strangeNode.test(ast)) return 'a part of them has a type outside JSON';
  return null;
}

function callsIn(ast: string): readonly string[] {
  return [...ast.matchAll(/(?<![\w@])[A-Za-z]\w*(?=\()/g)].map(([name]) => name);
}

/** Undefined for what JSON does not have. */
function jsonOf(value: CelValue): Json | undefined {
  const [[kind, content]] = Object.entries(value) as [[string, unknown]];
  switch (kind) {
    case 'nullValue':
      return null;
    case 'boolValue':
    case 'stringValue':
      return content as boolean | string;
    case 'int64Value':
      return Number(content);
    case 'doubleValue':
      return typeof content === 'number' ? content : undefined;
    case 'listValue': {
      const items = ((content as { readonly values?: readonly CelValue[] }).values ?? []).map(jsonOf);
      return items.includes(undefined) ? undefined : (items as Json[]);
    }
    case 'mapValue': {
      const entries = (content as { readonly entries?: readonly { readonly key: CelValue; readonly value: CelValue }[] }).entries ?? [];
      const pairs = entries.map(({ key, value: inner }) => [key['stringValue'], jsonOf(inner)] as const);
      return pairs.flat().includes(undefined) ? undefined : (Object.fromEntries(pairs) as Json);
    }
    default:
      return undefined;
  }
}

function run({ source, names }: Case): Outcome {
  try {
    return { value: evaluate(source, (name) => (Object.hasOwn(names, name) ? names[name] : undefined)) };
  } catch (error) {
    assert.ok(error instanceof ExprFailure, `${source}: ${error}`);
    return { code: error.code };
  }
}
