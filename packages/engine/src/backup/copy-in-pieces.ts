/**
 * Copies a store that an engine writes to, without holding up its log. All of a store but the events and what they name
 * can be computed, and no engine changes an event: so they are read in short pieces, between which the log can be moved
 * into the store and begun anew.
 *
 * 1. The copy ends at one event, chosen after the results for reuse were read: nothing in it names anything later.
 * 2. What events and results name is read after them: values and definitions are written with what names them, or before.
 * 3. No piece reads for longer than the writer waits for a reader.
 * 4. Snapshots are not copied, since they hold what is folded up to later events; the rest of the folds is made anew.
 *
 * Boundary: nothing may be removed from the store meanwhile; whoever calls sees to that.
 */

import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { JournalError } from '../journal/journal-error.ts';
import { FORMAT } from '../journal/migrations.ts';
import { BUSY_MS } from '../journal/store.ts';
import { systemClock } from '../kernel/clock.ts';
import { createFolds, projectionsOf, VIEWS_VERSION } from '../journal/projections.ts';
import { inTransaction } from '../journal/transaction.ts';

/** How long a piece reads: well below what the writer waits for a reader. Rows are large or small, so their number is found out. */
const PIECE_MS = 15;
const FIRST_ROWS = 50;
const MOST_ROWS = 10_000;
/** Kept as they are, each in one piece: they are few, or change as a whole. */
const SMALL: readonly string[] = ['pruned', 'pruned_runs'];

/** `target` is an empty file. Between two pieces `pause` is waited for. */
export async function copyInPieces(source: string, target: string, pause: () => Promise<void>): Promise<void> {
  // Only the copy is open for writing; the store is attached to it for reading.
  const db = new DatabaseSync(target, { timeout: BUSY_MS });
  try {
    // What a crash leaves of it is thrown away; it is synced at the end, as a whole.
    db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY');
    const url = pathToFileURL(source);
    url.search = '?mode=ro';
    db.prepare('ATTACH ? AS source').run(url.href);
    const { format } = db.prepare(`SELECT value AS format FROM source.meta WHERE key = 'format'`).get() as { format: number };
    if (format !== FORMAT)
      throw new JournalError('format', `${source} has the format ${format}`, 'Copy it with the version of the engine that works on it.');
    createTables(db);
    for (const table of SMALL) db.exec(`INSERT INTO main.${table} SELECT * FROM source.${table}`);
    for (const table of ['memo', 'events', 'contents', 'flows']) await copyRows(db, table, pause);
    db.exec('DETACH source');
    inTransaction(db, () => {
      createFolds(db);
      projectionsOf(db).fill();
      db.prepare(`UPDATE meta SET value = ? WHERE key = 'views'`).run(VIEWS_VERSION);
    });
    db.exec('PRAGMA journal_mode = WAL');
  } finally {
    db.close();
  }
}

/** The tables as they are in the source, and its numbers. */
function createTables(db: DatabaseSync): void {
  const made = db.prepare('SELECT sql FROM source.sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC').all();
  db.exec('BEGIN');
  for (const { sql } of made) db.exec(sql as string);
  db.exec('INSERT INTO main.meta SELECT * FROM source.meta');
  db.exec('COMMIT');
}

/** Up to the last row that there is now. Each piece is a transaction of its own: when it has ended, nothing is read any more. */
async function copyRows(db: DatabaseSync, table: string, pause: () => Promise<void>): Promise<void> {
  const { last } = db.prepare(`SELECT ifnull(max(rowid), 0) AS last FROM source.${table}`).get() as { last: number };
  const endOf = db.prepare(
    `SELECT max(rowid) AS reached FROM (SELECT rowid FROM source.${table} WHERE rowid > ? AND rowid <= ? ORDER BY rowid LIMIT ?)`,
  );
  const copy = db.prepare(`INSERT INTO main.${table} SELECT * FROM source.${table} WHERE rowid > ? AND rowid <= ?`);
  let rows = FIRST_ROWS;
  for (let from = 0; from < last;) {
    const began = systemClock.elapsed();
    const { reached } = endOf.get(from, last, rows) as { reached: number | null };
    if (reached === null) return;
    copy.run(from, reached);
    from = reached;
    const took = systemClock.elapsed() - began;
    if (took > PIECE_MS) rows = Math.max(1, rows >> 1);
    else if (took < PIECE_MS / 2) rows = Math.min(MOST_ROWS, rows * 2);
    await pause();
  }
}
