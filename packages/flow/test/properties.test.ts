/** What holds for every definition. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Json } from '@scriptorium/core';
import fc from 'fast-check';
import { parse } from 'yaml';
import { compileFlow, formatDiagnostic } from '../src/index.ts';
import { callables } from './callables.ts';

const source = readFileSync(new URL('./valid/books.flow.yaml', import.meta.url), 'utf8');
const definition = parse(source) as Json;
const compile = (text: string): ReturnType<typeof compileFlow> => compileFlow(text, { file: 'books.flow.yaml', callables });

/** The same JSON with the keys of every object in another order. */
function shuffled(value: Json, order: () => number): Json {
  if (Array.isArray(value)) {
    return value.map((item: Json) => shuffled(item, order));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value as { [key: string]: Json }).map(([key, inner]) => ({ key, inner, rank: order() }));
  return Object.fromEntries(entries.toSorted((a, b) => a.rank - b.rank).map(({ key, inner }) => [key, shuffled(inner, order)]));
}

test('compiling twice gives the same flow', () => {
  assert.deepEqual(compile(source), compile(source));
});

test('a flow is the same in YAML and in JSON', () => {
  assert.deepEqual(compile(JSON.stringify(definition)).flow?.hash, compile(source).flow?.hash);
});

test('the order of keys does not change the hash', () => {
  const expected = compile(source).flow?.hash;
  assert.ok(expected);
  fc.assert(
    fc.property(fc.infiniteStream(fc.integer()), (stream) => {
      const order = (): number => stream.next().value as number;
      assert.equal(compile(JSON.stringify(shuffled(definition, order))).flow?.hash, expected);
    }),
    { numRuns: 25 },
  );
});

test('any other policy, name or expression changes the hash', () => {
  const changes: readonly (readonly [from: string, to: string])[] = [
    ['concurrent: 12', 'concurrent: 13'],
    ['timeout: 2m', 'timeout: 3m'],
    ['tolerate: "10%"', 'tolerate: "11%"'],
    ['batch: 20', 'batch: 21'],
    ['method: ai', 'method: model'],
    ['run.mode == "strict"', 'run.mode == "flexible"'],
    ['errors: [not_in_catalog]', 'errors: [io]'],
    ['version: "1.0.0"', 'version: "1.0.1"'],
  ];
  const hashes = [source, ...changes.map(([from, to]) => source.replace(from, to))].map((text) => compile(text).flow?.hash);
  assert.ok(!hashes.includes(undefined));
  assert.equal(new Set(hashes).size, changes.length + 1);
});

test('however a definition is damaged, the compiler answers with places inside of it', () => {
  const lines = source.split('\n').length;
  const damage = fc.record({
    at: fc.nat(source.length - 1),
    cut: fc.nat(12),
    put: fc.oneof(
      fc.constantFrom('', '${', '}', '"', "'", ':', '\n', '  ', '- ', '[', '{', '&a ', '*a', '!t ', '|', '#', '\t'),
      fc.string({ maxLength: 4 }),
    ),
  });
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (changes) => {
      const damaged = changes.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), source);
      const { flow, diagnostics } = compile(damaged);
      assert.equal(
        flow === null,
        diagnostics.some(({ severity }) => severity === 'error'),
      );
      for (const diagnostic of diagnostics) {
        assert.ok(diagnostic.line >= 1 && diagnostic.line <= lines + 12 && diagnostic.col >= 1);
        assert.ok(formatDiagnostic(diagnostic, damaged).includes('^'));
      }
    }),
    { numRuns: 300 },
  );
});
