/**
 * Keeps the write-ahead log short. SQLite moves it into the store by itself, but begins it anew only at a moment at which
 * nobody reads from it: readers that follow each other without a gap would let it grow for ever. When it is longer
 * than it should be, the writer therefore waits, briefly, for the readers that there are, and lets no new ones in.
 */

import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** What the log may grow to; beyond it there is an alarm. */
export const WAL_LIMIT_BYTES: number = 64 * 1024 * 1024;

/** Pages after which SQLite moves the log into the store: 16 MiB. */
export const CHECKPOINT_PAGES = 4096;

/** From here on the writer waits for readers. */
const RESET_BYTES = WAL_LIMIT_BYTES / 2;
/** How much longer the log gets before it waits again, when a reader did not end. */
const AGAIN_BYTES = WAL_LIMIT_BYTES / 8;
/** How long it waits: longer than a reader of ours reads at a stretch, and short for a loop that nothing else may block. */
const READER_MS = 100;
/** The log is looked at every so many commits. */
const LOOK_COMMITS = 16;

/** Returns what to call after each commit. `busyMs` is how long the connection waits for locks otherwise. */
export function checkpointing(db: DatabaseSync, path: string, busyMs: number): () => void {
  const log = `${path}-wal`;
  let commits = 0;
  let resetAt = RESET_BYTES;
  return () => {
    commits += 1;
    if (commits % LOOK_COMMITS !== 0) return;
    const bytes = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    if (bytes < resetAt) return;
    resetAt = truncate(db, busyMs) ? RESET_BYTES : bytes + AGAIN_BYTES;
  };
}

/** Whether the log is empty now. On a full disk it cannot be moved; that is for whoever watches the space. */
function truncate(db: DatabaseSync, busyMs: number): boolean {
  db.exec(`PRAGMA busy_timeout = ${READER_MS}`);
  try {
    const { busy } = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
    return busy === 0;
  } catch (error) {
    if (((error as { errcode?: number }).errcode ?? 0) !== SQLITE_FULL) throw error;
    return false;
  } finally {
    db.exec(`PRAGMA busy_timeout = ${busyMs}`);
  }
}

const SQLITE_FULL = 13;
