/**
 * Collects the garbage of a store: the events of runs that have been kept long enough, the facts about messages that are
 * forgotten, and with them what nobody refers to any more: values, definitions, results, snapshots. No file that a handler
 * wrote is touched.
 *
 * Boundary: works on a store that no engine has; which runs may go is for `retention.ts` to say, and how for `removing.ts`.
 * After a crash the next collection goes on where this one ended.
 */

import { existsSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { HostError } from '@scriptorium/core';
import type { EngineEvent, Instant, Ms, Progress } from '@scriptorium/core';
import { rowsOf } from './judging.ts';
import { countMessages, removeMessages } from './old-messages.ts';
import { drained, judge } from './retention.ts';
import type { Judgeable } from './retention.ts';
import { endedProgress } from '../reports/run-views.ts';
import type { RunRow } from '../journal/journal-reads.ts';
import { openWithDatabase } from '../journal/journal.ts';
import type { Journal } from '../journal/journal.ts';
import { acquire } from '../journal/ownership.ts';
import { upkeepOf } from '../journal/upkeep.ts';
import { createKeeping } from '../post/kept-mailbox.ts';
import { freeBytes } from '../space/place.ts';
import { forgetRuns, removeRuns } from './removing.ts';
import type { Steps } from './removing.ts';
import { sweep } from './sweep.ts';
import { storeFile } from '../journal/store-file.ts';

/** Nobody waits for the store meanwhile; what one transaction writes keeps the log short. */
const STEPS: Steps = { runs: 500, events: 20_000, rows: 20_000 };
/** Of more values than these some that name each other may be left for the next time. */
const VALUES_AT_ONCE = 1_000_000;
/** Values that are removed in one transaction. */
const REMOVED_AT_ONCE = 5_000;
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
  /** Facts about messages that settled long ago. */
  readonly facts: number;
  /** Values and definitions that nobody referred to. */
  readonly values: number;
  /** Size of the store's file. */
  readonly bytes: { readonly before: number; readonly after: number };
}

/** Raises `unavailable` while an engine has the store, and {@link JournalError} when it cannot be opened. */
export function collectGarbage(home: string, request: GarbageRequest): GarbageReport {
  const path = storeFile(home);
  if (!existsSync(path)) return { runs: [], spared: [], forgotten: 0, facts: 0, values: 0, bytes: { before: 0, after: 0 } };
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
  const { now, by, dryRun, purge, olderThanMs, forgetAfterMs } = request;
  const before = statSync(journal.path).size;
  const store = upkeepOf(db);
  const { prune: trees, kept } = drained(judge(drained(rowsOf(store)), request, now));
  const prune = trees.flatMap(({ rows }) => rows);
  const spared = kept.flatMap(({ run, because, isPast }) => (isPast ? [{ run, because }] : []));
  const runs = prune.map(({ run, flow, endedAt }) => ({ run, flow, endedAt, events: eventsOf(journal, run) }));
  const until = forgetAfterMs === null ? null : now - forgetAfterMs;
  if (dryRun) {
    const forgotten = until === null ? 0 : countForgettable(db, prune, until);
    const facts = drained(countMessages({ store, rows: STEPS.rows }, now - olderThanMs));
    return { runs, spared, forgotten, facts, values: 0, bytes: { before, after: before } };
  }
  // Deleted rows are overwritten where they lie, and not only given free.
  if (purge) db.exec('PRAGMA secure_delete = ON');
  const steps = { ...STEPS, events: request.eventsAtOnce ?? STEPS.events };
  const progressOf = (run: string): Progress => endedProgress(journal, journal.run(run) as RunRow);
  const announce = (gone: Pick<Extract<EngineEvent, { type: 'store.pruned' }>, 'runs' | 'mailboxes'>): void => {
    const seq = journal.lastSeq('', 'engine') + 1;
    journal.commit({ events: [{ run: '', actor: 'engine', seq, at: now, event: { type: 'store.pruned', ...gone, by } }] });
  };
  drained(
    removeRuns(
      { store, progressOf, announce: (some) => announce({ runs: some }), now: () => now, by, steps },
      runs.map(({ run }) => run),
    ),
  );
  const forgotten = until === null ? 0 : drained(forgetRuns({ store, steps }, until));
  const keeping = createKeeping(journal);
  const keep = (mailbox: string): unknown => journal.commit({ events: [], snapshots: [keeping.take(keeping.read(mailbox))] });
  const facts = drained(
    removeMessages({ store, keep, announce: (mailboxes) => announce({ runs: [], mailboxes }), rows: steps.rows }, now - olderThanMs),
  );
  const values = drained(
    sweep({
      store,
      gone: () => undefined,
      flows: true,
      steps: { values: VALUES_AT_ONCE, rows: STEPS.rows, removed: REMOVED_AT_ONCE },
    }),
  );
  shrink(journal, db, purge);
  return { runs, spared, forgotten, facts, values, bytes: { before, after: statSync(journal.path).size } };
}

function eventsOf(journal: Journal, run: string): number {
  return journal.actors(run).reduce((sum, { seq }) => sum + seq, 0);
}

/** Ended runs whose events are gone, or go now. */
function countForgettable(db: DatabaseSync, going: readonly Judgeable[], until: Instant): number {
  const row = db.prepare('SELECT count(*) AS gone FROM runs WHERE pruned IS NOT NULL AND ended_at <= ?').get(until);
  return (row?.['gone'] as number) + going.filter(({ endedAt }) => endedAt !== null && endedAt <= until).length;
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
