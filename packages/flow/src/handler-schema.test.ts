import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Schema } from '@scriptorium/core';
import { createContracts } from './contracts.ts';
import { flowSchema } from './editor-schema.ts';

const input: Schema = {
  type: 'object',
  required: ['path', 'size'],
  properties: {
    path: { type: 'string', format: 'path' },
    size: { type: 'integer', minimum: 1 },
    mode: { enum: ['fast', 'good'], default: 'good', description: 'How well.' },
    tags: { type: 'array', items: { $ref: '#/$defs/Tag' } },
    files: { collection: { type: 'string' } },
  },
  additionalProperties: false,
  $defs: { Tag: { type: 'object', required: ['name'], properties: { name: { type: 'string', minLength: 2 } } } },
};
const handlers = [{ name: 'text/cut', version: '1.2.0', doc: 'Cuts a text.', input }];
const schema = flowSchema(handlers);
const check = createContracts().compile(schema);

const wrong = (step: object, more: object = {}): readonly string[] => [
  ...new Set(check({ flow: 't/x', version: '1.0.0', steps: { a: step }, ...more }).map(({ path }) => path)),
];
const call = (input: object): object => ({ uses: 'text/cut', with: input });

describe('given handlers, the editor schema', () => {
  it('accepts their inputs, and expressions in the place of any value', () => {
    assert.deepEqual(wrong(call({ path: 'x', size: 2, mode: 'fast', tags: [{ name: 'ab' }] })), []);
    assert.deepEqual(
      wrong(call({ path: '${ p }', size: '${ n }', mode: '${ m }', tags: ['${ t }', { name: '${ n }' }], files: '${ f.ok }' })),
      [],
    );
    assert.deepEqual(wrong({ ...call({ path: 'x', size: 1 }), uses: 'text/cut@^1' }), []);
  });

  it('refuses handlers that are not known', () => {
    assert.deepEqual(wrong({ uses: 'text/cat', with: {} }), ['/steps/a/uses']);
    assert.deepEqual(wrong({ uses: 'xtext/cut', with: {} }), ['/steps/a/uses']);
  });

  it('refuses inputs that are missing, unknown or of the wrong type', () => {
    assert.notDeepEqual(wrong(call({ path: 'x' })), []);
    assert.notDeepEqual(wrong({ uses: 'text/cut' }), []);
    assert.notDeepEqual(wrong(call({ path: 'x', size: 2, colour: 1 })), []);
    assert.notDeepEqual(wrong(call({ path: 'x', size: 0 })), []);
    assert.notDeepEqual(wrong(call({ path: 'x', size: 2, mode: 'quick' })), []);
    assert.notDeepEqual(wrong(call({ path: 'x', size: 2, tags: [{ name: 'a' }] })), []);
    assert.notDeepEqual(wrong({ value: 1, catch: [{ errors: ['io'], ...call({ path: 'x' }) }] }), []);
  });

  it('lets a part of a step, and a step that is like another, leave inputs out', () => {
    const define = { cutter: call({ size: 3 }) };
    assert.deepEqual(wrong({ like: 'cutter', with: { path: 'x' } }, { define }), []);
    assert.deepEqual(wrong({ like: 'cutter', uses: 'text/cut', with: { path: 'x' } }, { define }), []);
    assert.notDeepEqual(wrong({ value: 1 }, { define: { cutter: call({ size: 'three' }) } }), []);
  });

  it('tells what handlers and inputs are', () => {
    const text = JSON.stringify(schema);
    assert.ok(text.includes('{"const":"text/cut","description":"Cuts a text. (1.2.0)"}'));
    assert.ok(text.includes('"description":"How well."'));
    assert.ok(!text.includes('$defs') && !text.includes('"format"'));
  });
});
