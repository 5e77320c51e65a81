import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Ast } from './ast.ts';
import { parse } from './parse.ts';

/** Every operator in parentheses, so that a tree has one text. */
function written(ast: Ast): string {
  const list = (items: readonly Ast[]): string => items.map(written).join(', ');
  const dot = (optional: boolean): string => (optional ? '?.' : '.');
  switch (ast.k) {
    case 'literal':
      return JSON.stringify(ast.value);
    case 'name':
      return ast.name;
    case 'chain':
      return `(${written(ast.of)})`;
    case 'field':
      return `${written(ast.of)}${dot(ast.optional)}${ast.name}`;
    case 'index':
      return `${written(ast.of)}${ast.optional ? '?.' : ''}[${written(ast.index)}]`;
    case 'call':
      return ast.method
        ? `${written(ast.args[0]!)}${dot(ast.optional)}${ast.name}(${list(ast.args.slice(1))})`
        : `${ast.name}(${list(ast.args)})`;
    case 'macro':
      return `${written(ast.of)}${dot(ast.optional)}${ast.name}(${ast.variable}, ${list(ast.when ? [ast.when, ast.body] : [ast.body])})`;
    case 'has':
      return `has(${written(ast.of)})`;
    case 'unary':
      return `(${ast.op}${written(ast.of)})`;
    case 'binary':
    case 'logic':
      return `(${written(ast.left)} ${ast.op} ${written(ast.right)})`;
    case 'choice':
      return `(${written(ast.test)} ? ${written(ast.then)} : ${written(ast.otherwise)})`;
    case 'list':
      return `[${list(ast.items)}]`;
    case 'map':
      return `{${ast.entries.map(({ key, value }) => `${key.k === 'literal' ? written(key) : `(${written(key)})`}: ${written(value)}`).join(', ')}}`;
  }
}

describe('operators bind as written in parentheses here', () => {
  const cases: readonly (readonly [source: string, tree: string])[] = [
    ['a + b * c - d / e % f', '((a + (b * c)) - ((d / e) % f))'],
    ['a < b == c', '((a < b) == c)'],
    ['a + 1 in b', '((a + 1) in b)'],
    ['a && b || c && d', '((a && b) || (c && d))'],
    ['a || b && c == d + 1', '(a || (b && (c == (d + 1))))'],
    ['!a && b', '((!a) && b)'],
    ['!a.b', '(!a.b)'],
    ['-a.b + c', '((-a.b) + c)'],
    ['-1', '-1'],
    ['--1', '1'],
    ['-(1)', '(-1)'],
    ['a - -1', '(a - -1)'],
    ['a ? b : c ? d : e', '(a ? b : (c ? d : e))'],
    ['a ? b ? c : d : e', '(a ? (b ? c : d) : e)'],
    ['a ?? b ?? c', '((a ?? b) ?? c)'],
    ['a ?? b ? c : d', '((a ?? b) ? c : d)'],
    ['a ?? (b + c)', '(a ?? (b + c))'],
    ['(a ?? b) + c', '((a ?? b) + c)'],
    ['a == b ? c ?? d : e', '((a == b) ? (c ?? d) : e)'],
    ['a?b:c', '(a ? b : c)'],
  ];
  for (const [source, tree] of cases) test(source, () => assert.equal(written(parse(source)), tree));
});

describe('paths and calls', () => {
  const cases: readonly (readonly [source: string, tree: string])[] = [
    ['a.b["c"][0].d', 'a.b["c"][0].d'],
    ['a?.b.c', '(a?.b.c)'],
    ['a.b?.c[0].d(1)', '(a.b?.c[0].d(1))'],
    ['(a?.b).c', '(a?.b).c'],
    ['a?.[0]', '(a?.[0])'],
    ['a?.size() > 1', '((a?.size()) > 1)'],
    ['a?.map(x, x?.y.z)', '(a?.map(x, (x?.y.z)))'],
    ['f(a, b).g()', 'f(a, b).g()'],
    ['a.map(x, x > 1, x + 1)', 'a.map(x, (x > 1), (x + 1))'],
    ['a.all(x, x).b', 'a.all(x, x).b'],
    ['has(a.b)', 'has(a.b)'],
    ['has(a?.b["c"])', 'has((a?.b["c"]))'],
    ['{a: 1, "b": [2,], (c): {}}', '{"a": 1, "b": [2], (c): {}}'],
    ['a.in.true.if', 'a.in.true.if'],
    ['a .\n b // comment', 'a.b'],
  ];
  for (const [source, tree] of cases) test(source, () => assert.equal(written(parse(source)), tree));
});

test('nodes know where they stand', () => {
  const ast = parse(' (a + b) * c.d ');
  assert.deepEqual([ast.from, ast.to], [1, 14]);
  assert.ok(ast.k === 'binary' && ast.right.k === 'field');
  assert.deepEqual([ast.left.from, ast.left.to], [2, 7]);
  assert.deepEqual(ast.right.nameAt, { from: 13, to: 14 });
});

test('what is written with parentheses is read as the same tree', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const { expression } = fc.letrec<{ expression: string; operand: string }>((tie) => ({
    operand: fc.oneof(
      { maxDepth: 3 },
      name,
      fc.constantFrom('1', '"x"', 'null'),
      fc.tuple(name, fc.constantFrom('.', '?.'), name).map((parts) => parts.join('')),
      tie('expression').map((inner) => `(${inner})`),
      tie('expression').map((inner) => `[${inner}].map(v, ${inner})`),
    ),
    expression: fc.oneof(
      { maxDepth: 3 },
      tie('operand'),
      fc
        .tuple(
          tie('operand'),
          fc.constantFrom('+', '*', '==', 'in', '&&', '||', '<', '%'),
          tie('operand'),
          fc.constantFrom('-', '/', '!=', '&&', '||'),
          tie('operand'),
        )
        .map((parts) => parts.join(' ')),
      fc.tuple(tie('operand'), tie('operand'), tie('operand')).map(([test, then, otherwise]) => `${test} ? ${then} : ${otherwise}`),
      fc.tuple(tie('operand'), tie('operand')).map(([left, right]) => `${left} ?? ${right}`),
    ),
  }));
  fc.assert(fc.property(expression, (source) => assert.equal(written(parse(written(parse(source)))), written(parse(source)))));
});
