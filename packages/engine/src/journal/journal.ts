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
import type { DatabaseSync } from 'node:sqlite';
import type { Flow, Recorded } from '@scriptorium/core';
import { releaseBallast } from '../space/ballast.ts';
import { linkRow, verifyRows } from './chain.ts';
import type { Row, Verified } from './chain.ts';
import { checkpointing } from './checkpointing.ts';
import { rowsFor } from './event-rows.ts';
import { openHighWater } from './high-water.ts';
import type { HighWater } from './high-water.ts';
import { readHoles, unaccounted } from './holes.ts';
import { JournalError } from './journal-error.ts';
import { journalReads } from './journal-reads.ts';
import type { JournalReads, MemoRow, PoolRow, RunRow } from './journal-reads.ts';
import { projectionsOf } from './projections.ts';
import type { JournalEvent } from './journal-event.ts';
import type { ArtifactRow, Projections } from './projections.ts';
import type { HomeOptions } from '../space/home.ts';
import { haltFix, isFull, messageOf, openingError, storageError } from './storage-error.ts';
import { BUSY_MS, openStore, prepareStore, takeEpoch } from './store.ts';
import { snapshotRows } from './snapshot-rows.ts';
import type { Snapshot } from './snapshot-rows.ts';
import type { Tail } from './store.ts';
import type { Upkeep } from './upkeep.ts';

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
  /** States after the batch, or after an earlier event. */
  readonly snapshots?: readonly Snapshot[];
}

export interface JournalOptions extends HomeOptions {
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
  /** What is done to the store beside commits; raises as they do. Null for a store that takes nothing else. */
  readonly upkeep: Upkeep | null;
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
  return openWithDatabase(path, options).journal;
}

/** The same with the connection that it writes by, for what is done to a store that no engine works on. */
export function openWithDatabase(path: string, options: JournalOptions = {}): { readonly journal: Journal; readonly db: DatabaseSync } {
  const db = openStore(path, options);
  try {
    const tail = prepareStore(db, path);
    const mark = openHighWater(`${path}.mark`);
    if (mark.marked > tail.gseq && options.acceptLoss !== true) {
      mark.close();
      throw lossOf(path, mark.marked, tail.gseq);
    }
    mark.mark(tail.gseq);
    return { journal: journalOf(db, path, takeEpoch(db), tail, mark), db };
  } catch (error) {
    db.close();
    throw openingError(path, error);
  }
}

function journalOf(db: DatabaseSync, path: string, epoch: number, tail: Tail, mark: HighWater): Journal {
  const write = writesOf(db);
  const views = projectionsOf(db);
  const reads = journalReads(db);
  const checkpoint = checkpointing(db, path, BUSY_MS);
  const ends = knownEnds(reads.lastSeq);
  let halted: JournalError | null = null;
  const guarded = <T>(work: () => T): T => {
    if (halted !== null) throw halted;
    try {
      return work();
    } catch (error) {
      halted = storageError(error);
      // Without it the next start could not move the log into the store, and would fail in the same way.
      if (isFull(error)) releaseBallast(path);
      throw halted ?? error;
    }
  };
  const transact = <T>(work: () => T): T => {
    write.begin.run();
    const done = rollingBack(write, () => {
      if ((write.epoch.get() as { value: number }).value !== epoch) throw fencedOf(path, epoch);
      return work();
    });
    commitOrHalt(write, path);
    return done;
  };
  const commit = (batch: Batch): readonly Recorded<JournalEvent>[] =>
    guarded(() => {
      const { recorded, next, moved } = transact(() => writeBatch(write, views, epoch, { tail, seqOf: ends.seqOf }, batch));
      tail = next;
      ends.keep(moved);
      mark.mark(tail.gseq);
      checkpoint(batch.events.length);
      return recorded;
    });
  return {
    ...guardReads(reads, guarded),
    path,
    epoch,
    head: () => tail.gseq,
    commit,
    upkeep: {
      read: (work) => guarded(() => work(db)),
      write: (work) =>
        guarded(() => {
          const done = transact(() => work(db));
          checkpoint(0);
          return done;
        }),
    },
    verify: () => guarded(() => verifyAll(db)),
    close: () => {
      mark.close();
      db.close();
    },
  };
}

function verifyAll(db: DatabaseSync): Verified {
  const rows = db.prepare('SELECT * FROM events ORDER BY gseq').iterate() as Iterable<object> as Iterable<Row>;
  const verified = verifyRows(rows, undefined, readHoles(db));
  if (verified.fault !== null) return verified;
  const message = unaccounted(db);
  return message === null ? verified : { ...verified, fault: { gseq: 0, message } };
}

type Writes = ReturnType<typeof writesOf>;

function writesOf(db: DatabaseSync) {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
    epoch: db.prepare(`SELECT value FROM meta WHERE key = 'epoch'`),
    event: db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    content: db.prepare('INSERT OR IGNORE INTO contents VALUES (?, ?)'),
    flow: db.prepare('INSERT OR IGNORE INTO flows VALUES (?, ?)'),
    memo: db.prepare('INSERT OR REPLACE INTO memo VALUES (?, ?, ?, ?, ?)'),
    snapshots: snapshotRows(db),
  } as const;
}

interface Ends {
  seq: number;
  settled: boolean;
}

/** Actors whose last number is known without a look into the store, unless they have settled. */
const MAX_KNOWN = 20_000;

/** The last numbers of actors by their keys, as far as they are committed: nobody else writes. */
function knownEnds(lastSeq: JournalReads['lastSeq']): {
  readonly seqOf: Before['seqOf'];
  readonly keep: (moved: ReadonlyMap<string, Ends>) => void;
} {
  const known = new Map<string, number>();
  return {
    // Of a run that begins there is nothing to look up: a second beginning is refused by the key of its row.
    seqOf: (key, { run, actor, event }) => known.get(key) ?? (event.type === 'run.started' ? 0 : lastSeq(run, actor)),
    keep: (moved) => {
      if (known.size + moved.size > MAX_KNOWN) known.clear();
      for (const [key, { seq, settled }] of moved) {
        if (settled) known.delete(key);
        else known.set(key, seq);
      }
    },
  };
}

/** What a batch is written after. */
interface Before {
  readonly tail: Tail;
  /** The last number of an actor; asked once in a batch, for its first event there. */
  readonly seqOf: (key: string, first: Entry) => number;
}

interface Written {
  readonly recorded: Recorded<JournalEvent>[];
  readonly next: Tail;
  readonly moved: ReadonlyMap<string, Ends>;
}

function writeBatch(write: Writes, views: Projections, epoch: number, { tail, seqOf }: Before, batch: Batch): Written {
  for (const [key, value] of batch.values ?? []) write.content.run(hashBytes(key), typeof value === 'string' ? Buffer.from(value) : value);
  for (const flow of batch.flows ?? []) write.flow.run(flow.hash, JSON.stringify(flow));
  const moved = new Map<string, Ends>();
  let { gseq, link } = tail;
  for (const row of rowsFor(batch.events, tail.gseq)) {
    advance(moved, seqOf, batch.events.slice(gseq - tail.gseq, row.gseq - tail.gseq));
    gseq = row.gseq;
    link = linkRow(link, { ...row, epoch });
    write.event.run(gseq, row.run, row.actor, row.seq, row.at, epoch, row.body, Buffer.from(link, 'hex'), row.count);
  }
  const recorded = batch.events.map(({ run, actor, seq, at, event }, index) => ({
    gseq: tail.gseq + 1 + index,
    run,
    actor,
    seq,
    at,
    event,
  }));
  for (const one of recorded) views.fold(one, one.event);
  for (const artifact of batch.artifacts ?? []) views.addArtifact(artifact);
  for (const memo of batch.memo ?? [])
    write.memo.run(memo.key, JSON.stringify(memo.output), JSON.stringify(memo.artifacts), memo.run, memo.at);
  for (const snapshot of batch.snapshots ?? []) write.snapshots.put(snapshot);
  return { recorded, next: { gseq, link }, moved };
}

/** Adds the events of a row to their actor's sequence, of which they must be the next ones. */
function advance(moved: Map<string, Ends>, seqOf: Before['seqOf'], events: readonly Entry[]): void {
  const [first] = events;
  if (first === undefined) return;
  const { run, actor } = first;
  const key = `${run}\n${actor}`;
  const ends = moved.get(key) ?? { seq: seqOf(key, first), settled: false };
  for (const { seq, event } of events) {
    if (seq !== ends.seq + 1) throw new Error(`actor ${actor} of run ${run} has ${ends.seq} events; the next one cannot be ${seq}`);
    ends.seq = seq;
    ends.settled ||= event.type === 'run.settled' || event.type === 'chunk.settled';
  }
  moved.set(key, ends);
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

function fencedOf(path: string, epoch: number): JournalError {
  return new JournalError(
    'fenced',
    `another engine has taken over ${path} from engine ${epoch}`,
    'End this one; the runs go on in the other.',
  );
}

function lossOf(path: string, marked: number, last: number): JournalError {
  const message = `${path} ends at event ${last}, but event ${marked} had been acknowledged: the write-ahead log was damaged or deleted, or an older copy was put back`;
  return new JournalError(
    'lost',
    message,
    'Put `journal.db-wal` back beside it; or restore a backup; or go on from what is there with `scriptorium audit accept-loss`: what was lost is done again.',
  );
}

function guardReads(reads: JournalReads, guarded: <T>(work: () => T) => T): JournalReads {
  const wrap =
    <Given extends readonly unknown[], T>(read: (...given: Given) => T) =>
    (...given: Given): T =>
      guarded(() => read(...given));
  return {
    readActor: wrap(reads.readActor),
    snapshot: wrap(reads.snapshot),
    actors: wrap(reads.actors),
    lastSeq: wrap(reads.lastSeq),
    readRun: wrap(reads.readRun),
    readFrom: wrap(reads.readFrom),
    value: wrap(reads.value),
    json: wrap(reads.json),
    flow: wrap(reads.flow),
    memo: wrap(reads.memo),
    run: wrap(reads.run),
    runs: wrap(reads.runs),
    endedRuns: wrap(reads.endedRuns),
    childRuns: wrap(reads.childRuns),
    pools: wrap(reads.pools),
    artifacts: wrap(reads.artifacts),
    artifactAt: wrap(reads.artifactAt),
    artifactOf: wrap(reads.artifactOf),
  };
}

function hashBytes(key: string): Uint8Array {
  return Buffer.from(key.slice('sha256:'.length), 'hex');
}

export type { ArtifactRow, JournalEvent, MemoRow, PoolRow, RunRow };
