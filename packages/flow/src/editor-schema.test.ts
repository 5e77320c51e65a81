import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { parse } from 'yaml';
import { states } from '../test/same-states.ts';
import { steps } from '../test/same-steps.ts';
import { createContracts } from './contracts.ts';
import { flowSchema } from './editor-schema.ts';

const check = createContracts().compile(flowSchema());

const root = new URL('../../../', import.meta.url);
const pages = ['docs/language.md', 'docs/tutorial.md', 'docs/versions.md'];
const flowsOn = (page: string): readonly string[] =>
  [...readFileSync(new URL(page, root), 'utf8').matchAll(/^```yaml flow[^\n]*\n(.*?)^```/gms)].flatMap(([, text]) => text ?? []);

for (const file of globSync(
  ['examples/**/*.flow.yaml', 'pipelines/**/*.flow.yaml', 'templates/**/*.flow.yaml', 'packages/flow/test/valid/*'],
  { cwd: fileURLToPath(root) },
)) {
  test(`given ${file}, the editor schema has nothing against it`, () => {
    assert.deepEqual(check(parse(readFileSync(new URL(file, root), 'utf8'))), []);
  });
}

for (const page of pages) {
  test(`given the flows of ${page}, the editor schema has nothing against them`, () => {
    assert.deepEqual(
      flowsOn(page).flatMap((source) => check(parse(source))),
      [],
    );
  });
}

for (const { name, yaml } of [...steps, ...states]) {
  test(`given ${name}, the editor schema has nothing against it`, () => {
    assert.deepEqual(check(parse(yaml)), []);
  });
}

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
