import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Event, Recorded } from '@scriptorium/core';
import { openJournal } from './journal.ts';
import type { RunRow } from './journal.ts';
import { rowAfter } from './row-fold.ts';

const options = { mode: 'flexible', test: false, dryRun: false, limit: null, out: '/tmp', fresh: false, modules: [] } as const;
const started: Event = {
  type: 'run.started',
  flow: { name: 'a/b', version: '1.0.0', hash: 'h' },
  input: { n: 1 },
  options,
  by: 'test',
  handlers: {},
};
const child: Event = {
  ...started,
  parent: { run: 'r0', actor: 'root', item: 0, step: 's', attempt: 1, detached: true },
} as unknown as Event;
const granted: Event = { type: 'chunk.granted', slots: 1 };
const succeeded: Event = { type: 'run.settled', status: 'succeeded', output: { v: [1, null] }, error: null };
const failed: Event = { type: 'run.settled', status: 'failed', output: null, error: { code: 'fatal', message: 'no', fix: 'yes' } };

const histories: readonly (readonly [string, readonly Event[]])[] = [
  ['begins', [started]],
  ['works for another', [child]],
  ['is in the midst of it', [started, granted]],
  ['succeeds', [started, granted, succeeded]],
  ['fails', [started, failed]],
];

for (const [what, events] of histories) {
  test(`the row of a run that ${what} is that of the store`, () => {
    const { row, stored } = afterAll(events);
    assert.notEqual(row, null);
    assert.deepEqual(row, stored);
  });
}

test('the row of a run about which somebody said something is left to the store', () => {
  const { row, stored } = afterAll([started, { type: 'run.paused', by: 'test' }, { type: 'run.cancelling', by: 'test', reason: 'why' }]);
  assert.equal(row, null);
  assert.equal(stored?.status, 'cancelling');
});

test('the row of a run that was held and has ended is left to the store', () => {
  const { row } = afterAll([started, { type: 'run.paused', by: 'test' }, { type: 'run.resumed', by: 'test' }, succeeded]);
  assert.equal(row, null);
});

function afterAll(events: readonly Event[]): { readonly row: RunRow | null; readonly stored: RunRow | null } {
  const home = mkdtempSync(join(tmpdir(), 'scriptorium-row-'));
  const journal = openJournal(join(home, 'journal.db'));
  try {
    const entries = events.map((event, index) => ({ run: 'r1', actor: 'root', seq: index + 1, at: 1_000 + index, event }));
    const recorded = journal.commit({ events: entries }) as readonly Recorded[];
    return { row: recorded.reduce(rowAfter, null), stored: journal.run('r1') };
  } finally {
    journal.close();
    rmSync(home, { recursive: true });
  }
}
