import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callables } from '../../test/callables.ts';
import { compileFlow } from '../compile.ts';
import type { Compiled } from '../compile.ts';

const count = (version: string, field = 'chapters'): string => `
flow: team/count
version: "${version}"
input: { path: { type: string }, depth: { type: integer, default: 2 } }
profiles: { test: { input: { depth: { default: 1 } } } }
steps:
  toc: { uses: book/toc, with: { path: "\${ input.path }", depth: "\${ input.depth }" } }
output: { ${field}: "\${ toc.chapters.size() }" }
`;

const inFolder = (path: string): { file: string; source: string } | null =>
  path === './base.flow.yaml' ? { file: 'base', source: count('3.0.0') } : null;

function compile(source: string, files: { readonly [file: string]: string }, profile?: string): Compiled {
  const flows = Object.entries(files).map(([file, text]) => ({ file, source: text, callables }));
  return compileFlow(source, { file: 'x.flow.yaml', callables, flows, read: inFolder, ...(profile === undefined ? {} : { profile }) });
}

function caller(...steps: readonly string[]): string {
  return `flow: t/x\nversion: "1.0.0"\ninput: { n: { type: integer, default: 2 } }\nsteps:\n${steps.map((step) => `  ${step}\n`).join('')}`;
}

function problems({ diagnostics }: Compiled): readonly string[] {
  return diagnostics.map(({ code, message }) => `${code}: ${message}`);
}

const versions = {
  'a.yaml': count('1.2.0'),
  'b.yaml': count('1.10.0'),
  'c.yaml': count('2.0.0', 'total'),
  'd.yaml': count('2.1.0-rc.1', 'total'),
};

test('given several versions of a flow, each call gets the highest in its range, and the types of that one', () => {
  const compiled = compile(
    caller(
      'any: { uses: team/count, with: { path: a } }',
      'one: { uses: team/count@^1.1, with: { path: a } }',
      'exact: { uses: team/count@1.2.0, with: { path: a } }',
      'sum: { value: "${ any.total + one.chapters + exact.chapters }" }',
    ),
    { 'a.yaml': versions['a.yaml'], 'b.yaml': versions['b.yaml'], 'c.yaml': versions['c.yaml'] },
  );
  assert.deepEqual(problems(compiled), []);
  assert.deepEqual(
    Object.entries(compiled.called).map(([called, { version }]) => [called, version]),
    [
      ['team/count@*', '2.0.0'],
      ['team/count@1.2.0', '1.2.0'],
      ['team/count@^1.1', '1.10.0'],
    ],
  );
  assert.deepEqual([...compiled.calledFiles].sort(), ['a.yaml', 'b.yaml', 'c.yaml', 'x.flow.yaml']);
});

test('given flows that call flows, the whole tree is handed over, each definition once', () => {
  const middle = `flow: team/middle\nversion: "1.0.0"\nsteps:\n  count: { uses: team/count@^1, with: { path: a } }\noutput: \${ count.chapters }\n`;
  const compiled = compile(caller('first: { uses: team/middle }', 'second: { value: "${ first + 1 }" }'), {
    ...versions,
    'm.yaml': middle,
  });
  assert.deepEqual(problems(compiled), []);
  assert.deepEqual(Object.keys(compiled.called), ['team/count@^1', 'team/middle@*']);
  const alone = compile(middle, versions);
  assert.equal(compiled.called['team/middle@*']?.hash, alone.flow?.hash);
});

test('given a profile, flows that are called take theirs of that name, and those without it none', () => {
  const plain = 'flow: team/plain\nversion: "1.0.0"\nsteps: { a: { value: 1 } }\n';
  const root = caller('count: { uses: team/count, with: { path: a } }', 'plain: { uses: team/plain }');
  const depthOf = ({ called }: Compiled): unknown =>
    (called['team/count@*']?.input as { properties: { depth: { default: number } } } | undefined)?.properties.depth.default;
  const files = { 'a.yaml': count('1.2.0'), 'p.yaml': plain };
  const tested = compile(`${root}profiles: { test: { input: { n: { default: 1 } } } }\n`, files, 'test');
  assert.deepEqual(problems(tested), []);
  assert.deepEqual([depthOf(tested), depthOf(compile(root, files))], [1, 2]);
});

test('given a flow that calls itself where something decides whether it does, it is among those that it calls', () => {
  const compiled = compile(
    caller('again: { if: "${ input.n > 0 }", uses: t/x, with: { n: "${ input.n - 1 }" }, returns: { type: object } }'),
    {},
  );
  assert.deepEqual(problems(compiled), []);
  assert.equal(compiled.called['t/x@*'], compiled.flow);
});

test('given two flows that call each other, the one that is compiled first is known by its input', () => {
  const files = {
    'even.yaml':
      'flow: t/even\nversion: "1.0.0"\ninput: { n: { type: integer } }\nsteps:\n  less: { if: "${ input.n > 0 }", uses: t/x, with: { n: "${ input.n - 1 }" } }\n',
  };
  const root = caller('less: { uses: t/even, with: { n: "${ input.n }" } }');
  const compiled = compile(root, files);
  assert.deepEqual(problems(compiled), []);
  assert.deepEqual(Object.keys(compiled.called), ['t/even@*', 't/x@*']);
  const wrong = compile(root, { 'even.yaml': files['even.yaml'].replace('"${ input.n - 1 }"', '"${ string(input.n) }"') });
  assert.match(problems(wrong).join('\n'), /^broken_flow: the flow 't\/even' has errors: even\.yaml:5:\d+: 'n' is str, needs int$/);
});

test('given a definition that extends another, it is found under the name and version of the whole', () => {
  const compiled = compile(caller('count: { uses: team/count@^3, with: { path: a } }'), {
    'top.yaml': 'extends: ./base.flow.yaml\nversion: "3.1.0"\n',
  });
  assert.deepEqual(problems(compiled), []);
  assert.equal(compiled.called['team/count@^3']?.version, '3.1.0');
});

test('given a definition with errors, nothing that it calls is handed over', () => {
  const compiled = compile(caller('count: { uses: team/count, with: { path: a } }', 'wrong: { value: "${ nothing }" }'), versions);
  assert.deepEqual([compiled.flow, compiled.called], [null, {}]);
});

test('given a definition that steps are like, and a profile, both reach the call of a flow', () => {
  const root = `${caller('count: { like: left, with: { path: a } }', 'run: { value: "${ count.run ?? \'\' }" }').replace('run:', 'told:').replace('steps:', 'define: { left: { uses: team/count@^1, detached: true } }\nsteps:')}profiles: { next: { define: { left: { uses: team/count@^2 } } } }\n`;
  const compiled = compile(root, { 'a.yaml': versions['a.yaml'], 'c.yaml': versions['c.yaml'] }, 'next');
  assert.deepEqual(problems(compiled), []);
  assert.deepEqual(Object.keys(compiled.called), ['team/count@^2']);
  const [count] = compiled.flow?.root.do.k === 'and' ? compiled.flow.root.do.steps : [];
  assert.deepEqual(count?.do.k === 'call' && count.do.flow, { range: '^2', detached: true });
});

test('given a flow that is known in part only, no code that a call of it names is held to be misspelled', () => {
  const named = 'catch: [{ errors: [some.code], value: null }]';
  const failing = (error: string): string =>
    `flow: team/failing\nversion: "1.0.0"\ninput: { code: { type: string } }\nsteps:\n  end: { uses: core/fail, with: { error: "${error}", message: Ended } }\n`;
  const call = `call: { uses: team/failing, with: { code: a }, ${named} }`;
  assert.deepEqual(problems(compile(caller(call), { 'f.yaml': failing('${ input.code }') })), []);
  assert.deepEqual(problems(compile(caller(call), { 'f.yaml': failing('some.code') })), []);
  assert.deepEqual(problems(compile(caller(call), { 'f.yaml': failing('other.code') })), [
    "unknown_error: nothing here raises 'some.code'",
  ]);
  const itself = `flow: t/x\nversion: "1.0.0"\ninput: { n: { type: integer } }\nsteps:\n  call: { if: "\${ input.n > 0 }", uses: t/x, with: { n: "\${ input.n - 1 }" }, ${named} }\n`;
  assert.deepEqual(problems(compile(itself, { 'x.flow.yaml': itself })), []);
});

test('given a flow that is only started, none of its codes reaches the call', () => {
  const moving = 'flow: team/moving\nversion: "1.0.0"\nsteps:\n  put: { uses: store/publish, with: { id: a } }\n';
  const call = (more: string): string => caller(`call: { uses: team/moving, ${more}catch: [{ errors: [taken], value: null }] }`);
  assert.deepEqual(problems(compile(call(''), { 'm.yaml': moving })), []);
  assert.deepEqual(problems(compile(call('detached: true, '), { 'm.yaml': moving })), ["unknown_error: nothing here raises 'taken'"]);
});
