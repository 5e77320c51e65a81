import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fails, rehearse } from '@scriptorium/testing';

const source = new URL('programs.flow.yaml', import.meta.url);
const folder = fileURLToPath(new URL('inbox', import.meta.url));
const program = fileURLToPath(new URL('tools/count.mjs', import.meta.url));

test('given the sample texts, then the program counts each of them', async () => {
  await using run = await rehearse(source, { input: { folder, program }, unscripted: 'call', env: process.env });
  const { status, output } = await run.outcome();
  assert.equal(status, 'succeeded');
  assert.partialDeepStrictEqual(output, { files: 3, words: 50, failed: [] });
});

test('given a program that fails for one of them, then that one is told and the rest goes on', async () => {
  const counted = { result: { words: 7 }, files: [] };
  const script = { 'core/make': [counted, fails('exec.failed'), counted] };
  await using run = await rehearse(source, { input: { folder, program, workers: 1 }, unscripted: 'call', script, mode: 'best_effort' });
  assert.partialDeepStrictEqual((await run.outcome()).output, { files: 2, words: 14, failed: ['letter.txt'] });
});
