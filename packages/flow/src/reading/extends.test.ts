import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callables } from '../../test/callables.ts';
import { compileFlow } from '../compile.ts';
import type { Compiled } from '../compile.ts';
import { MAX_BASES } from './extends.ts';

const base = `
flow: t/base
version: "1.0.0"
input: { folder: { type: string, default: in }, depth: { type: integer, default: 2 } }
limits: { disk: { concurrent: 4 } }
profiles: { test: { input: { folder: { default: samples } } } }
steps:
  scan: { uses: book/scan, with: { folder: "\${ input.folder }" }, limit: disk, timeout: 2m }
output: \${ scan.books.size() }
`;

function compile(files: { readonly [file: string]: string }, first: string, profile?: string): Compiled {
  const read = (path: string): { file: string; source: string } | null => {
    const file = path.slice(2);
    const source = files[file];
    return source === undefined ? null : { file, source };
  };
  return compileFlow(files[first] ?? '', { file: first, callables, read, ...(profile === undefined ? {} : { profile }) });
}

function found({ diagnostics }: Compiled): readonly string[] {
  return diagnostics.map(({ file, line, col, code }) => `${file}:${line}:${col} ${code}`);
}

test('given a chain of files, each is a merge patch over the next, and the result is the flow written out', () => {
  const files = {
    'base.flow.yaml': base,
    'middle.flow.yaml': 'extends: ./base.flow.yaml\nversion: "1.1.0"\ninput: { depth: null }\nlimits: { disk: { concurrent: 8 } }',
    'top.flow.yaml': 'extends: ./middle.flow.yaml\nflow: t/top\nsteps: { scan: { timeout: null }, more: { value: 1 } }',
  };
  const written = `
flow: t/top
version: "1.1.0"
input: { folder: { type: string, default: in } }
limits: { disk: { concurrent: 8 } }
profiles: { test: { input: { folder: { default: samples } } } }
steps:
  scan: { uses: book/scan, with: { folder: "\${ input.folder }" }, limit: disk }
  more: { value: 1 }
output: \${ scan.books.size() }
`;
  const compiled = compile(files, 'top.flow.yaml');
  assert.deepEqual(found(compiled), []);
  assert.deepEqual(compiled.flow, compile({ 'top.flow.yaml': written }, 'top.flow.yaml').flow);
  assert.deepEqual(
    compiled.bases.map(({ file }) => file),
    ['middle.flow.yaml', 'base.flow.yaml'],
  );
  assert.deepEqual(
    [compiled.positions['scan'], compiled.positions['more']].map((place) => place && [place.file, place.line, place.col]),
    [
      ['base.flow.yaml', 8, 3],
      [undefined, 3, 35],
    ],
  );
});

test('given a profile, it is merged over the whole, wherever it was written', () => {
  const files = {
    'base.flow.yaml': base,
    'top.flow.yaml': 'extends: ./base.flow.yaml\nprofiles: { test: { run: { limit: 5 } } }\ninput: { folder: { default: here } }',
  };
  const compiled = compile(files, 'top.flow.yaml', 'test');
  assert.deepEqual(found(compiled), []);
  assert.deepEqual(compiled.flow?.run, { limit: 5 });
  assert.deepEqual((compiled.flow?.input as { properties: object }).properties, {
    folder: { type: 'string', default: 'samples' },
    depth: { type: 'integer', default: 2 },
  });
});

test('given a plain value that extends a file, mistakes in the file are told there', () => {
  const compiled = compileFlow(
    { extends: './base.flow.yaml' },
    { file: 'made', callables, read: () => ({ file: 'b', source: 'steps: []' }) },
  );
  assert.ok(found(compiled).includes('b:1:8 wrong_shape'), found(compiled).join());
});

test('given more files than may extend each other, or one that cannot be read, that is all that is told', () => {
  const chain = Object.fromEntries(
    Array.from({ length: MAX_BASES + 2 }, (_, level) => [`f${level}.flow.yaml`, `extends: ./f${level + 1}.flow.yaml`]),
  );
  assert.deepEqual(found(compile(chain, 'f0.flow.yaml')), [`f${MAX_BASES}.flow.yaml:1:10 too_deep`]);
  assert.deepEqual(found(compileFlow('extends: ./base.flow.yaml', { file: 'alone', callables })), ['alone:1:10 no_such_file']);
});

test('given a path that is absolute, leaves the kinds of files that hold flows, or is no path, it is refused', () => {
  for (const path of [
    '/etc/passwd',
    '../secrets.yaml',
    'base.flow.yaml',
    'file:///base.flow.yaml',
    '.\\base.flow.yaml',
    './x/.flow.yaml.txt',
  ]) {
    assert.deepEqual(
      found(compile({ 'a.flow.yaml': `extends: ${JSON.stringify(path)}` }, 'a.flow.yaml')),
      ['a.flow.yaml:1:10 bad_path'],
      path,
    );
  }
});
