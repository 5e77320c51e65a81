/**
 * Removes the events of runs that have been kept long enough, and with them what nobody refers to any more: values,
 * definitions, results, snapshots. No file that a handler wrote is touched.
 *
 * Boundary: works on a store that no engine has; which runs may go is for `retention.ts` to say.
 *
 * 1. What is kept of a run is written before its first event goes, and the journal says what goes, by whom and when.
 * 2. Each transaction leaves a store that verifies; after a crash the next collection goes on where this one ended.
 * 3. A value goes only when no event, no result and no value that stays names it.
 */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { HostError } from '@scriptorium/core';
import type { Instant, Ms } from '@scriptorium/core';
import { judgeRuns } from './retention.ts';
import { endedProgress } from '../reports/run-views.ts';
import { addHole } from '../journal/holes.ts';
import type { RunRow } from '../journal/journal-reads.ts';
import { openWithDatabase } from '../journal/journal.ts';
import type { Journal } from '../journal/journal.ts';
import { acquire } from '../journal/ownership.ts';
import { freeBytes } from '../space/place.ts';
import { keptOf, noteReferred, putPrunedRun } from '../journal/pruned-run.ts';
import { sweep } from './sweep.ts';
import { inTransaction } from '../journal/transaction.ts';

/** Events that are removed in one transaction, unless a test wants fewer: the log stays short. */
const EVENTS_AT_ONCE = 20_000;
/** Runs that one fact of the journal tells of. */
const RUNS_AT_ONCE = 500;
/** With a smaller share of free pages the file keeps its size, and later events use them. */
const WORTHWHILE = 0.2;

export interface GarbageRequest {
  readonly olderThanMs: Ms;
  readonly keep: number;
  /** After so long nothing at all is kept of a run; null for never. */
  readonly forgetAfterMs: Ms | null;
  readonly dryRun: boolean;
  /** Overwrites what was removed, and empties the log. */
  readonly purge: boolean;
  readonly by: string;
  readonly now: Instant;
  readonly eventsAtOnce?: number;
}

export interface GarbageReport {
  readonly runs: readonly { readonly run: string; readonly flow: string; readonly endedAt: Instant | null; readonly events: number }[];
  readonly spared: readonly { readonly run: string; readonly because: string }[];
  /** Runs that are not even listed any more. */
  readonly forgotten: number;
  /** Values and definitions that nobody referred to. */
  readonly values: number;
  /** Size of the store's file. */
  readonly bytes: { readonly before: number; readonly after: number };
}

/** Raises `unavailable` while an engine has the store, and {@link JournalError} when it cannot be opened. */
export function collectGarbage(home: string, request: GarbageRequest): GarbageReport {
  const path = join(home, 'journal.db');
  if (!existsSync(path)) return { runs: [], spared: [], forgotten: 0, values: 0, bytes: { before: 0, after: 0 } };
  const ownership = acquire(home);
  if (ownership === null)
    throw new HostError('unavailable', `an engine works on ${home}`, 'Wait until it has ended; garbage is collected while nothing runs.');
  try {
    const { journal, db } = openWithDatabase(path);
    try {
      return collect(journal, db, request);
    } finally {
      journal.close();
    }
  } finally {
    ownership.release();
  }
}

function collect(journal: Journal, db: DatabaseSync, request: GarbageRequest): GarbageReport {
  const { now, dryRun, purge, forgetAfterMs } = request;
  const before = statSync(journal.path).size;
  const { prune, spared } = judgeRuns(journal.runs(), request, now);
  const runs = prune.map((row) => ({ run: row.run, flow: row.flow.name, endedAt: row.endedAt, events: eventsOf(journal, row.run) }));
  const forgettable = forgetAfterMs === null ? [] : forgettableRuns(journal.runs(), prune, now - forgetAfterMs);
  if (dryRun) return { runs, spared, forgotten: forgettable.length, values: 0, bytes: { before, after: before } };
  // Deleted rows are overwritten where they lie, and not only given free.
  if (purge) db.exec('PRAGMA secure_delete = ON');
  keepSummaries(journal, db, prune, request);
  const unfinished = unfinishedRuns(db);
  announce(journal, unfinished, request);
  removeEvents(db, unfinished, request.eventsAtOnce ?? EVENTS_AT_ONCE);
  removeRest(db, unfinished);
  forget(db, forgettable);
  const values = sweep(db);
  shrink(journal, db, purge);
  return { runs, spared, forgotten: forgettable.length, values, bytes: { before, after: statSync(journal.path).size } };
}

function eventsOf(journal: Journal, run: string): number {
  return journal.actors(run).reduce((sum, { seq }) => sum + seq, 0);
}

function keepSummaries(journal: Journal, db: DatabaseSync, rows: readonly RunRow[], { now, by }: GarbageRequest): void {
  const insert = db.prepare('INSERT OR REPLACE INTO pruned_runs VALUES (?, ?)');
  // The table has no index by run: it is looked through once for many.
  const forgetResults = db.prepare('DELETE FROM memo WHERE run IN (SELECT value FROM json_each(?))');
  noteReferred(
    db,
    rows.map(({ run }) => run),
  );
  for (let first = 0; first < rows.length; first += RUNS_AT_ONCE) {
    const some = rows.slice(first, first + RUNS_AT_ONCE).map((row) => [row.run, endedProgress(journal, row)] as const);
    inTransaction(db, () => {
      for (const [run, progress] of some) {
        const kept = keptOf(db, run, progress, now, by);
        insert.run(run, JSON.stringify(kept));
        putPrunedRun(db, run, kept);
      }
      forgetResults.run(JSON.stringify(some.map(([run]) => run)));
    });
  }
}

/** Those whose summary is written and whose events are not all gone, from this collection or one that was cut off. */
function unfinishedRuns(db: DatabaseSync): readonly string[] {
  return db
    .prepare('SELECT run FROM pruned_runs WHERE run IN (SELECT run FROM actors) ORDER BY run')
    .all()
    .map(({ run }) => run as string);
}

function announce(journal: Journal, runs: readonly string[], { by, now }: GarbageRequest): void {
  for (let first = 0; first < runs.length; first += RUNS_AT_ONCE) {
    const told = runs.slice(first, first + RUNS_AT_ONCE).map((run) => ({ run, events: eventsOf(journal, run) }));
    const seq = (journal.actors('')[0]?.seq ?? 0) + 1;
    journal.commit({ events: [{ run: '', actor: 'engine', seq, at: now, event: { type: 'store.pruned', runs: told, by } }] });
  }
}

function removeEvents(db: DatabaseSync, runs: readonly string[], atOnce: number): void {
  const places = db.prepare('SELECT gseq FROM events WHERE run = ?');
  const all = Float64Array.from(runs.flatMap((run) => places.all(run).map(({ gseq }) => gseq as number))).sort();
  const remove = db.prepare('DELETE FROM events WHERE gseq BETWEEN ? AND ?');
  for (let begin = 0; begin < all.length; begin += atOnce) {
    inTransaction(db, () => {
      for (const [first, last] of rangesIn(all.subarray(begin, begin + atOnce))) {
        addHole(db, first, last);
        remove.run(first, last);
      }
    });
  }
}

/** Of numbers in order, each row without a gap as its first and last. */
function* rangesIn(numbers: Float64Array): Generator<readonly [number, number]> {
  let first = numbers[0];
  if (first === undefined) return;
  let last = first;
  for (const number of numbers.subarray(1)) {
    if (number !== last + 1) {
      yield [first, last];
      first = number;
    }
    last = number;
  }
  yield [first, last];
}

/** What shows that a run is not finished goes last. */
function removeRest(db: DatabaseSync, runs: readonly string[]): void {
  const [snapshots, actors] = ['snapshots', 'actors'].map((table) => db.prepare(`DELETE FROM ${table} WHERE run = ?`));
  for (let first = 0; first < runs.length; first += RUNS_AT_ONCE) {
    inTransaction(db, () => {
      for (const run of runs.slice(first, first + RUNS_AT_ONCE)) {
        snapshots?.run(run);
        actors?.run(run);
      }
    });
  }
}

/** Ended runs whose events are gone, or go now. */
function forgettableRuns(all: readonly RunRow[], prune: readonly RunRow[], until: Instant): readonly string[] {
  const going = new Set(prune.map(({ run }) => run));
  const isGone = (row: RunRow): boolean => row.pruned !== null || going.has(row.run);
  return all.filter((row) => isGone(row) && row.endedAt !== null && row.endedAt <= until).map(({ run }) => run);
}

function forget(db: DatabaseSync, runs: readonly string[]): void {
  inTransaction(db, () => {
    for (const run of runs)
      for (const table of ['runs', 'artifacts', 'pruned_runs']) db.prepare(`DELETE FROM ${table} WHERE run = ?`).run(run);
  });
}

/** Gives free pages back to the disk where that is worth it and there is room for the copy that it takes. */
function shrink(journal: Journal, db: DatabaseSync, purge: boolean): void {
  const { pages, free, size } = db
    .prepare(
      'SELECT page_count AS pages, freelist_count AS free, page_size AS size FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
    )
    .get() as { pages: number; free: number; size: number };
  const hasRoom = freeBytes(journal.path) > 2 * (pages - free) * size;
  // The copy is made in files: in memory it would be as large as the store.
  if (hasRoom && (purge || free > pages * WORTHWHILE)) db.exec('PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY');
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}
