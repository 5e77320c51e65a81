import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fails, rehearse } from '@scriptorium/testing';
import { handlers } from './handlers.ts';
import { story } from './story.flow.ts';

const input = { idea: 'a clock that nobody hears', chapters: 2 };

test('given an idea, then every chapter is written, and those that are too short are written again', async () => {
  await using run = await rehearse(story, { input, handlers, unscripted: 'call' });
  const { status, output } = await run.outcome();
  assert.equal(status, 'succeeded');
  const { title, chapters } = output as { title: string; chapters: number };
  assert.deepEqual([title, chapters], ['A clock that nobody hears', 2]);
  assert.ok(run.calls('story/write').length > 2);
});

test('given a writer that fails for good, then the run fails with its error', async () => {
  await using run = await rehearse(story, { input, handlers, unscripted: 'call', script: { 'story/write': fails('fatal', 'no model') } });
  const { status, error } = await run.outcome();
  assert.deepEqual([status, error?.code], ['failed', 'fatal']);
});
