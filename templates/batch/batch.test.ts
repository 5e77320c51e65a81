import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fails, rehearse } from '@scriptorium/testing';
import { handlers } from './handlers.ts';

const source = new URL('batch.flow.yaml', import.meta.url);
const folder = fileURLToPath(new URL('inbox', import.meta.url));

test('given the sample texts, then each is counted and summarised', async () => {
  await using run = await rehearse(source, { input: { folder }, handlers, unscripted: 'call' });
  const { status, output } = await run.outcome();
  assert.equal(status, 'succeeded');
  assert.deepEqual(output, { files: 3, words: 50, failed: [] });
});

test('given a disk that fails once, then the file is read again', async () => {
  const script = { 'files/measure': [fails('io'), { words: 1 }, { words: 2 }, { words: 3 }] };
  await using run = await rehearse(source, { input: { folder, workers: 1 }, handlers, unscripted: 'call', script });
  assert.deepEqual((await run.outcome()).output, { files: 3, words: 6, failed: [] });
});
