import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Json } from '@scriptorium/core';
import { rehearse, type Rehearsal } from '@scriptorium/testing';
import { handlers } from './handlers.ts';

const source = new URL('approval.flow.yaml', import.meta.url);
const path = fileURLToPath(new URL('notices/closing.txt', import.meta.url));
const options = { input: { path }, handlers, unscripted: 'call' } as const;

const answer = async (run: Rehearsal, given: Json): Promise<void> => {
  await run.settle();
  await run.host().answer(run.id, { step: 'approve', item: null, answer: given, as: null, id: null, by: 'test' });
};

test('given an approval days later, then the notice is published', async () => {
  await using run = await rehearse(source, options);
  await run.advance('3d');
  assert.deepEqual(run.calls('notice/publish'), []);
  await answer(run, { decision: 'publish' });
  const { status, output } = await run.outcome();
  assert.equal(status, 'succeeded');
  assert.match((output as { path: string }).path, /notice\.md$/);
});

test('given notes, then it is drafted with them and asked again', async () => {
  await using run = await rehearse(source, options);
  await answer(run, { decision: 'draft', notes: 'open again on Friday' });
  await answer(run, { decision: 'publish' });
  await run.outcome();
  const [published] = run.calls('notice/publish');
  assert.match((published?.input as { text: string }).text, /\(open again on Friday\)$/);
});

test('given nobody who answers, then nothing is published', async () => {
  await using run = await rehearse(source, options);
  const { status, output } = await run.outcome();
  assert.deepEqual([status, output], ['succeeded', null]);
  assert.deepEqual(run.calls('notice/publish'), []);
});
