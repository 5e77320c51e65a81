import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { rehearse } from '@scriptorium/testing';
import { handlers } from './handlers.ts';

const source = new URL('map-reduce.flow.yaml', import.meta.url);
const path = fileURLToPath(new URL('texts/poem.txt', import.meta.url));

test('given the sample text, then its most frequent words come first', async () => {
  await using run = await rehearse(source, { input: { path, top: 2 }, handlers, unscripted: 'call' });
  assert.deepEqual((await run.outcome()).output, [
    { word: 'the', count: 15 },
    { word: 'it', count: 4 },
  ]);
});

test('given an engine that ends in the midst of it, then the counts are the same', async () => {
  await using run = await rehearse(source, {
    input: { path, top: 1 },
    handlers,
    unscripted: 'call',
    faults: [{ commit: 4, when: 'after' }],
  });
  assert.deepEqual((await run.outcome()).output, [{ word: 'the', count: 15 }]);
  assert.ok(run.engines() > 1);
});
