/** Each construct of the language, in YAML and by the builder: the same plain object, the same hash. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { callables } from '../../test/callables.ts';
import { child, states } from '../../test/same-states.ts';
import { steps } from '../../test/same-steps.ts';
import { $, compileFlow, flow, formatDiagnostic, printFlow } from '../index.ts';
import type { Definition, Scope } from '../index.ts';

const version = '1.0.0';
const flows = [{ file: 'child.ts', source: child, callables }];
const hashOf = (definition: string | Definition): string | undefined => {
  const { flow: compiled, diagnostics } = compileFlow(definition, { file: 'test.yaml', callables, flows });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert.deepEqual(typeof definition === 'string' ? errors.map((error) => formatDiagnostic(error, definition)) : errors, []);
  return compiled?.hash;
};

const cases = [...steps, ...states];

for (const { name, yaml, built } of cases) {
  test(`${name}: YAML and the builder give the same object and the same hash`, () => {
    assert.deepEqual(built, parse(yaml));
    assert.equal(hashOf(built), hashOf(yaml));
  });

  test(`${name}: as printed it has the same hash`, () => {
    assert.deepEqual(parse(printFlow(built)), built);
    assert.equal(hashOf(printFlow(built)), hashOf(yaml));
    assert.equal(hashOf(printFlow(yaml)), hashOf(yaml));
  });
}

test('a profile is applied to what the builder gives as to YAML', () => {
  const { yaml, built } = cases.find(({ name }) => name === 'profiles')!;
  const [fromYaml, fromBuilder] = [yaml, built].map((source) => compileFlow(source, { file: 'a', callables, profile: 'test' }).flow);
  assert.equal(fromBuilder?.hash, fromYaml?.hash);
  assert.deepEqual(fromBuilder?.run, { mode: 'strict', limit: 5 });
});

test('references print themselves', () => {
  flow('a/b', { version }, (s, _, run) => {
    const a = s.step('a', 'book/scan', { with: { folder: 'x' } });
    const cases: readonly (readonly [unknown, string])[] = [
      [a.books, '${ a.books }'],
      [a['two words'].then, '${ a["two words"].then }'],
      [a[0].b, '${ a[0].b }'],
      [$.maybe(a).books.size, '${ a?.books?.size }'],
      [$.maybe(a)['two words'], '${ a?.["two words"] }'],
      [$.or(a.n, [1, { b: a.c }]), '${ a.n ?? [1, {"b": a.c}] }'],
      [$.at(a.books, 3), '${ a.books[3] }'],
      [$.at(a.books, $`${a.n} + 1`), '${ a.books[a.n + 1] }'],
      [$`${a.x} || ${a.y}`.z, '${ (a.x || a.y).z }'],
      [$`!${$`${a.x} || ${a.y}`}`, '${ !(a.x || a.y) }'],
      [$` ${$`${a.x} || ${a.y}`} `, '${ a.x || a.y }'],
      [$`${a.list}.join("\n")`, '${ a.list.join("\\n") }'],
      [$`${run.mode} in ${['strict', 'flexible']} && ${null} != ${true}`, '${ run.mode in ["strict", "flexible"] && null != true }'],
    ];
    for (const [ref, text] of cases) {
      assert.equal(`${ref}`, text);
      assert.equal(inspect(ref), text);
    }
  });
});

test('what is no data of a flow is refused where it is given', () => {
  const build = (body: (s: Scope) => unknown) => (): Definition => flow('a/b', { version }, (s) => body(s) as void);
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [build((s) => s.value('a', { at: [new Date(0)] } as never)), /the value of 'a'\.at\[0\] is a Date/],
    [build((s) => s.value('a', [undefined] as never)), /the value of 'a'\[0\] is undefined/],
    [build((s) => s.step('a', 'book/scan', { with: { folder: (() => 1) as never } })), /`with`\.folder is a function/],
    [build((s) => s.states(['a', 'b'], (s) => s.value('a', 1))), /the flow names states that it does not add: b/],
    [build((s) => s.states(['a'], (s) => s.value('b' as 'a', 1))), /the flow names states that it does not add: a/],
    [build((s) => s.states(['a'], (s) => [s.value('a', 1), s.value('b' as 'a', 1)])), /the flow adds states that it does not name: b/],
    [build((s) => void s.states(['a'], (s) => s.value('a', 1))), /the body of the flow makes states and does not return them/],
    [build((s) => (s.value('b', 1), s.states(['a'], (s) => s.value('a', 1)))), /the flow has steps and states/],
    [build((s) => ({ ...s.value('a', 1) })), /a } stands for a value that is not there yet/],
    [build((s) => [s.value('a', 1), s.value('a', 2)]), /the flow has a step 'a' already/],
    [build(async (s) => void s.value('a', 1)), /the body of the flow is async/],
    [build((s) => s.value('a', 1, { needs: [$`${null} == 1`] })), /`needs` takes steps as the scope gave them, not 'null == 1'/],
    [build((s) => s.value('a', $`${undefined}`)), /an expression takes references and JSON, not a undefined/],
    [
      () => flow('a/b', { version, input: z.object({ n: z.int().optional() }) }, () => 1),
      /the input 'n' may be left out and has no default/,
    ],
    [() => flow('a/b', { version, input: z.string() }, () => 1), /a flow's input is an object/],
    [() => flow('a/b', { version, input: { '~standard': { version: 1 } } as never }, () => 1), /this schema gives no JSON Schema/],
  ];
  for (const [attempt, message] of wrong) {
    assert.throws(attempt, { name: 'TypeError', message });
  }
});

test('a step that is added after its body ended is refused', () => {
  let late: Scope | undefined;
  flow('a/b', { version }, (s) => {
    late = s;
    s.value('a', 1);
  });
  assert.throws(() => late?.value('b', 2), /the step 'b' comes too late for the flow/);
});

test('a mistake is told at the builder’s call, with the step’s path', () => {
  const built = flow('a/b', { version }, (s) => {
    s.scope('outer', (s) => {
      s.step('inner', 'book/toc', { with: { paht: 'a' }, retry: { max: 0 } });
    });
  });
  const line = lineOf("s.step('inner'");
  const { flow: compiled, diagnostics } = compileFlow(built, { file: 'a/b', callables });
  assert.equal(compiled, null);
  assert.deepEqual(
    diagnostics.map(({ code, path, line }) => ({ code, path, line })),
    [
      { code: 'unknown_input', path: 'outer/inner', line },
      { code: 'wrong_shape', path: 'outer/inner', line },
    ],
  );
  assert.ok(diagnostics.every(({ file }) => file.endsWith('/builder/builder.test.ts')));
});

test('a mistake inside of a catch and of an each is told at its own call', () => {
  const built = flow('a/b', { version }, (s) => {
    s.value('a', 1, { catch: (caught) => [caught.scope({}, (s) => void s.step('deep', 'book/none'))] });
    s.each('b', { in: [1] }, (_, s) => s.states(['deeper'], (s) => void s.step('deeper', 'book/none', {})));
  });
  const { diagnostics } = compileFlow(built, { file: 'a/b', callables });
  assert.deepEqual(
    diagnostics.map(({ code, line }) => ({ code, line })),
    [
      { code: 'no_such_handler', line: lineOf("s.step('deep'") },
      { code: 'no_such_handler', line: lineOf("s.step('deeper'") },
    ],
  );
});

test('the positions of steps are those of the builder’s calls', () => {
  const built = flow('a/b', { version }, (s) => {
    s.each('items', { in: [1] }, (n, s) => {
      s.value('double', $`${n} * 2`);
    });
  });
  const { positions } = compileFlow(built, { file: 'a/b', callables });
  assert.equal(positions['items']?.line, lineOf("s.each('items'"));
  assert.equal(positions['items/double']?.line, lineOf("s.value('double'"));
  assert.ok(positions['items']?.file?.endsWith('builder.test.ts'));
});

/** Where this file first says `text`. */
function lineOf(text: string): number {
  return (
    readFileSync(new URL(import.meta.url), 'utf8')
      .split('\n')
      .findIndex((line) => line.includes(text)) + 1
  );
}
