import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileFlow } from '../compile.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { MAX_DEFINITION_BYTES } from './source.ts';

const told = (source: string): readonly Pick<Diagnostic, 'code' | 'line' | 'col'>[] =>
  compileFlow(source, { file: 'f', callables: new Map() }).diagnostics.map(({ code, line, col }) => ({ code, line, col }));
const flow = (step: string): string => `flow: t/x\nversion: "1.0.0"\nsteps:\n  a: ${step}\n`;

test('given a definition above the size, it is refused before it is read', () => {
  assert.deepEqual(told(flow(`{ value: "${'x'.repeat(MAX_DEFINITION_BYTES)}" }`)), [{ code: 'too_large', line: 1, col: 1 }]);
});

test('given a definition nested too deeply, it is refused, however deeply', () => {
  const nested = (depth: number): string => flow(`{ value: ${'['.repeat(depth)}1${']'.repeat(depth)} }`);
  assert.deepEqual(told(nested(50)), []);
  assert.deepEqual(
    told(nested(80)).map(({ code }) => code),
    ['too_deep'],
  );
  assert.equal(told(nested(50_000)).length, 1);
});

test('given nothing, or no mapping, it is said', () => {
  assert.deepEqual(told(''), [{ code: 'yaml', line: 1, col: 1 }]);
  assert.deepEqual(told('- a\n'), [{ code: 'wrong_shape', line: 1, col: 1 }]);
});

test('given a byte order mark and Windows line ends, places are those of the text', () => {
  const source = `\uFEFF${flow('{ value: "${ nothing }" }')}`.replaceAll('\n', '\r\n');
  assert.deepEqual(told(source), [{ code: 'no_such_name', line: 4, col: 19 }]);
  assert.deepEqual(told(source.slice(1)), [{ code: 'no_such_name', line: 4, col: 19 }]);
});

test('given several unquoted expressions, each line of them is told', () => {
  const source = 'flow: t/x\nversion: "1.0.0"\nsteps:\n  a: { value: ${ input.x } }\n  b: { value: ${ input.y } }\n';
  assert.deepEqual(told(source), [
    { code: 'unquoted_expression', line: 4, col: 15 },
    { code: 'unquoted_expression', line: 5, col: 15 },
  ]);
});

test('given words that YAML 1.1 reads as something else, they stay text', () => {
  const { flow: compiled } = compileFlow(flow('{ value: [yes, no, on, 0o14, 1_000, 12:30:45, 2024-01-01, ~] }'), {
    file: 'f',
    callables: new Map(),
  });
  const [step] = compiled?.root.do.k === 'and' ? compiled.root.do.steps : [];
  assert.deepEqual(step?.do, { k: 'value', value: { lit: ['yes', 'no', 'on', 12, '1_000', '12:30:45', '2024-01-01', null] } });
});

test('given a number that JSON cannot carry, it is refused', () => {
  assert.deepEqual(
    told(flow('{ value: [.inf, 12345678901234567890] }')).map(({ code }) => code),
    ['bad_number', 'bad_number'],
  );
});
