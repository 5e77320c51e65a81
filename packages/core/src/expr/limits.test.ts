import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkExpr } from './check.ts';
import { evaluate } from './evaluate.ts';
import { ExprFailure } from './failure.ts';
import { Collection } from './value.ts';
import type { Value } from './value.ts';

const numbers = Array.from({ length: 10_000 }, (_, index) => index);
const digits = '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]';

const data: { readonly [name: string]: Value } = {
  numbers,
  million: Array.from({ length: 1_000_000 }, (_, index) => index),
  long: 'a'.repeat(1_500_000),
  needle: `b${'a'.repeat(5000)}`,
  deep: nestedList(50_000),
  wide: Object.fromEntries(numbers.map((index) => [`k${index}`, index])),
  alike: Array.from({ length: 2000 }, (_, index) => 'p'.repeat(10_000) + index),
};
const names = (name: string): Value | undefined => data[name];

describe('work beyond the fuel fails instead of going on', () => {
  const sources = [
    nested(6, '1'),
    nested(6, '{}'),
    nested(5, `[${'1,'.repeat(900)}]`),
    nested(5, `{${Array.from({ length: 400 }, (_, index) => `k${index}: 1`).join(', ')}}`),
    nested(5, `"${'x'.repeat(4000)}" + "y"`),
    'numbers.map(x, numbers.map(y, x * y))',
    'numbers.map(x, numbers + numbers)',
    'numbers.map(x, numbers.sort())',
    'numbers.map(x, million.min())',
    'numbers.exists(x, million.contains(-x - 1))',
    'numbers.exists(x, wide.keys().size() == 0)',
    'numbers.exists(x, json(wide) == "")',
    'numbers.exists(x, long.contains(needle))',
    'numbers.exists(x, long.replace("a", "bb") == "")',
    'numbers.exists(x, (long + "b").size() == 0)',
    'numbers.exists(x, alike.sort() == [])',
    'numbers.exists(x, numbers.exists(y, nothing))',
    'numbers.map(x, 1 / 0 > 1 || true)',
    'numbers.exists(x, numbers.exists(y, y < 0)) || true',
    'false && true || numbers.map(x, numbers.map(y, y)) == [] || true',
    'long.split("")',
    'long.split("a")',
    'long.replace("a", "bb")',
    'json(million)',
    'million.distinct()',
    'million.sort()',
    `"a"${' + long'.repeat(40)}`,
    `[${'long, '.repeat(40)}].join()`,
  ];
  for (const source of sources) {
    test(source.length > 90 ? `${source.slice(0, 90)}…` : source, () =>
      assert.equal(
        codeOf(() => evaluate(source, names)),
        'out_of_fuel',
      ),
    );
  }
});

describe('ordinary work over as many items as an expression may take is affordable', () => {
  const sources = [
    'numbers.map(x, {id: x, twice: x * 2, name: "n" + string(x)})',
    'numbers.filter(x, x % 3 == 0 && x > 10 || x == 5).size()',
    'numbers.map(x, x + 1).sum()',
    'numbers.contains(-1)',
    'numbers.map(x, string(x)).join(", ")',
    'long.contains(needle)',
    'json(wide)',
  ];
  for (const source of sources) test(source, () => assert.ok(evaluate(source, names) !== null));
});

test('less fuel is less work', () => {
  assert.equal(evaluate('numbers.all(x, x >= 0)', names), true);
  assert.equal(
    codeOf(() => evaluate('numbers.all(x, x >= 0)', names, { fuel: 1000 })),
    'out_of_fuel',
  );
});

test('values that are nested too deeply are refused where they would be walked', () => {
  const other = (name: string): Value | undefined => (name === 'other' ? nestedList(50_000) : data[name]);
  assert.equal(
    codeOf(() => evaluate('json(deep)', names)),
    'too_large',
  );
  assert.equal(
    codeOf(() => evaluate('deep == other', other)),
    'too_large',
  );
  assert.equal(
    codeOf(() => evaluate('[deep].distinct()', names)),
    'too_large',
  );
  assert.equal(evaluate('deep.size()', names), 1);
});

describe('the size of an expression is limited', () => {
  const tooLarge = [
    ['its text', `1${' '.repeat(8192)}`],
    ['parentheses', `${'('.repeat(61)}1${')'.repeat(61)}`],
    ['lists', `${'['.repeat(70)}${']'.repeat(70)}`],
    ['negations', `${'!'.repeat(70)}true`],
    ['choices', `${'true ? '.repeat(61)}1${' : 2'.repeat(61)}`],
    ['calls', `${'abs('.repeat(61)}1${')'.repeat(61)}`],
    ['its parts', `1${' + 1'.repeat(1000)}`],
  ] as const;
  for (const [what, source] of tooLarge) {
    test(`in ${what}`, () => {
      assert.equal(
        codeOf(() => evaluate(source, names)),
        'too_complex',
      );
      assert.deepEqual(
        checkExpr(source, {}).issues.map(({ code }) => code),
        ['too_complex'],
      );
    });
  }

  const justRight = [
    `${'('.repeat(59)}1${')'.repeat(59)}`,
    `1${' + 1'.repeat(999)}`,
    `true${' && true'.repeat(999)}`,
    `null${'?.a'.repeat(1900)}`,
    `"a"${'.lower()'.repeat(1000)}`,
    `null${' ?? null'.repeat(999)}`,
  ];
  for (const source of justRight) {
    test(`but not in ${source.slice(0, 20)}…`, () => {
      assert.equal(
        codeOf(() => evaluate(source, names)),
        null,
      );
      assert.deepEqual(checkExpr(source, {}).issues, []);
    });
  }
});

describe('collections', () => {
  const untouchable = (size: number): Collection => new Collection('ok', size, [], () => assert.fail('the collection was loaded'));

  test('are counted without being loaded', () => {
    const ok = untouchable(1_000_000);
    assert.equal(
      evaluate('ok.size() + size(ok)', () => ok),
      2_000_000,
    );
    assert.equal(
      evaluate('ok', () => ok),
      ok,
    );
    assert.equal(
      evaluate('{done: ok}.done', () => ok),
      ok,
    );
    assert.equal(
      evaluate('has(ok[999999]) && type(ok) == "collection"', () => ok),
      true,
    );
  });

  test('above the limit are for handlers', () => {
    const ok = untouchable(10_001);
    for (const source of [
      'ok.map(x, x)',
      'ok[0]',
      'ok.exists(x, true)',
      'ok.exists(x, true) || true',
      '[1].exists(x, ok[0])',
      'ok + []',
      '1 in ok',
      'ok == []',
      'json(ok)',
      'ok.slice(1)',
      '[ok].flatten()',
      '[ok, ok].distinct()',
    ]) {
      const failure = failureOf(() => evaluate(source, () => ok));
      assert.equal(failure?.code, 'too_large', source);
      assert.match(
        failure?.message ?? '',
        /the collection has 10001 items; an expression takes at most 10000: hand the whole collection to a handler/,
      );
    }
  });

  test('are loaded once for one evaluation', () => {
    let loads = 0;
    const ok = new Collection('ok', 3, [], () => {
      loads += 1;
      return [1, 2, 3];
    });
    assert.equal(
      evaluate('ok.map(x, ok.filter(y, y <= x).size()).sum()', () => ok),
      6,
    );
    assert.equal(loads, 1);
  });
});

function nested(depth: number, body: string): string {
  return depth === 0 ? body : `${digits}.map(v${depth}, ${nested(depth - 1, body)})`;
}

function nestedList(depth: number): Value {
  let list: Value = [];
  for (let level = 1; level < depth; level++) list = [list];
  return list;
}

function failureOf(work: () => unknown): ExprFailure | null {
  try {
    work();
    return null;
  } catch (error) {
    assert.ok(error instanceof ExprFailure, `${error}`);
    return error;
  }
}

function codeOf(work: () => unknown): string | null {
  return failureOf(work)?.code ?? null;
}
