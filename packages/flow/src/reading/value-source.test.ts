import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { JsonObject } from '@scriptorium/core';
import { parse, parseDocument } from 'yaml';
import { callables } from '../../test/callables.ts';
import { compileFlow, formatDiagnostic } from '../index.ts';
import type { Diagnostic } from '../index.ts';

const diagnose = (source: string | JsonObject): readonly Diagnostic[] => compileFlow(source, { file: 'a.json', callables }).diagnostics;
const inFlow = (value: unknown): JsonObject => ({ flow: 'a/b', version: '1.0.0', steps: { a: { value } } }) as JsonObject;

const broken = new URL('../../test/broken/', import.meta.url);
const files = readdirSync(broken).filter((name) => name.endsWith('.yaml') && !name.startsWith('yaml-'));

test('a mistake in a plain value is told as in YAML, wherever YAML can be read', () => {
  let compared = 0;
  for (const file of files) {
    const source = readFileSync(new URL(file, broken), 'utf8');
    if (parseDocument(source).errors.length > 0) {
      continue;
    }
    const said = (diagnostics: readonly Diagnostic[]): readonly string[] =>
      diagnostics.map(({ severity, code, path }) => `${severity} ${code} ${path}`).toSorted();
    assert.deepEqual(said(diagnose(parse(source) as JsonObject)), said(diagnose(source)), file);
    compared += 1;
  }
  assert.ok(compared >= 50, `${compared} files`);
});

test('the places in a plain value are those in its JSON', () => {
  const definition = inFlow({ text: 'so \n"many" ${ inptu.n }' });
  const json = JSON.stringify(definition, null, 2);
  const [diagnostic] = diagnose(definition);
  assert.equal(diagnostic?.code, 'no_such_name');
  const [, line = '', mark = ''] = formatDiagnostic(diagnostic, json).split('\n');
  assert.equal(line.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1), 'inptu');
});

test('what is no JSON is told with the way to it', () => {
  const circle: Record<string, unknown> = {};
  circle['inner'] = { circle };
  const cases: readonly (readonly [value: unknown, code: string, message: RegExp])[] = [
    [[1, undefined], 'not_json', /'steps\.a\.value\[1\]' is nothing/],
    [{ f: () => 1 }, 'not_json', /'steps\.a\.value\.f' is a function/],
    [{ at: new Date(0) }, 'not_json', /'steps\.a\.value\.at' is a Date/],
    [1n, 'not_json', /'steps\.a\.value' is a bigint/],
    [circle, 'not_json', /'steps\.a\.value\.inner\.circle' is a value that contains itself/],
    [Number.NaN, 'bad_number', /NaN is no number/],
    [2 ** 60, 'bad_number', /1152921504606847000 is no number/],
    [JSON.parse('{ "__proto__": 1 }'), 'forbidden_key', /'__proto__' is not allowed/],
    ['a\ud800', 'bad_text', /half of a surrogate pair/],
    [{ '\udfff': 1 }, 'bad_text', /half of a surrogate pair/],
    [['x'.repeat(1_100_000)], 'too_large', /has 1100\d{3} bytes; at most 1048576/],
    [JSON.parse(`${'['.repeat(70)}${']'.repeat(70)}`), 'too_deep', /deeper than 64 levels/],
  ];
  for (const [value, code, message] of cases) {
    const diagnostics = diagnose(inFlow(value));
    assert.deepEqual(
      diagnostics.map((each) => each.code),
      [code],
    );
    assert.match(diagnostics[0]!.message, message);
  }
});

test('a value that is used twice is read twice, and undefined properties are left out', () => {
  const shared = { n: 1 };
  const definition = inFlow({ a: shared, b: shared, c: undefined });
  const hash = (source: string | JsonObject): string | undefined => compileFlow(source, { file: 'a', callables }).flow?.hash;
  assert.ok(hash(definition));
  assert.equal(hash(definition), hash(JSON.stringify(definition)));
});

test('what is no mapping is told', () => {
  assert.deepEqual(
    [[], 'text'].map((value) => diagnose(value as unknown as JsonObject)[0]?.code),
    ['wrong_shape', 'wrong_shape'],
  );
  assert.equal(diagnose(null as unknown as JsonObject)[0]?.code, 'wrong_shape');
});
