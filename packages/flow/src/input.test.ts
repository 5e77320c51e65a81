import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Flow } from '@scriptorium/core';
import { compileFlow } from './compile.ts';
import { coerceInput, validateInput } from './input.ts';

const source = `
flow: t/inputs
version: "1.0.0"
schemas:
  Mode: { enum: [fast, slow, null] }
input:
  folder:  { type: string }
  workers: { type: integer, minimum: 1, default: 10 }
  share:   { type: number, default: 0.5 }
  deep:    { type: boolean, default: false }
  catalog: { type: [string, "null"], default: null }
  tags:    { type: array, items: { type: string }, default: [] }
  mode:    { $ref: Mode, default: null }
steps: { a: { value: 1 } }
`;
const { flow } = compileFlow(source, { file: 'inputs.flow.yaml', callables: new Map() });
const inputs = flow as Flow;

test('given what is required, the defaults are added in the order of the definition', () => {
  const result = validateInput(inputs, { folder: 'books' });
  assert.ok('value' in result);
  assert.deepEqual(Object.entries(result.value), [
    ['folder', 'books'],
    ['workers', 10],
    ['share', 0.5],
    ['deep', false],
    ['catalog', null],
    ['tags', []],
    ['mode', null],
  ]);
});

test('given wrong values, each is told by its path', () => {
  assert.deepEqual(validateInput(inputs, { folder: 'books', workers: 0, tags: ['a', 1] }), {
    issues: [
      { path: 'workers', message: 'must be >= 1' },
      { path: 'tags.1', message: 'must be string' },
    ],
  });
});

test('given a misspelled name, it is the one mistake', () => {
  assert.deepEqual(validateInput(inputs, { foldr: 'books' }), {
    issues: [
      {
        path: 'foldr',
        message: "there is no input 'foldr' (inputs: folder, workers, share, deep, catalog, tags, mode) — did you mean 'folder'?",
        suggestion: 'folder',
      },
    ],
  });
});

test('given nothing, the required input is told missing', () => {
  assert.deepEqual(validateInput(inputs, {}), { issues: [{ path: 'folder', message: "the input 'folder' is missing (string)" }] });
});

test('given text of a command line, it becomes what the schema asks for', () => {
  const text = { folder: '12', workers: '4', share: '1e-1', deep: 'true', catalog: 'null', tags: '["a", "b"]', mode: 'null' };
  assert.deepEqual(coerceInput(inputs, text), {
    folder: '12',
    workers: 4,
    share: 0.1,
    deep: true,
    catalog: null,
    tags: ['a', 'b'],
    mode: null,
  });
});

test('given text that is not what the schema asks for, it stays text for the contract to refuse', () => {
  const coerced = coerceInput(inputs, { folder: 'x', workers: 'many', tags: '[broken' });
  assert.deepEqual(coerced, { folder: 'x', workers: 'many', tags: '[broken' });
  assert.ok('issues' in validateInput(inputs, coerced));
});
