/**
 * Keeps the write-ahead log short. SQLite moves it into the store by itself, but begins it anew only at a moment at which
 * nobody reads from it: readers that follow each other without a gap would let it grow for ever. When it is longer
 * than it should be, the writer therefore waits, briefly, for the readers that there are, and lets no new ones in.
 */

import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** What the log may grow to; beyond it there is an alarm. */
export const WAL_LIMIT_BYTES: number = 64 * 1024 * 1024;

/**
 * Pages after which SQLite moves the log into the store while there is much to write: 16 MiB. Nothing else happens
 * meanwhile, which takes 20 ms and more on a slow disk; but a page that was written many times is moved once.
 */
export const CHECKPOINT_PAGES = 4096;
/** The same while there is little: whoever waits then waits for the disk, and not for the processor. */
const CALM_PAGES = 512;
/** Little is to write while commits have fewer events on average, over about so many of them. */
const BUSY_EVENTS = 256;
const AVERAGED_COMMITS = 16;

/** From here on the writer waits for readers. */
const RESET_BYTES = WAL_LIMIT_BYTES / 2;
/** How much longer the log gets before it waits again, when a reader did not end. */
const AGAIN_BYTES = WAL_LIMIT_BYTES / 8;
/** How long it waits: longer than a reader of ours reads at a stretch, and short for a loop that nothing else may block. */
const READER_MS = 100;
/** The log is looked at every so many commits. */
const LOOK_COMMITS = 16;

/** Returns what to call after each commit of so many events. `busyMs` is how long the connection waits for locks otherwise. */
export function checkpointing(db: DatabaseSync, path: string, busyMs: number): (events: number) => void {
  const log = `${path}-wal`;
  let commits = 0;
  let resetAt = RESET_BYTES;
  let average = 0;
  let pages = CHECKPOINT_PAGES;
  return (events) => {
    average += (events - average) / AVERAGED_COMMITS;
    const wanted = average < BUSY_EVENTS ? CALM_PAGES : CHECKPOINT_PAGES;
    if (wanted !== pages) db.exec(`PRAGMA wal_autocheckpoint = ${wanted}`);
    pages = wanted;
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
