/**
 * How stores of earlier formats become ones of this format, at their first opening.
 *
 * 1. `schema.sql` is the newest format; migration n leads from format n - 1 to n. A test brings a store of every earlier
 *    format here and compares its schema with that of a new one.
 * 2. All steps are one transaction: a store has its old format or the newest, and nothing in between.
 * 3. Before it, the store is copied to a file beside it, which the earlier version can work with.
 * 4. The tables of `folds.sql` are no part of a format: they are made anew whenever their version changes.
 */

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { JournalError } from './journal-error.ts';
import { freeBytes } from '../space/place.ts';
import { inTransaction } from './transaction.ts';

/** In order; the first leads from format 1 to 2. */
const steps: readonly string[] = ['0002-pruned.sql', '0003-rows-of-events.sql'];

/** What `schema.sql` describes. */
export const FORMAT: number = steps.length + 1;

/** Space beside that of the copy: for the log of the migration itself. */
const MARGIN_BYTES = 16 * 1024 * 1024;

/** Raises `format` when no way leads from the store's format to this one, and `full` where its copy has no space. */
export function migrate(db: DatabaseSync, path: string, format: number): void {
  if (format === FORMAT) return;
  if (!Number.isInteger(format) || format < 1 || format > FORMAT) {
    throw new JournalError(
      'format',
      `${path} has format ${format}; this version writes format ${FORMAT}`,
      'Use the version of the project that wrote it, or another store: `--home <dir>`.',
    );
  }
  keepCopy(db, path, `${path}.format-${format}`);
  inTransaction(db, () => {
    for (const step of steps.slice(format - 1)) db.exec(readFileSync(new URL(`./migrations/${step}`, import.meta.url), 'utf8'));
    db.prepare(`UPDATE meta SET value = ? WHERE key = 'format'`).run(FORMAT);
  });
}

function keepCopy(db: DatabaseSync, path: string, copy: string): void {
  const { bytes } = db.prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size').get() as {
    bytes: number;
  };
  const free = freeBytes(path);
  if (free < bytes + MARGIN_BYTES) {
    throw new JournalError(
      'full',
      `${path} has an earlier format, and there is no space for a copy of it: ${bytes + MARGIN_BYTES} bytes are needed, ${free} are free`,
      'Make room, then start again; nothing was changed.',
    );
  }
  const part = `${copy}.part`;
  rmSync(part, { force: true });
  closeSync(openSync(part, 'wx', 0o600));
  db.prepare('VACUUM INTO ?').run(part);
  // SQLite does not sync what it copies there.
  const written = openSync(part, 'r+');
  fsyncSync(written);
  closeSync(written);
  renameSync(part, copy);
}
