import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Event, RunOptions } from '@scriptorium/core';
import { openJournal } from './journal.ts';
import type { Entry, Journal } from './journal.ts';

const scratch = mkdtempSync(join(tmpdir(), 'run-rows-'));
after(() => rmSync(scratch, { recursive: true }));

const options: RunOptions = { mode: 'strict', test: false, dryRun: false, limit: null, out: '/out', fresh: false, modules: [] };
const started: Event = { type: 'run.started', flow: { name: 'f', version: '1.0.0', hash: 'f' }, input: {}, options, by: 'test' };
const granted: Event = { type: 'chunk.granted', slots: 1 };

/** Events of three actors of the run `r`, every one of them after so many of others. */
function interleaved(path: string, events: number, others: number): Journal {
  const journal = openJournal(path);
  const entry = (run: string, actor: string, seq: number): Entry => ({ run, actor, seq, at: 1_000, event: seq === 1 ? started : granted });
  const batch: Entry[] = [];
  for (let n = 0; n < events; n += 1) {
    batch.push(entry('r', ['root', 'root/0:a:0', 'root/0:a:1'][n % 3] ?? '', Math.floor(n / 3) + 1));
    for (let other = 0; other < others; other += 1) batch.push(entry('other', 'root', n * others + other + 1));
  }
  // Only a root begins a run.
  journal.commit({ events: batch.map((one) => (one.actor !== 'root' && one.seq === 1 ? { ...one, event: granted } : one)) });
  return journal;
}

describe('a run is read page by page as it was written', () => {
  for (const [what, events, others] of [
    ['alone', 90, 0],
    ['as one of a few', 90, 3],
    ['as one of many', 90, 20],
  ] as const) {
    it(what, () => {
      const journal = interleaved(join(scratch, String(others), 'journal.db'), events, others);
      const expected = Array.from({ length: events }, (_, n) => n * (others + 1) + 1);
      for (const limit of [1, 7, 89, 90, 1_000]) {
        const found: number[] = [];
        for (let last = 0; ;) {
          const page = journal.readRun('r', last, limit);
          found.push(...page.map(({ gseq }) => gseq));
          assert.ok(page.every(({ run }) => run === 'r') && page.length <= limit);
          if (page.length === 0) break;
          last = page.at(-1)?.gseq ?? 0;
        }
        assert.deepEqual(found, expected, `pages of ${limit}`);
      }
      const [next] = journal.commit({ events: [{ run: 'r', actor: 'root', seq: events / 3 + 1, at: 1_001, event: granted }] });
      assert.deepEqual(journal.readRun('r', expected.at(-1) ?? 0, 5), [next]);
      journal.close();
    });
  }

  it('and of a run that is not there is nothing', () => {
    const journal = openJournal(join(scratch, 'empty', 'journal.db'));
    assert.deepEqual(journal.readRun('r'), []);
    journal.close();
  });
});
