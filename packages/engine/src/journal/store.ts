/**
 * The store's file: opened, created, checked. Whatever is wrong with it is found here, before anything is written.
 */

import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { chainStart, verifyRows } from './chain.ts';
import type { Row } from './chain.ts';
import { CHECKPOINT_PAGES, WAL_LIMIT_BYTES } from './checkpointing.ts';
import { JournalError, restoreFix } from './journal-error.ts';
import { FORMAT, migrate } from './migrations.ts';
import { rowsWith } from './event-rows.ts';
import { readHoles } from './holes.ts';
import { prepareHome } from '../space/home.ts';
import type { HomeOptions } from '../space/home.ts';
import { createFolds, projectionsOf, VIEWS_VERSION } from './projections.ts';
import { openingError } from './storage-error.ts';
import { inTransaction } from './transaction.ts';

/** The first SQLite without the bug that could corrupt a store while it is checkpointed. */
const MIN_SQLITE: readonly number[] = [3, 51, 3];
export const BUSY_MS = 5_000;
/** Events whose chain is checked at every opening; `verify` checks all. */
const TAIL_EVENTS = 1_000;
/** Larger stores skip SQLite's own structural check at opening, which reads every page. */
const QUICK_CHECK_PAGES = 4_096;

/** Where the chain ends. */
export interface Tail {
  gseq: number;
  link: string;
}

/** The database, ready for its only writer; created where there is none, for its owner only. */
export function openStore(path: string, options: HomeOptions): DatabaseSync {
  requireSqlite();
  try {
    prepareHome(dirname(path), options);
    createFile(path);
    return openFile(path);
  } catch (error) {
    throw openingError(path, error);
  }
}

function createFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function openFile(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false, timeout: BUSY_MS });
  try {
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES};
      PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function requireSqlite(): void {
  const version = process.versions['sqlite'] ?? '0';
  const parts = version.split('.').map(Number);
  const first = MIN_SQLITE.findIndex((part, index) => part !== parts[index]);
  if (first === -1 || (parts[first] ?? 0) > (MIN_SQLITE[first] ?? 0)) return;
  const fix = 'Use Node 24.15 or newer; `npm install` in the project brings one along.';
  throw new JournalError(
    'unsupported',
    `this Node ${process.version} contains SQLite ${version}, which can corrupt a store under load`,
    fix,
  );
}

/** Creates or checks the tables and returns where the chain ends. */
export function prepareStore(db: DatabaseSync, path: string): Tail {
  const tables = db
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
    .all()
    .map(({ name }) => name as string);
  if (tables.length > 0 && !tables.includes('meta')) {
    const fix = 'Move the file away, or choose another directory with --home.';
    throw new JournalError('format', `${path} is a SQLite database, and no store: its tables are ${tables.slice(0, 5).join(', ')}`, fix);
  }
  if (tables.length === 0) {
    inTransaction(db, () => {
      db.exec(readFileSync(new URL('./schema.sql', import.meta.url), 'utf8'));
      createFolds(db);
      db.exec(`INSERT INTO meta VALUES ('format', ${FORMAT}), ('views', ${VIEWS_VERSION}), ('epoch', 0)`);
    });
    return { gseq: 0, link: chainStart };
  }
  const { pages } = db.prepare('SELECT page_count AS pages FROM pragma_page_count').get() as { pages: number };
  if (pages <= QUICK_CHECK_PAGES) quickCheck(db, path);
  migrate(db, path, metaOf(db, 'format') ?? 0);
  return checkTail(db, path);
}

function quickCheck(db: DatabaseSync, path: string): void {
  const { quick_check: result } = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
  if (result !== 'ok') throw new JournalError('damaged', `${path} is damaged: ${result}`, restoreFix);
}

function checkTail(db: DatabaseSync, path: string): Tail {
  const backwards = db.prepare('SELECT * FROM events ORDER BY gseq DESC').iterate() as Iterable<object> as Iterable<Row>;
  const rows = rowsWith(backwards, TAIL_EVENTS + 1, ({ count }) => count).rows.toReversed();
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return { gseq: 0, link: chainStart };
  const known = first.gseq > first.count;
  const holes = readHoles(db, first.gseq);
  const { fault } = known
    ? verifyRows(rows.slice(1), { gseq: first.gseq, link: hexOf(first.hash) }, holes)
    : verifyRows(rows, undefined, holes);
  if (fault !== null) throw new JournalError('altered', `${path} is damaged: ${fault.message}`, restoreFix);
  return { gseq: last.gseq, link: hexOf(last.hash) };
}

/** Makes all earlier engines of the store unable to write, and brings the folds up to date. */
export function takeEpoch(db: DatabaseSync): number {
  return inTransaction(db, () => {
    const { value } = db.prepare(`UPDATE meta SET value = value + 1 WHERE key = 'epoch' RETURNING value`).get() as { value: number };
    if (metaOf(db, 'views') !== VIEWS_VERSION) {
      createFolds(db);
      projectionsOf(db).fill();
      db.prepare(`UPDATE meta SET value = ? WHERE key = 'views'`).run(VIEWS_VERSION);
    }
    return value;
  });
}

function metaOf(db: DatabaseSync, key: string): number | null {
  const row = db.prepare('SELECT value FROM meta WHERE key = ?').get(key) as { value: number } | undefined;
  return row?.value ?? null;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
