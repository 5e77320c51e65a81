/**
 * Between an engine that removes old events while it works, and those who read its store in pieces: these hold the lock
 * together for as long as they read, and who removes has it alone, for one step at a time, and only when it is free. The
 * operating system releases it when a process ends in whatever way.
 */

import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openingError } from '../journal/storage-error.ts';

const FILE = 'removal.db';
const SQLITE_BUSY = 5;
/** Longer than any step of a removal. */
const STEP_MS = 30_000;

export interface RemovalLock {
  /** Does the work unless somebody reads the store in pieces; whether it did. */
  readonly alone: (work: () => void) => boolean;
  readonly close: () => void;
}

export function openRemovalLock(home: string): RemovalLock {
  const db = open(home, 0);
  return {
    alone: (work) => {
      try {
        db.exec('BEGIN EXCLUSIVE');
      } catch (error) {
        if (((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY) return false;
        throw error;
      }
      try {
        work();
        return true;
      } finally {
        db.exec('ROLLBACK');
      }
    },
    close: () => db.close(),
  };
}

/** From now on nothing is removed from the store in `home`, until what is returned is called. */
export function holdRemovals(home: string): () => void {
  const db = open(home, STEP_MS);
  try {
    db.exec('BEGIN');
    // The lock is taken with the first read.
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return () => db.close();
  } catch (error) {
    db.close();
    throw openingError(join(home, FILE), error);
  }
}

function open(home: string, timeout: number): DatabaseSync {
  const path = join(home, FILE);
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw openingError(path, error);
  }
  return new DatabaseSync(path, { timeout });
}
