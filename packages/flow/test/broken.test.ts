/** Broken definitions: each file says at its top what must be told of it, and nothing else may be. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { compileFlow, formatDiagnostic } from '../src/index.ts';
import type { Diagnostic, FlowFile, ReadDefinition } from '../src/index.ts';
import { callables } from './callables.ts';

const folder = new URL('./broken/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

interface Expectation {
  readonly severity: string;
  readonly code: string;
  readonly line: number;
  readonly col: number;
  /** Of several files, the one that is not the definition's own. */
  readonly other: string;
  readonly fragment: string;
}

function expectationsOf(source: string): readonly Expectation[] {
  return [...source.matchAll(/^# expect: (error|warning) (\w+) (\d+):(\d+) (?:@(\S+) )?(.+)$/gm)].map(
    ([, severity = '', code = '', line, col, other = '', fragment = '']) => ({
      severity,
      code,
      line: Number(line),
      col: Number(col),
      other,
      fragment,
    }),
  );
}

function asExpected(diagnostic: Diagnostic, own: string, expectation: Expectation | undefined): Expectation {
  const { severity, code, line, col, message } = diagnostic;
  return {
    severity,
    code,
    line,
    col,
    other: diagnostic.file === own ? '' : diagnostic.file,
    fragment: expectation !== undefined && message.includes(expectation.fragment) ? expectation.fragment : message,
  };
}

const read: ReadDefinition = (path, from) => {
  const file = join(dirname(from), path);
  const url = new URL(file, folder);
  return existsSync(url) ? { file, source: readFileSync(url, 'utf8') } : null;
};

/** What the definitions may call. */
const flows: readonly FlowFile[] = readdirSync(new URL('flows/', folder)).map((name) => {
  const file = `flows/${name}`;
  return { file, source: readFileSync(new URL(file, folder), 'utf8'), callables };
});

for (const file of files) {
  const source = readFileSync(new URL(file, folder), 'utf8');
  const expected = expectationsOf(source);

  test(`given ${file}, exactly its mistakes are told, each at its place`, () => {
    const { flow, diagnostics } = compileFlow(source, { file, callables, read, flows });

    assert.ok(expected.length > 0, 'the file says what to expect');
    assert.deepEqual(
      diagnostics.map((each, i) => asExpected(each, file, expected[i])),
      expected,
    );
    assert.equal(
      flow === null,
      expected.some(({ severity }) => severity === 'error'),
    );
  });

  test(`given ${file}, each message shows the line with a mark under the place`, () => {
    const { diagnostics } = compileFlow(source, { file, callables, read, flows });

    for (const diagnostic of diagnostics) {
      const text = diagnostic.file === file ? source : readFileSync(new URL(diagnostic.file, folder), 'utf8');
      const [head = '', line = '', mark = ''] = formatDiagnostic(diagnostic, text).split('\n');
      assert.ok(head.startsWith(`${diagnostic.file}:${diagnostic.line}:${diagnostic.col}: ${diagnostic.severity}: ${diagnostic.code}: `));
      assert.equal(line, ` ${diagnostic.line} | ${text.split('\n')[diagnostic.line - 1]}`);
      assert.equal(mark.indexOf('^'), ` ${diagnostic.line} | `.length + diagnostic.col - 1);
    }
  });
}

test('there are more broken definitions than the thirty asked for', () => {
  assert.ok(files.length >= 40, `${files.length} files`);
});
