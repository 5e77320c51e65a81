import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '@scriptorium/core';
import { JournalError } from '@scriptorium/engine';
import { journalContract } from '@scriptorium/engine/journal-contract';
import type { Commit } from '../history.ts';
import { createDisk } from './disk.ts';
import type { Disk, DiskFault, Lie } from './disk.ts';

journalContract('in memory', () => {
  const { disk } = newDisk();
  return () => disk.openJournal('memory');
});

const event: Event = { type: 'chunk.granted', slots: 3 };

function newDisk(faults: readonly DiskFault[] = [], lie?: Lie): { disk: Disk; commits: Commit[]; told: string[] } {
  const commits: Commit[] = [];
  const told: string[] = [];
  const disk = createDisk({
    now: () => 0,
    mono: () => 0,
    faults,
    lie,
    crash: (epoch, why) => told.push(`${epoch} crashed: ${why}`),
    takeover: (epoch) => told.push(`${epoch} is held up`),
    committed: (commit) => commits.push(commit),
  });
  return { disk, commits, told };
}

function batchFrom(seq: number, count = 1): { events: { run: string; actor: string; seq: number; at: number; event: Event }[] } {
  return { events: Array.from({ length: count }, (_, index) => ({ run: 'r', actor: 'root', seq: seq + index, at: 0, event })) };
}

const cases = [
  ['crash_before', 'refused', 1, 1],
  ['crash_after', 'written', 3, 1],
  ['torn', 'refused', 1, 1],
  ['full', 'refused', 1, 0],
  ['unknown_lost', 'unknown_lost', 1, 0],
  ['unknown_written', 'unknown_written', 3, 0],
] as const;

for (const [what, outcome, head, crashes] of cases) {
  test(`${what}: the commit throws, ${head === 1 ? 'nothing of it' : 'all of it'} is there at the next opening`, () => {
    const { disk, commits, told } = newDisk([{ commit: 2, what }]);
    const journal = disk.openJournal('memory');
    journal.commit(batchFrom(1));

    assert.throws(() => journal.commit(batchFrom(2, 2)));

    assert.equal(commits.at(-1)?.outcome, outcome);
    assert.equal(told.length, crashes);
    const again = disk.openJournal('memory');
    assert.equal(again.head(), head);
    again.commit(batchFrom(head + 1));
    assert.equal(again.verify().fault, null);
  });
}

test('after a failure of the disk a journal refuses everything', () => {
  const { disk } = newDisk([{ commit: 1, what: 'unknown_lost' }]);
  const journal = disk.openJournal('memory');
  for (const work of [() => journal.commit(batchFrom(1)), () => journal.commit(batchFrom(1)), () => journal.readRun('r')])
    assert.throws(work, (error) => error instanceof JournalError && error.fault === 'halted');
});

test('a disk that forgets what it acknowledged is found by the mark at the next opening', () => {
  const { disk } = newDisk([], { commit: 2, what: 'forgets' });
  const journal = disk.openJournal('memory');
  journal.commit(batchFrom(1));
  journal.commit(batchFrom(2));
  disk.cutPower();
  assert.throws(
    () => disk.openJournal('memory'),
    (error) => error instanceof JournalError && error.fault === 'damaged',
  );
});

test('a disk that keeps a part of a torn commit has rows that no commit wrote', () => {
  const { disk, commits } = newDisk([], { commit: 2, what: 'tears' });
  const journal = disk.openJournal('memory');
  journal.commit(batchFrom(1));
  assert.throws(() => journal.commit(batchFrom(2, 4)));
  assert.equal(disk.head(), 3);
  assert.equal(commits.findLast(({ outcome }) => outcome === 'written')?.to, 1);
});
