/**
 * The journal: the append-only events of all runs, with the values, definitions and results that they refer to.
 *
 * Boundary: one writing connection per store. Nothing here decides anything; callers assign `seq` and time.
 *
 * 1. A batch is committed whole or not at all, and {@link Journal.commit} returns only after the disk has it.
 * 2. The first statement of every commit checks that this engine's epoch is still the store's: an engine that was
 *    replaced writes nothing.
 * 3. After a failure of the disk nothing is known; the journal refuses everything, and the process must end.
 * 4. `gseq` and every actor's `seq` run from 1 without gaps, and each row is chained to the one before.
 * 5. Nothing in this process may open the database file by other means: closing such a file drops SQLite's locks.
 */

import { hash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Flow, Recorded } from '@scriptorium/core';
import { chainStart, linkRow, verifyRows } from './chain.ts';
import type { Row, Verified } from './chain.ts';
import { openHighWater } from './high-water.ts';
import type { HighWater } from './high-water.ts';
import { JournalError } from './journal-error.ts';
import { journalReads } from './journal-reads.ts';
import type { ActorRow, JournalReads, MemoRow, PoolRow, RunRow } from './journal-reads.ts';
import { projectionsOf, settlesActor, VIEWS_VERSION } from './projections.ts';
import type { ArtifactRow, JournalEvent, Projections } from './projections.ts';

/** The first SQLite without the bug that could corrupt a store while it is checkpointed. */
const MIN_SQLITE: readonly number[] = [3, 51, 3];
const FORMAT = 1;
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;
const CHECKPOINT_PAGES = 4096;
const BUSY_MS = 5_000;
/** Rows whose chain is checked at every opening; `verify` checks all. */
const TAIL_ROWS = 1_000;
/** Larger stores skip SQLite's own structural check at opening, which reads every page. */
const QUICK_CHECK_PAGES = 4_096;

export interface Entry {
  readonly run: string;
  readonly actor: string;
  /** The next number of the actor. */
  readonly seq: number;
  readonly at: number;
  readonly event: JournalEvent;
}

export interface Batch {
  readonly events: readonly Entry[];
  /** By {@link contentHash}. Text is stored as UTF-8. */
  readonly values?: ReadonlyMap<string, Uint8Array | string>;
  readonly flows?: readonly Flow[];
  readonly artifacts?: readonly ArtifactRow[];
  readonly memo?: readonly MemoRow[];
}

export interface JournalOptions {
  /** Open although events are known to be lost: they are forgotten, and the store goes on from what is there. */
  readonly acceptLoss?: boolean;
}

export interface Journal extends JournalReads {
  readonly path: string;
  /** Number of this opening: each engine of a store has a higher one than the engines before. */
  readonly epoch: number;
  /** The last event's `gseq`, 0 in an empty store. */
  readonly head: () => number;
  /**
   * Writes the batch durably and returns its events as recorded. Throws {@link JournalError} `fenced` (nothing written)
   * or `halted` (unknown whether it was written; end the process). A batch that breaks a sequence throws and writes nothing.
   */
  readonly commit: (batch: Batch) => readonly Recorded<JournalEvent>[];
  /** Computes the folds anew from the events. */
  readonly rebuildViews: () => void;
  /** Reads the whole chain and names the first fault. */
  readonly verify: () => Verified;
  readonly close: () => void;
}

/** The name under which a value is kept: `sha256:` and 64 hexadecimal digits. */
export function contentHash(value: Uint8Array | string): string {
  return `sha256:${hash('sha256', value, 'hex')}`;
}

/** Opens the store for writing under a new epoch, creating it where there is none. The caller owns the store already. */
export function openJournal(path: string, options: JournalOptions = {}): Journal {
  const db = openStore(path);
  try {
    const tail = prepareStore(db, path);
    const mark = openHighWater(`${path}.mark`);
    if (mark.marked > tail.gseq && options.acceptLoss !== true) {
      mark.close();
      throw lossOf(path, mark.marked, tail.gseq);
    }
    mark.mark(tail.gseq);
    return journalOf(db, path, takeEpoch(db), tail, mark);
  } catch (error) {
    db.close();
    throw error;
  }
}

interface Tail {
  gseq: number;
  link: string;
}

function openStore(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false, timeout: BUSY_MS });
  try {
    requireSqlite(db);
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES};
      PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;`);
    return db;
  } catch (error) {
    db.close();
    throw storageError(error) ?? error;
  }
}

function requireSqlite(db: DatabaseSync): void {
  const { version } = db.prepare('SELECT sqlite_version() AS version').get() as { version: string };
  const parts = version.split('.').map(Number);
  const first = MIN_SQLITE.findIndex((part, index) => part !== parts[index]);
  if (first === -1 || (parts[first] ?? 0) > (MIN_SQLITE[first] ?? 0)) return;
  const fix = 'Use Node 24.15 or newer; `npm install` in the project brings one along.';
  throw new JournalError('unsupported', `this Node ${process.version} contains SQLite ${version}, which can corrupt a store under load`, fix);
}

/** Creates or checks the tables and returns where the chain ends. */
function prepareStore(db: DatabaseSync, path: string): Tail {
  const known = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'meta'`).get() !== undefined;
  if (!known) {
    inTransaction(db, () => {
      db.exec(readFileSync(new URL('./schema.sql', import.meta.url), 'utf8'));
      db.exec(`INSERT INTO meta VALUES ('format', ${FORMAT}), ('views', ${VIEWS_VERSION}), ('epoch', 0)`);
    });
    return { gseq: 0, link: chainStart };
  }
  const format = metaOf(db, 'format');
  if (format !== FORMAT) {
    throw new JournalError('unsupported', `${path} has format ${format}; this version writes format ${FORMAT}`, 'Use the version of the project that wrote it, or another store.');
  }
  const { pages } = db.prepare('SELECT page_count AS pages FROM pragma_page_count').get() as { pages: number };
  if (pages <= QUICK_CHECK_PAGES) quickCheck(db, path);
  return checkTail(db, path);
}

function quickCheck(db: DatabaseSync, path: string): void {
  const { quick_check: result } = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
  if (result !== 'ok') throw new JournalError('damaged', `${path} is damaged: ${result}`, 'Restore a backup of the store, or start with another one.');
}

function checkTail(db: DatabaseSync, path: string): Tail {
  const rows = db.prepare('SELECT * FROM events ORDER BY gseq DESC LIMIT ?').all(TAIL_ROWS + 1).reverse() as object[] as Row[];
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return { gseq: 0, link: chainStart };
  const known = first.gseq > 1;
  const { fault } = known ? verifyRows(rows.slice(1), { gseq: first.gseq, link: hexOf(first.hash) }) : verifyRows(rows);
  if (fault !== null) throw new JournalError('damaged', `${path} is damaged: ${fault.message}`, 'Restore a backup of the store, or start with another one.');
  return { gseq: last.gseq, link: hexOf(last.hash) };
}

function takeEpoch(db: DatabaseSync): number {
  return inTransaction(db, () => {
    const { value } = db.prepare(`UPDATE meta SET value = value + 1 WHERE key = 'epoch' RETURNING value`).get() as { value: number };
    if (metaOf(db, 'views') !== VIEWS_VERSION) {
      projectionsOf(db).rebuild();
      db.prepare(`UPDATE meta SET value = ? WHERE key = 'views'`).run(VIEWS_VERSION);
    }
    return value;
  });
}

function journalOf(db: DatabaseSync, path: string, epoch: number, tail: Tail, mark: HighWater): Journal {
  const write = writesOf(db);
  const views = projectionsOf(db);
  const reads = journalReads(db);
  let halted: JournalError | null = null;
  const guarded = <T>(work: () => T): T => {
    if (halted !== null) throw halted;
    try {
      return work();
    } catch (error) {
      halted = storageError(error);
      throw halted ?? error;
    }
  };
  const commit = (batch: Batch): readonly Recorded<JournalEvent>[] =>
    guarded(() => {
      write.begin.run();
      const { recorded, next } = rollingBack(write, () => {
        if ((write.epoch.get() as { value: number }).value !== epoch) throw fencedOf(path, epoch);
        return writeBatch(write, views, epoch, tail, batch);
      });
      commitOrHalt(write, path);
      tail = next;
      mark.mark(tail.gseq);
      return recorded;
    });
  return {
    ...guardReads(reads, guarded),
    path,
    epoch,
    head: () => tail.gseq,
    commit,
    rebuildViews: () => guarded(() => inTransaction(db, () => views.rebuild())),
    verify: () => guarded(() => verifyRows(db.prepare('SELECT * FROM events ORDER BY gseq').iterate() as Iterable<object> as Iterable<Row>)),
    close: () => {
      mark.close();
      db.close();
    },
  };
}

type Writes = ReturnType<typeof writesOf>;

function writesOf(db: DatabaseSync) {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
    epoch: db.prepare(`SELECT value FROM meta WHERE key = 'epoch'`),
    event: db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    lastSeq: db.prepare('SELECT seq FROM actors WHERE run = ? AND actor = ?'),
    actor: db.prepare('INSERT INTO actors VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, settled = max(settled, excluded.settled)'),
    content: db.prepare('INSERT OR IGNORE INTO contents VALUES (?, ?)'),
    flow: db.prepare('INSERT OR IGNORE INTO flows VALUES (?, ?)'),
    memo: db.prepare('INSERT OR REPLACE INTO memo VALUES (?, ?, ?, ?, ?)'),
  } as const;
}

interface Ends {
  readonly run: string;
  readonly actor: string;
  seq: number;
  settled: boolean;
}

function writeBatch(write: Writes, views: Projections, epoch: number, tail: Tail, batch: Batch): { recorded: Recorded<JournalEvent>[]; next: Tail } {
  for (const [key, value] of batch.values ?? []) write.content.run(hashBytes(key), typeof value === 'string' ? Buffer.from(value) : value);
  for (const flow of batch.flows ?? []) write.flow.run(flow.hash, JSON.stringify(flow));
  const recorded: Recorded<JournalEvent>[] = [];
  const actors = new Map<string, Ends>();
  let { gseq, link } = tail;
  for (const { run, actor, seq, at, event } of batch.events) {
    advance(write, actors, run, actor, seq).settled ||= settlesActor(event);
    gseq += 1;
    const body = JSON.stringify(event);
    link = linkRow(link, { gseq, run, actor, seq, at, epoch, body });
    write.event.run(gseq, run, actor, seq, at, epoch, body, Buffer.from(link, 'hex'));
    views.fold(gseq, run, at, event);
    recorded.push({ gseq, run, actor, seq, at, event });
  }
  for (const ends of actors.values()) write.actor.run(ends.run, ends.actor, ends.seq, ends.settled ? 1 : 0);
  for (const artifact of batch.artifacts ?? []) views.addArtifact(artifact);
  for (const memo of batch.memo ?? []) write.memo.run(memo.key, JSON.stringify(memo.output), JSON.stringify(memo.artifacts), memo.run, memo.at);
  return { recorded, next: { gseq, link } };
}

/** The ends of the actor's sequence with `seq` added, which must be the next number. */
function advance(write: Writes, actors: Map<string, Ends>, run: string, actor: string, seq: number): Ends {
  const key = `${run}\n${actor}`;
  let ends = actors.get(key);
  if (ends === undefined) {
    const row = write.lastSeq.get(run, actor) as { seq: number } | undefined;
    ends = { run, actor, seq: row?.seq ?? 0, settled: false };
    actors.set(key, ends);
  }
  if (seq !== ends.seq + 1) throw new Error(`actor ${actor} of run ${run} has ${ends.seq} events; the next one cannot be ${seq}`);
  ends.seq = seq;
  return ends;
}

function rollingBack<T>(write: Writes, work: () => T): T {
  try {
    return work();
  } catch (error) {
    try {
      write.rollback.run();
    } catch {
      // SQLite has rolled back by itself already.
    }
    throw error;
  }
}

function commitOrHalt(write: Writes, path: string): void {
  try {
    write.commit.run();
  } catch (error) {
    throw new JournalError('halted', `the commit to ${path} failed: ${messageOf(error)}; it may have happened`, haltFix, error);
  }
}

const haltFix = 'Check the disk and its free space, then start again: what was committed is kept.';

/** Failures of the disk and of the file's structure, told from mistakes of the caller. */
function storageError(error: unknown): JournalError | null {
  if (error instanceof JournalError) return error.fault === 'fenced' || error.fault === 'halted' ? error : null;
  const code = (error as { errcode?: number }).errcode;
  if (code === undefined) return null;
  const message = messageOf(error);
  switch (code & 0xff) {
    case 10: // SQLITE_IOERR
    case 13: // SQLITE_FULL
    case 14: // SQLITE_CANTOPEN
      return new JournalError('halted', `the disk failed: ${message}`, haltFix, error);
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return new JournalError('damaged', `the store is damaged: ${message}`, 'Restore a backup of the store, or start with another one.', error);
    default:
      return null;
  }
}

function fencedOf(path: string, epoch: number): JournalError {
  return new JournalError('fenced', `another engine has taken over ${path} from engine ${epoch}`, 'End this one; the runs go on in the other.');
}

function lossOf(path: string, marked: number, last: number): JournalError {
  const message = `${path} ends at event ${last}, but event ${marked} had been acknowledged: the write-ahead log was damaged or deleted, or an older copy was put back`;
  return new JournalError('damaged', message, 'Restore `journal.db-wal` beside it, or accept the loss; the work lost is done again.');
}

function guardReads(reads: JournalReads, guarded: <T>(work: () => T) => T): JournalReads {
  const wrapped = Object.entries(reads).map(([name, read]) => [name, (...given: unknown[]) => guarded(() => (read as (...given: unknown[]) => unknown)(...given))]);
  return Object.fromEntries(wrapped) as unknown as JournalReads;
}

function metaOf(db: DatabaseSync, key: string): number | null {
  const row = db.prepare('SELECT value FROM meta WHERE key = ?').get(key) as { value: number } | undefined;
  return row?.value ?? null;
}

function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function hashBytes(key: string): Uint8Array {
  return Buffer.from(key.slice('sha256:'.length), 'hex');
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export type { ActorRow, ArtifactRow, JournalEvent, MemoRow, PoolRow, RunRow };
