/** Failures of the disk, of the file system and of the file's structure, told from mistakes of the caller. */

import { JournalError, restoreFix } from './journal-error.ts';

/** What to do after a failure of the disk. */
export const haltFix: string = 'Check the disk and its free space, then start again: what was committed is kept.';

/** Null for an error that is none of the store. */
export function storageError(error: unknown): JournalError | null {
  if (error instanceof JournalError) return error.fault === 'fenced' || error.fault === 'halted' ? error : null;
  const { errcode: code, syscall } = error as { errcode?: number; syscall?: string };
  const message = messageOf(error);
  // Of a file beside the database, such as the mark.
  if (code === undefined) return syscall === undefined ? null : new JournalError('halted', `the disk failed: ${message}`, haltFix, error);
  switch (code & 0xff) {
    case 5: // SQLITE_BUSY
      return new JournalError('fenced', `another process writes to the store: ${message}`, 'End the other one, then start again.', error);
    case 8: // SQLITE_READONLY
    case 10: // SQLITE_IOERR
    case 13: // SQLITE_FULL
    case 14: // SQLITE_CANTOPEN
      return new JournalError('halted', `the disk failed: ${message}`, haltFix, error);
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return new JournalError('damaged', `the store is damaged: ${message}`, restoreFix, error);
    default:
      return null;
  }
}

/** SQLITE_PERM, SQLITE_READONLY, SQLITE_CANTOPEN and SQLITE_AUTH. */
const deniedCodes: ReadonlySet<number> = new Set([3, 8, 14, 23]);
const deniedNames: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);
const fullNames: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);
const SQLITE_FULL = 13;

/** Whether there was no space for it. */
export function isFull(error: unknown): boolean {
  const { code = '', errcode = 0, cause } = error as { code?: string; errcode?: number; cause?: unknown };
  return fullNames.has(code) || (errcode & 0xff) === SQLITE_FULL || (cause !== undefined && isFull(cause));
}

/** Why a store, or the directory of one, cannot be opened; the error itself where that says it. */
export function openingError(path: string, error: unknown): unknown {
  if (error instanceof JournalError) return error;
  const { code = '', errcode = 0 } = error as { code?: string; errcode?: number };
  if (deniedNames.has(code) || deniedCodes.has(errcode & 0xff)) {
    const fix = 'Check who owns the directory and the files in it, and that it can be written; or choose another with --home.';
    return new JournalError('denied', `${path} cannot be read and written: ${messageOf(error)}`, fix, error);
  }
  if (isFull(error))
    return new JournalError('full', `there is no space for ${path}`, 'Make room, then start again: what was committed is kept.', error);
  return storageError(error) ?? error;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
