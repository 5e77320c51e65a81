import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rehearse } from '@scriptorium/testing';
import { handlers } from './handlers.ts';

const source = new URL('review-loop.flow.yaml', import.meta.url);
const input = { topic: 'a lighthouse' };

test('given notes, then the text is written again until its score is good enough', async () => {
  await using run = await rehearse(source, { input: { ...input, good: 8 }, handlers, unscripted: 'call' });
  const { status, output } = await run.outcome();
  assert.equal(status, 'succeeded');
  assert.equal((output as { score: number }).score, 8);
  assert.equal(run.calls('review/write').length, 4);
});

test('given a reviewer who is never content, then the rounds end, and the last text stays', async () => {
  const script = { 'review/judge': () => ({ score: 1, notes: ['end it'] }) };
  await using run = await rehearse(source, { input, handlers, script, unscripted: 'call' });
  const { status, output } = await run.outcome();
  assert.equal(status, 'succeeded');
  assert.match((output as { text: string }).text, /^This is about a lighthouse\./);
});
