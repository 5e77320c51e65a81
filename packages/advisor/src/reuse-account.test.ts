import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Recorded } from '@scriptorium/core';
import { reuseAccount, type RunPast } from './reuse-account.ts';

const start = (key: string, node: string, handler: string, input: string): Recorded => ({
  gseq: 1,
  run: 'r',
  actor: 'books:0',
  seq: 1,
  at: 0,
  event: { type: 'attempt.started', item: 0, node, attempt: 1, handler, key, reason: 'first', input },
});

const run = (keys: readonly string[], events: readonly Recorded[], failed: readonly string[] = []): RunPast => ({
  items: keys.map((key) => ({ key, status: failed.includes(key) ? 'failed' : 'succeeded' })),
  events,
});

it('says of every item whether it was taken over, is new, or why it was worked on again', () => {
  const first = run(
    ['file', 'same', 'version', 'catalog', 'lost', 'late'],
    ['file', 'same', 'version', 'catalog', 'lost', 'late'].flatMap((key) => [
      start(key, 'books/read', 'b/read@1.0.0', 'i1'),
      start(key, 'books/clean', 'b/clean@1.0.0', 'i2'),
    ]),
  );
  const second = run(['file', 'same', 'version', 'catalog', 'lost', 'late'], [], ['lost']);
  const third = run(
    ['file', 'same', 'version', 'catalog', 'lost', 'new'],
    [
      start('file', 'books/read', 'b/read@1.0.0', 'other'),
      start('file', 'books/clean', 'b/clean@1.0.0', 'other'),
      start('version', 'books/clean', 'b/clean@1.1.0', 'i2'),
      start('catalog', 'books/clean', 'b/clean@1.0.0', 'other'),
      start('lost', 'books/judge', 'b/judge@1.0.0', 'i3'),
      start('new', 'books/read', 'b/read@1.0.0', 'i9'),
      start('0', 'books/judge/titles', 'b/judge@1.0.0', 'i9'),
    ],
  );
  assert.deepEqual(reuseAccount(third, second, [first], 'books/read'), {
    reused: 1,
    added: ['new'],
    changed: [
      { key: 'file', step: 'books/read', because: 'item', detail: '' },
      { key: 'version', step: 'books/clean', because: 'handler', detail: 'b/clean@1.0.0 → b/clean@1.1.0' },
      { key: 'catalog', step: 'books/clean', because: 'input', detail: '' },
      { key: 'lost', step: 'books/judge', because: 'failed', detail: '' },
    ],
  });
});

it('takes nothing for new or changed where all was taken over', () => {
  const past = run(['a', 'b'], [start('a', 'n/x', 'h@1.0.0', 'i'), start('b', 'n/x', 'h@1.0.0', 'j')]);
  assert.deepEqual(reuseAccount(run(['a', 'b'], []), past, [], 'n/x'), { reused: 2, added: [], changed: [] });
});
