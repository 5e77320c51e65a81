import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { compileFlow, formatDiagnostic } from '@scriptorium/flow';
import { booksFlow, handlers } from '../src/index.ts';

it('the flow compiles against its handlers without a word', async () => {
  const source = await readFile(booksFlow.file, 'utf8');
  const { flow, diagnostics } = compileFlow(source, {
    file: 'books.flow.yaml',
    callables: new Map(handlers.map((handler) => [handler.name, handler])),
  });
  assert.deepEqual(
    diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, source)),
    [],
  );
  assert.equal(flow?.name, 'book/batch');
});

it('the test profile is strict and takes five books', async () => {
  const source = await readFile(booksFlow.file, 'utf8');
  const { flow } = compileFlow(source, {
    file: 'books.flow.yaml',
    callables: new Map(handlers.map((handler) => [handler.name, handler])),
    profile: 'test',
  });
  assert.deepEqual(flow?.run, { mode: 'strict', limit: 5 });
});

it('every handler is used by the flow', async () => {
  const source = await readFile(booksFlow.file, 'utf8');
  const used = new Set([...source.matchAll(/uses: (\S+)/g)].map((match) => match[1]));
  assert.deepEqual(
    handlers.map((handler) => handler.name).filter((name) => !used.has(name)),
    [],
  );
});
