/** Broken definitions: each file says at its top what must be told of it, and nothing else may be. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compileFlow, formatDiagnostic } from '../src/index.ts';
import type { Diagnostic } from '../src/index.ts';
import { callables } from './callables.ts';

const folder = new URL('./broken/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

interface Expectation {
  readonly severity: string;
  readonly code: string;
  readonly line: number;
  readonly col: number;
  readonly fragment: string;
}

function expectationsOf(source: string): readonly Expectation[] {
  return [...source.matchAll(/^# expect: (error|warning) (\w+) (\d+):(\d+) (.+)$/gm)].map(
    ([, severity = '', code = '', line, col, fragment = '']) => ({ severity, code, line: Number(line), col: Number(col), fragment }),
  );
}

function asExpected(diagnostic: Diagnostic, expectation: Expectation | undefined): Expectation {
  const { severity, code, line, col, message } = diagnostic;
  return {
    severity,
    code,
    line,
    col,
    fragment: expectation !== undefined && message.includes(expectation.fragment) ? expectation.fragment : message,
  };
}

for (const file of files) {
  const source = readFileSync(new URL(file, folder), 'utf8');
  const expected = expectationsOf(source);

  test(`given ${file}, exactly its mistakes are told, each at its place`, () => {
    const { flow, diagnostics } = compileFlow(source, { file, callables });

    assert.ok(expected.length > 0, 'the file says what to expect');
    assert.deepEqual(
      diagnostics.map((each, i) => asExpected(each, expected[i])),
      expected,
    );
    assert.equal(
      flow === null,
      expected.some(({ severity }) => severity === 'error'),
    );
  });

  test(`given ${file}, each message shows the line with a mark under the place`, () => {
    const { diagnostics } = compileFlow(source, { file, callables });

    for (const diagnostic of diagnostics) {
      const [head = '', line = '', mark = ''] = formatDiagnostic(diagnostic, source).split('\n');
      assert.ok(head.startsWith(`${file}:${diagnostic.line}:${diagnostic.col}: ${diagnostic.severity}: ${diagnostic.code}: `));
      assert.equal(line, ` ${diagnostic.line} | ${source.split('\n')[diagnostic.line - 1]}`);
      assert.equal(mark.indexOf('^'), ` ${diagnostic.line} | `.length + diagnostic.col - 1);
    }
  });
}

test('there are more broken definitions than the thirty asked for', () => {
  assert.ok(files.length >= 40, `${files.length} files`);
});
