/**
 * One engine per store. The owner holds an exclusive SQLite lock on `lock.db` for as long as its process lives; the
 * operating system releases it when the process ends in whatever way, so there is nothing stale to clean up. What an
 * owner that was merely suspended writes after it was replaced is refused by the journal's epoch.
 */

import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openingError } from './storage-error.ts';

export interface Ownership {
  readonly dir: string;
  /** Gives the store free; the journal must be closed by then. */
  readonly release: () => void;
}

const SQLITE_BUSY = 5;

/** Takes the store in `dir`, creating the directory; null while another engine has it. The lock is an open transaction. */
export function acquire(dir: string): Ownership | null {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'lock.db');
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw openingError(path, error);
  }
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY) return null;
    throw openingError(path, error);
  }
  return { dir, release: () => db.close() };
}
