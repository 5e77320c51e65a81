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

interface Interleaved {
  readonly journal: Journal;
  /** Commits events of three actors of the run `r`, two at a time, and after these so many of others; returns where those of `r` are. */
  readonly append: (events: number, others: number) => readonly number[];
}

function interleaved(path: string): Interleaved {
  const journal = openJournal(path);
  const ends = new Map<string, number>();
  const next = (run: string, actor: string): Entry => {
    const seq = (ends.get(run + actor) ?? 0) + 1;
    ends.set(run + actor, seq);
    return { run, actor, seq, at: 1_000, event: seq === 1 && actor === 'root' ? started : granted };
  };
  const append = (events: number, others: number): readonly number[] => {
    const batch: Entry[] = [];
    for (let n = 0; n < events; n += 1) {
      batch.push(next('r', ['root', 'root/0:a:0', 'root/0:a:1'][(n >> 1) % 3] ?? ''));
      if (n % 2 === 1) for (let other = 0; other < others; other += 1) batch.push(next('other', `root${other % 2 === 0 ? '' : '/0:a:0'}`));
    }
    return journal.commit({ events: batch }).flatMap(({ run, gseq }) => (run === 'r' ? [gseq] : []));
  };
  return { journal, append };
}

function placesOf(journal: Journal, limit: number, after: number): readonly number[] {
  const found: number[] = [];
  for (let last = after; ;) {
    const page = journal.readRun('r', last, limit);
    found.push(...page.map(({ gseq }) => gseq));
    assert.ok(page.every(({ run }) => run === 'r') && page.length <= limit);
    if (page.length === 0) return found;
    assert.ok(page.length === limit || journal.readRun('r', page.at(-1)?.gseq, limit).length === 0, 'a page that is not full is the last');
    last = page.at(-1)?.gseq ?? 0;
  }
}

describe('a run is read page by page as it was written', () => {
  const dense = [90, 0] as const;
  const sparse = [90, 40] as const;
  for (const [what, stretches] of [
    ['alone', [dense]],
    ['as one of a few', [[90, 6]]],
    ['as one of some', [[90, 18]]],
    ['as one of many', [sparse]],
    ['alone, then as one of many', [dense, sparse]],
    ['as one of many, then alone', [sparse, dense]],
    ['as one of many, and longer each time', [sparse, sparse, sparse]],
  ] as const) {
    for (const limit of [1, 6, 89, 90])
      it(`${what}, ${limit} at a time`, () => {
        const { journal, append } = interleaved(join(scratch, `${what} ${limit}`, 'journal.db'));
        const expected: number[] = [];
        for (const [events, others] of stretches) {
          expected.push(...append(events, others));
          assert.deepEqual(placesOf(journal, limit, expected[0] ?? 0), expected.slice(1));
          assert.deepEqual(placesOf(journal, limit, 0), expected);
        }
        const [next] = append(1, 0);
        assert.deepEqual(
          journal.readRun('r', expected.at(-1) ?? 0, 5).map(({ gseq }) => gseq),
          [next],
        );
        journal.close();
      });
  }

  it('and of a run that is not there is nothing', () => {
    const journal = openJournal(join(scratch, 'empty', 'journal.db'));
    assert.deepEqual(journal.readRun('r'), []);
    journal.close();
  });
});
