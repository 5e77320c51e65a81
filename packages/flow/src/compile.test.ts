import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Flow, Node } from '@scriptorium/core';
import { callables } from '../test/callables.ts';
import { compileFlow, formatDiagnostic } from './index.ts';

const books = readFileSync(new URL('../test/valid/books.flow.yaml', import.meta.url), 'utf8');

function compiled(source: string, profile?: string): Flow {
  const { flow, diagnostics } = compileFlow(source, { file: 'test.flow.yaml', callables, ...(profile === undefined ? {} : { profile }) });
  assert.deepEqual(diagnostics.map((each) => formatDiagnostic(each, source)), []);
  assert.ok(flow);
  return flow;
}

function nodeOf(flow: Flow, id: string): Node {
  const find = (node: Node): Node | undefined => {
    const inner = [...(node.do.k === 'and' ? node.do.steps : []), ...node.catch.flatMap((entry) => entry.do ?? [])];
    return node.id === id ? node : inner.map(find).find((each) => each !== undefined);
  };
  const node = find(flow.root);
  assert.ok(node, `no node ${id}`);
  return node;
}

test('given the book flow, every step knows what it waits for', () => {
  const flow = compiled(books);
  assert.deepEqual(nodeOf(flow, 'books').needs, ['preflight', 'scan']);
  assert.deepEqual(nodeOf(flow, 'books/clean').needs, ['topology', 'sanity']);
  assert.deepEqual(nodeOf(flow, 'books/validate/ai').needs, []);
  assert.deepEqual(nodeOf(flow, 'books/gate').needs, ['validate']);
});

test('given the book flow, an each captures the outer names that its body reads, and those only', () => {
  const flow = compiled(books);
  assert.deepEqual(nodeOf(flow, 'books').each?.captures, ['input', 'run']);
  assert.deepEqual(nodeOf(flow, 'books/validate/ai').each?.captures, ['book']);
});

test('given the book flow, the output is inferred through each, catch and scopes', () => {
  const { output } = compiled(books);
  assert.deepEqual(output, {
    type: 'object',
    required: ['failed', 'ok', 'report'],
    properties: { report: { type: 'string' }, ok: { type: 'integer' }, failed: { type: 'array', items: { type: 'string' } } },
    additionalProperties: false,
  });
});

test('given an inline limit, it becomes a pool of the step', () => {
  const flow = compiled(books);
  assert.equal(nodeOf(flow, 'books/clean').limit, 'book/batch/books/clean');
  assert.deepEqual(flow.limits, { disk: { concurrent: 12 }, openai: { concurrent: 4, rate: { n: 2, per: 1000 } }, 'book/batch/books/clean': { concurrent: 8 } });
});

test('given a profile, it is merged in and its run options are kept', () => {
  assert.deepEqual(compiled(books, 'test').run, { mode: 'strict', limit: 5 });
  assert.deepEqual(compiled(books, 'offline').limits['openai'], { concurrent: 4, rate: { n: 1, per: 60_000 } });
});

test('given `like`, policies and inputs are merged deeply', () => {
  const ai = nodeOf(compiled(books), 'books/validate/ai');
  assert.equal(ai.timeout, 90_000);
  assert.equal(ai.limit, 'openai');
  assert.deepEqual(ai.retry, [{ errors: ['rate_limited', 'overloaded', 'contract.output'], max: 4, delay: 2000, factor: 2, cap: 30_000 }]);
  assert.ok(ai.do.k === 'call' && 'obj' in ai.do.with);
  assert.deepEqual(Object.keys(ai.do.with.obj), ['model', 'system', 'prompt']);
  assert.deepEqual(ai.do.with.obj['model'], { lit: 'gpt-4o-mini' });
});
