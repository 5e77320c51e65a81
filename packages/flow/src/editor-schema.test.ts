import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { createContracts } from './contracts.ts';
import { flowSchema } from './editor-schema.ts';

const check = createContracts().compile(flowSchema());

test('given the book flow, the editor schema has nothing against it', () => {
  const books: unknown = parse(readFileSync(new URL('../test/valid/books.flow.yaml', import.meta.url), 'utf8'));
  assert.deepEqual(check(books), []);
});

test('given a misspelled key, a number as a duration and a step without a name, it marks each', () => {
  const paths = (definition: object): readonly string[] => check({ flow: 't/x', version: '1.0.0', ...definition }).map(({ path }) => path);
  assert.deepEqual(paths({ steps: { a: { value: 1, timout: '2m' } } }), ['/steps/a']);
  assert.deepEqual(paths({ steps: { a: { value: 1, timeout: 90 } } }), ['/steps/a/timeout']);
  assert.deepEqual(paths({ steps: [{ value: 1 }] }), ['/steps']);
});

test('every key that the compiler reads has a schema', () => {
  const { properties, definitions } = flowSchema() as { properties: object; definitions: Record<string, { properties?: object }> };
  for (const [owner, keys] of [
    ['flow', properties] as const,
    ...Object.entries(definitions).map(([name, each]) => [name, each.properties ?? {}] as const),
  ]) {
    for (const [key, schema] of Object.entries(keys)) {
      assert.notEqual(schema, false, `${owner}.${key}`);
    }
  }
});
