/** What was written to get out of the expressions of other engines: refused, or the data that it names and nothing else. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkExpr } from './check.ts';
import { evaluate } from './evaluate.ts';
import { ExprFailure } from './failure.ts';
import { any } from './type.ts';
import type { Value } from './value.ts';

const input: Value = { x: 1, list: [1], text: 'a' };

/** Chains to a constructor, functions, `this`, templates, getters, symbols, proxies, assignments, patterns, globals. */
const refused: readonly string[] = [
  ...['"".constructor.constructor("return process")()', '[].map.constructor("return 1")()', 'input.constructor("return 1")'],
  ...['input["constructor"]["constructor"]("return 1")()', 'input?.constructor?.("x")', 'input.toString()', 'input.list.at(0)'],
  ...['(() => process)()', '(x => x)(1)', 'input.list.map(x => x)', 'input.list.map((x) => x.constructor, 1)', 'async () => 1'],
  ...['(function () { return this })()', 'class A {}', 'this', 'this.constructor', 'arguments.callee', 'new Function("return 1")'],
  ...['Function("return 1")()', 'eval("1")', '\\u0065val("1")', 'setTimeout("1")', 'require("fs")', 'import(input.text)', 'import.meta'],
  ...['globalThis', 'process', 'process.env', 'global', 'window', 'Object.getPrototypeOf(input)', 'Reflect.ownKeys(input)'],
  ...['`a`', '`${process.env}`', 'String.raw`x`', 'input`x`', 'with (input) { process }', '({ get a() { return 1 } }).a'],
  ...['Symbol.species', 'input[Symbol.species]', 'new Proxy({}, {})', 'Error.prepareStackTrace', 'Error.prototype'],
  ...['input.x = 1', 'x = 1', 'input.x += 1', 'input.x++', 'delete input.x', 'void 0', 'typeof input', 'input instanceof Object'],
  ...['[...input.list]', '{...input}', 'input; 1', '1, 2', 'await input', 'yield 1', '/a/.exec("a")', 'input.text.match("^(a+)+$")'],
  ...['input.text.matches("^(a+)+$")', 'input.text.replace(/a/, "b")', '{{ input }}', '${ input }', '"\\ud83d"'],
];

for (const source of refused) {
  test(`${source} is refused`, () => {
    assert.throws(
      () => evaluate(source, (name) => (name === 'input' ? input : undefined)),
      (error) => error instanceof ExprFailure,
    );
    assert.notDeepEqual(checkExpr(source, { input: any }).issues, []);
  });
}

test('names of what objects inherit name nothing', () => {
  for (const name of [
    'constructor',
    '__proto__',
    'prototype',
    'toString',
    'valueOf',
    'hasOwnProperty',
    '__defineGetter__',
    '__lookupGetter__',
  ])
    for (const source of [`input.${name}`, `input["${name}"]`, `input.list[0] == 1 ? input.${name} : 1`])
      assert.equal(
        evaluate(source, (known) => (known === 'input' ? input : undefined)),
        null,
        source,
      );
});
