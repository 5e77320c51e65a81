/**
 * Durable event rows a second through the journal, beside raw SQLite that inserts the same bytes in the same groups:
 * what the chain, the checks and the folds cost. Usage: `node bench/engine/journal.ts [rows]`.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openJournal } from '@scriptorium/engine';

type Entry = Parameters<ReturnType<typeof openJournal>['commit']>[0]['events'][number];

const rows = Number(process.argv[2] ?? 50_000);

for (const group of [1, 8, 64, 512]) {
  const count = group === 1 ? Math.min(rows, 5_000) : rows;
  const batches = batchesOf(count, group);
  const raw = inScratch((dir) => timeRaw(join(dir, 'raw.db'), batches));
  const journal = inScratch((dir) => timeJournal(join(dir, 'journal.db'), batches));
  console.log(
    `group ${String(group).padStart(4)}: journal ${rate(count, journal)}, raw SQLite ${rate(count, raw)} (${Math.round((100 * raw) / journal)} %)`,
  );
}

function batchesOf(count: number, group: number): readonly (readonly Entry[])[] {
  const run = '01J9ZK3V8Q2W7RBN5T4XH6MDCF';
  const sequences = new Map<string, number>();
  const entries = Array.from({ length: count }, (_, index): Entry => {
    const actor = `root/0:books:${index % 40}`;
    const seq = (sequences.get(actor) ?? 0) + 1;
    sequences.set(actor, seq);
    const event =
      seq === 1
        ? ({ type: 'chunk.granted', slots: 4 } as const)
        : ({
            type: 'attempt.succeeded',
            item: index % 250,
            node: 'books/clean',
            attempt: 1,
            output: { v: { chapters: index, words: 12_345 } },
            artifacts: [],
            ms: 37,
          } as const);
    return { run, actor, seq, at: 1_700_000_000_000 + index, event };
  });
  return Array.from({ length: Math.ceil(count / group) }, (_, index) => entries.slice(index * group, (index + 1) * group));
}

function timeJournal(path: string, batches: readonly (readonly Entry[])[]): number {
  const journal = openJournal(path);
  const started = performance.now();
  for (const events of batches) journal.commit({ events });
  const ms = performance.now() - started;
  const { events, fault } = journal.verify();
  if (fault !== null || events !== journal.head()) throw new Error(`the journal is not whole: ${fault?.message}`);
  journal.close();
  return ms;
}

function timeRaw(path: string, batches: readonly (readonly Entry[])[]): number {
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096;');
  db.exec(
    'CREATE TABLE events (gseq INTEGER PRIMARY KEY, run TEXT, actor TEXT, seq INTEGER, at INTEGER, epoch INTEGER, body TEXT, hash BLOB)',
  );
  db.exec('CREATE UNIQUE INDEX events_by_actor ON events (run, actor, seq)');
  const insert = db.prepare('INSERT INTO events (run, actor, seq, at, epoch, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?)');
  const [begin, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')];
  const link = Buffer.alloc(16, 7);
  const bodies = batches.map((batch) => batch.map((entry) => JSON.stringify(entry.event)));
  const started = performance.now();
  batches.forEach((batch, index) => {
    begin.run();
    batch.forEach((entry, row) => insert.run(entry.run, entry.actor, entry.seq, entry.at, 1, bodies[index]?.[row] ?? '', link));
    commit.run();
  });
  const ms = performance.now() - started;
  db.close();
  return ms;
}

function inScratch<T>(work: (dir: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), 'scriptorium-bench-'));
  try {
    return work(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function rate(count: number, ms: number): string {
  return `${Math.round((1000 * count) / ms)
    .toLocaleString('en-US')
    .padStart(8)} rows/s`;
}
