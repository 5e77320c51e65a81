/** Flows as TypeScript modules, in a folder that knows nothing of this checkout. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createCommandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

const read = (name: string): string => readFileSync(new URL(`flows/numbers/${name}`, import.meta.url), 'utf8');
const handlers = read('handlers.ts');
const flow = read('numbers.flow.ts');

function project(t: TestContext, files: { readonly [name: string]: string }): CommandLine {
  const cli = createCommandLine(t);
  mkdirSync(join(cli.directory, 'flows'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cli.directory, 'flows', name), text);
  return cli;
}

describe('a flow in TypeScript', () => {
  it('is run with its handlers, in worker threads too, and drawn, and known to the schema of editors', async (t) => {
    const { call } = project(t, { 'handlers.ts': handlers, 'numbers.flow.ts': flow });
    const ran = await call('run', 'flows/numbers.flow.ts', '--set', 'numbers=[1,2,3]', '--out', 'out', '--json', '--no-progress');
    assert.equal(ran.code, 0, ran.err);
    assert.deepEqual((JSON.parse(ran.out) as { progress: { items: { succeeded: number } } }).progress.items.succeeded, 3);
    const drawn = await call('graph', 'flows/numbers.flow.ts');
    assert.equal(drawn.code, 0, drawn.err);
    assert.match(drawn.out, /numbers\/double/);
    const schema = await call('schema', '--project', '.');
    assert.match(schema.out, /numbers\/double/);
  });

  it('given a mistake, then it is shown at the call of the builder, with the line', async (t) => {
    const { call } = project(t, { 'handlers.ts': handlers, 'numbers.flow.ts': flow.replace('({ n })', "({ n: 'three' })") });
    const { code, out } = await call('check', 'flows/numbers.flow.ts');
    assert.equal(code, 2);
    assert.match(out, /^flows\/numbers\.flow\.ts:8:19: error: /m);
    assert.match(out, /^ 8 \| {5}const all = s\.each\('all'/m);
  });

  it('given code that throws, then it is told with its place, not as a fault of the program', async (t) => {
    const twice = flow.replace('  return', "  s.value('all', 1);\n  return");
    const { call } = project(t, { 'handlers.ts': handlers, 'numbers.flow.ts': twice });
    const { code, err } = await call('check', 'flows/numbers.flow.ts');
    assert.equal(code, 2);
    assert.match(err, /flows\/numbers\.flow\.ts:9:7 cannot be loaded: the flow has a step 'all' already/);
  });

  for (const [what, text, said] of [
    ['no flow', 'export const answer = 42;\n', /exports no flow/],
    ['two flows', "export const a = { flow: 'a/b' };\nexport const b = { flow: 'a/c' };\n", /exports several flows: a, b/],
  ] as const) {
    it(`given a module with ${what}, then it is refused`, async (t) => {
      const { call } = project(t, { 'numbers.flow.ts': text });
      const { code, err } = await call('check', 'flows/numbers.flow.ts');
      assert.equal(code, 2);
      assert.match(err, said);
    });
  }
});

describe('fmt', () => {
  it('--yaml prints a flow in TypeScript as YAML of the same hash', async (t) => {
    const { call, directory } = project(t, { 'handlers.ts': handlers, 'numbers.flow.ts': flow });
    const { code, out } = await call('fmt', 'flows/numbers.flow.ts', '--yaml');
    assert.equal(code, 0);
    assert.match(out, /^flow: numbers\/all\nversion: "1\.0\.0"\n/);
    writeFileSync(join(directory, 'flows', 'numbers.flow.yaml'), out);
    const hashes = await Promise.all(
      ['ts', 'yaml'].map(
        async (form) => (JSON.parse((await call('check', `flows/numbers.flow.${form}`, '--json')).out) as { flow: object }).flow,
      ),
    );
    assert.deepEqual(hashes[0], hashes[1]);
  });

  it('--check tells of a file that is not formatted, --write formats it, and then --check is content', async (t) => {
    const source = "version: '1.0.0'\nflow: a/b\nsteps:\n    # one\n    a: {value: 1}\n";
    const { call, directory } = project(t, { 'a.flow.yaml': source });
    assert.equal((await call('fmt', 'flows/a.flow.yaml', '--check')).code, 1);
    assert.equal(readFileSync(join(directory, 'flows', 'a.flow.yaml'), 'utf8'), source);
    assert.equal((await call('fmt', 'flows/a.flow.yaml', '--write')).code, 0);
    const formatted = 'flow: a/b\nversion: "1.0.0"\nsteps:\n  # one\n  a: { value: 1 }\n';
    assert.equal(readFileSync(join(directory, 'flows', 'a.flow.yaml'), 'utf8'), formatted);
    assert.equal((await call('fmt', 'flows/a.flow.yaml', '--check')).code, 0);
    assert.equal((await call('fmt', 'flows/a.flow.yaml')).out, formatted);
  });

  it('given text that is no YAML, then the mistake is shown at its place', async (t) => {
    const { call } = project(t, { 'a.flow.yaml': 'flow: [a\nversion: 1\n' });
    const { code, err } = await call('fmt', 'flows/a.flow.yaml');
    assert.equal(code, 2);
    assert.match(err, /flows\/a\.flow\.yaml:\d+:\d+: error: yaml:/);
  });
});
