import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callables } from '../../test/callables.ts';
import { compileFlow } from '../compile.ts';
import type { Compiled } from '../compile.ts';
import { MAX_TEXT_BYTES } from './kept-text.ts';

const definition = (value: string): string =>
  `flow: t/texts\nversion: "1.0.0"\nsteps:\n  scan: { uses: book/scan, with: { folder: ${value} } }\noutput: \${ scan.books.size() }\n`;

function compile(value: string, texts: { readonly [path: string]: string }): Compiled {
  const read = (path: string, from: string): { file: string; source: string } | null =>
    texts[path] === undefined ? null : { file: `${from}:${path}`, source: texts[path] };
  return compileFlow(definition(value), { file: 'flows/texts.flow.yaml', callables, read });
}

const given = ({ flow }: Compiled): unknown => {
  const [step] = flow?.root.do.k === 'and' ? flow.root.do.steps : [];
  return step?.do.k === 'call' ? step.do.with : null;
};

test('given the name of a file, then its text is in the definition as it is, and the hash knows it', () => {
  const text = 'You are {{who}}. Keep ${ this } as it is.\r\nAnd secret:THIS.\n\n';
  const compiled = compile('"file:prompts/a.md"', { 'prompts/a.md': text });
  assert.deepEqual(compiled.diagnostics, []);
  assert.deepEqual(given(compiled), { lit: { folder: 'You are {{who}}. Keep ${ this } as it is.\nAnd secret:THIS.' } });
  const other = compile('"file:prompts/a.md"', { 'prompts/a.md': 'Another.' });
  assert.notEqual(compiled.flow?.hash, other.flow?.hash);
});

test('given the address of a file, then it stays what it is', () => {
  assert.deepEqual(given(compile('"file:///etc/hosts"', {})), { lit: { folder: 'file:///etc/hosts' } });
});

for (const [value, code] of [
  ['"file:prompts/none.md"', 'no_such_file'],
  ['"file:/etc/passwd"', 'bad_path'],
  ['"file:C:/x"', 'bad_path'],
  ['"file:a\\\\b"', 'bad_path'],
  ['"file:"', 'bad_path'],
  ['"file:large.md"', 'too_large'],
] as const) {
  test(`given ${value}, then it is told as ${code} at its place`, () => {
    const { flow, diagnostics } = compile(value, { 'large.md': 'x'.repeat(MAX_TEXT_BYTES + 1) });
    assert.equal(flow, null);
    assert.deepEqual(
      diagnostics.map((one) => [one.code, one.line, one.path]),
      [[code, 4, 'scan']],
    );
  });
}
