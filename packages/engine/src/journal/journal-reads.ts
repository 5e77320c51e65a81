/** Reading the journal. All reads are by prepared statements on the writing connection; lists are bounded by the caller. */

import type { DatabaseSync } from 'node:sqlite';
import type {
  Amendments,
  ArtifactRecord,
  AdaptedLimit,
  BreakerStatus,
  Carried,
  Failure,
  Flow,
  Instant,
  Json,
  JsonObject,
  Limit,
  ParentRun,
  Progress,
  Recorded,
  RunOptions,
  RunStatus,
} from '@scriptorium/core';
import { actorRows } from './actor-rows.ts';
import type { ActorRow } from './actor-rows.ts';
import { chainStart, linkRow, nameOf } from './chain.ts';
import { READ_COLUMNS, recordedIn, rowsWith } from './event-rows.ts';
import type { ReadRow } from './event-rows.ts';
import { JournalError, restoreFix } from './journal-error.ts';
import type { JournalEvent } from './journal-event.ts';
import type { ArtifactRow } from './projections.ts';
import { runRows } from './run-rows.ts';
import { snapshotRows } from './snapshot-rows.ts';
import type { Snapshot } from './snapshot-rows.ts';

export interface MemoRow {
  readonly key: string;
  readonly output: Carried;
  readonly artifacts: readonly ArtifactRecord[];
  readonly run: string;
  readonly at: number;
}

export interface RunRow {
  readonly run: string;
  readonly flow: { readonly name: string; readonly version: string; readonly hash: string };
  readonly status: RunStatus;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly startedBy: string;
  readonly options: RunOptions;
  readonly input: JsonObject;
  readonly output: Carried | null;
  readonly error: Failure | null;
  /** What later events change about earlier ones. */
  readonly amendments: Amendments;
  readonly parent: ParentRun | null;
  /** The run whose history this one shares up to where they part. */
  readonly forkedFrom: string | null;
  /** Set when its events were removed: this row is all that is left of it. */
  readonly pruned: Pruned | null;
}

export interface Pruned {
  readonly at: Instant;
  readonly by: string;
  /** As it was at its end. */
  readonly progress: Progress;
}

export interface PoolRow {
  readonly pool: string;
  readonly declared: Limit | null;
  readonly flow: string | null;
  readonly changed: Limit | null;
  readonly changedBy: string | null;
  readonly changedAt: number | null;
  readonly breaker: BreakerStatus | null;
  readonly adapted: AdaptedLimit | null;
}

export interface JournalReads {
  /** The actor's events after `after`, at most `limit` if it is given, each checked against the chain. */
  readonly readActor: (run: string, actor: string, after?: number, limit?: number) => readonly Recorded<JournalEvent>[];
  /** What was kept of an actor, or with the empty one of the run as a whole; null where it is not as it was written. */
  readonly snapshot: (run: string, actor: string) => Snapshot | null;
  readonly actors: (run: string, filter?: { readonly settled?: boolean }) => readonly ActorRow[];
  /** The number of the actor's last event; 0 for one that has none. */
  readonly lastSeq: (run: string, actor: string) => number;
  /** The run's events after the `gseq` `after`, in order, at most `limit`. */
  readonly readRun: (run: string, after?: number, limit?: number) => readonly Recorded<JournalEvent>[];
  /** All events from the `gseq` `from` on, in order, at most `limit`. */
  readonly readFrom: (from: number, limit: number) => readonly Recorded<JournalEvent>[];
  readonly value: (hash: string) => Uint8Array | null;
  /** A value that was stored as JSON; throws when it is not there. */
  readonly json: (hash: string) => Json;
  /** The same object for the same hash, so that what is derived from it is derived once. */
  readonly flow: (hash: string) => Flow | null;
  readonly memo: (key: string) => MemoRow | null;
  readonly run: (run: string) => RunRow | null;
  /** The newest first. */
  readonly runs: (filter?: {
    readonly status?: readonly RunStatus[];
    readonly flow?: string;
    readonly prefix?: string;
    /** Which of the runs that work for a step of another one: all, unless it is said. */
    readonly children?: 'none' | 'detached' | 'all';
    readonly limit?: number;
  }) => readonly RunRow[];
  /** Runs that have ended and whose events are there, the one that ended last first. */
  readonly endedRuns: (limit: number) => readonly RunRow[];
  /** The child runs of one, the newest first. */
  readonly childRuns: (parent: string, limit?: number) => readonly RunRow[];
  readonly pools: () => readonly PoolRow[];
  /** In the order written; `after` and the ids are for paging. */
  readonly artifacts: (run: string, after?: number, limit?: number) => readonly (ArtifactRow & { readonly id: number })[];
  /** The latest artifact at an absolute path. */
  readonly artifactAt: (file: string) => ArtifactRow | null;
  /** The latest artifact with these bytes. */
  readonly artifactOf: (hash: string) => ArtifactRow | null;
}

/** Most events of one run that one call returns unless told otherwise. */
const PAGE = 1_000;

export function journalReads(db: DatabaseSync): JournalReads {
  return { ...eventReads(db), ...actorRows(db), snapshot: snapshotRows(db).find, ...valueReads(db), ...runReads(db), ...artifactReads(db) };
}

function eventReads(db: DatabaseSync): Pick<JournalReads, 'readActor' | 'readRun' | 'readFrom'> {
  const ofActor = db.prepare(
    `SELECT ${READ_COLUMNS}, epoch, lower(hex(hash)), lower(hex(ifnull((SELECT hash FROM events WHERE gseq = e.gseq - e.count), (SELECT link FROM pruned WHERE last = e.gseq - e.count))))
     FROM events e WHERE run = ? AND actor = ? AND seq > ? ORDER BY seq`,
  );
  ofActor.setReturnArrays(true);
  const ofRun = runRows(db);
  const from = db.prepare(`SELECT ${READ_COLUMNS} FROM events WHERE gseq >= ? ORDER BY gseq`);
  from.setReturnArrays(true);
  return {
    readActor: (run, actor, after = 0, limit = Infinity) => {
      const found = ofActor.iterate(run, actor, after) as Iterable<object> as Iterable<CheckedRow>;
      const { rows } = rowsWith(found, limit, ([, , , seq, , , count]) => Math.min(count, seq - after));
      return rows
        .flatMap(checkedEvents)
        .filter(({ seq }) => seq > after)
        .slice(0, limit);
    },
    readRun: (run, after = 0, limit = PAGE) => {
      const { rows, first, last } = ofRun(run, after, limit);
      return rows
        .flatMap(recordedIn)
        .filter(({ gseq }) => gseq >= first && gseq <= last)
        .slice(0, limit);
    },
    readFrom: (start, limit) => {
      const found = from.iterate(start) as Iterable<object> as Iterable<ReadRow>;
      const { rows } = rowsWith(found, limit, ([gseq, , , , , , count]) => Math.min(count, gseq - start + 1));
      return rows
        .flatMap(recordedIn)
        .filter(({ gseq }) => gseq >= start)
        .slice(0, limit);
    },
  };
}

/** With its link and that of the row before, in hexadecimal digits; none before the first. */
type CheckedRow = readonly [...ReadRow, epoch: number, link: string, previous: string];

function checkedEvents([gseq, run, actor, seq, at, body, count, epoch, link, previous]: CheckedRow): readonly Recorded<JournalEvent>[] {
  if (linkRow(previous === '' ? chainStart : previous, { gseq, run, actor, seq, at, epoch, body }) !== link) {
    throw new JournalError('altered', `${nameOf({ gseq, run, actor, seq, count })} is not what was written`, restoreFix);
  }
  return recordedIn([gseq, run, actor, seq, at, body, count]);
}

/** Definitions that are kept parsed. */
const KEPT_FLOWS = 1_000;

function valueReads(db: DatabaseSync): Pick<JournalReads, 'value' | 'json' | 'flow' | 'memo'> {
  const content = db.prepare('SELECT body FROM contents WHERE hash = ?');
  const flowOf = db.prepare('SELECT ir FROM flows WHERE hash = ?');
  const flows = new Map<string, Flow>();
  const memoOf = db.prepare('SELECT * FROM memo WHERE key = ?');
  const value = (hash: string): Uint8Array | null => (content.get(hashBytes(hash)) as { body: Uint8Array } | undefined)?.body ?? null;
  return {
    value,
    json: (hash) => {
      const bytes = value(hash);
      if (bytes === null) throw new JournalError('damaged', `the value ${hash} is not in the store`, restoreFix);
      return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as Json;
    },
    flow: (hash) => {
      const known = flows.get(hash);
      const row = known === undefined ? (flowOf.get(hash) as { ir: string } | undefined) : undefined;
      if (row === undefined) return known ?? null;
      const flow = JSON.parse(row.ir) as Flow;
      if (flows.size >= KEPT_FLOWS) flows.clear();
      flows.set(hash, flow);
      return flow;
    },
    memo: (key) => {
      const row = memoOf.get(key) as { key: string; output: string; artifacts: string; run: string; at: number } | undefined;
      return row === undefined
        ? null
        : { ...row, output: JSON.parse(row.output) as Carried, artifacts: JSON.parse(row.artifacts) as ArtifactRecord[] };
    },
  };
}

function runReads(db: DatabaseSync): Pick<JournalReads, 'run' | 'runs' | 'endedRuns' | 'childRuns' | 'pools'> {
  const one = db.prepare('SELECT * FROM runs WHERE run = ?');
  const some = db.prepare(
    `SELECT * FROM runs WHERE (?1 IS NULL OR status IN (SELECT value FROM json_each(?1))) AND (?2 IS NULL OR flow = ?2) AND substr(run, 1, length(?3)) = ?3
     AND (parent IS NULL OR ?5 = 'all' OR (?5 = 'detached' AND json_extract(parent, '$.detached'))) ORDER BY first DESC LIMIT ?4`,
  );
  // Whole rows of all runs would be sorted by their last events otherwise.
  const ended = db.prepare(
    'SELECT * FROM runs WHERE first IN (SELECT first FROM runs WHERE last IS NOT NULL AND pruned IS NULL ORDER BY last DESC LIMIT ?) ORDER BY last DESC',
  );
  const ofParent = db.prepare(
    `SELECT * FROM runs WHERE parent IS NOT NULL AND json_extract(parent, '$.run') = ? ORDER BY first DESC LIMIT ?`,
  );
  const allPools = db.prepare('SELECT * FROM pools ORDER BY pool');
  return {
    run: (run) => {
      const row = one.get(run);
      return row === undefined ? null : runOf(row);
    },
    runs: ({ status, flow, prefix, children = 'all', limit } = {}) =>
      some.all(status === undefined ? null : JSON.stringify(status), flow ?? null, prefix ?? '', limit ?? -1, children).map(runOf),
    endedRuns: (limit) => ended.all(limit).map(runOf),
    childRuns: (parent, limit = -1) => ofParent.all(parent, limit).map(runOf),
    pools: () => allPools.all().map(poolOf),
  };
}

type Columns = Readonly<Record<string, unknown>>;

function runOf(row: Columns): RunRow {
  return {
    run: row['run'] as string,
    flow: { name: row['flow'] as string, version: row['version'] as string, hash: row['hash'] as string },
    status: row['status'] as RunStatus,
    startedAt: row['started_at'] as number,
    endedAt: row['ended_at'] as number | null,
    startedBy: row['started_by'] as string,
    options: JSON.parse(row['options'] as string) as RunOptions,
    input: JSON.parse(row['input'] as string) as JsonObject,
    output: parsed<Carried>(row['output']),
    error: parsed<Failure>(row['error']),
    amendments: {
      rollbacks: JSON.parse(row['rollbacks'] as string) as Amendments['rollbacks'],
      migrations: JSON.parse(row['migrations'] as string) as Amendments['migrations'],
    },
    parent: parsed<ParentRun>(row['parent']),
    forkedFrom: row['forked_from'] as string | null,
    pruned: parsed<Pruned>(row['pruned']),
  };
}

function poolOf(row: Columns): PoolRow {
  return {
    pool: row['pool'] as string,
    declared: parsed<Limit>(row['declared']),
    flow: row['flow'] as string | null,
    changed: parsed<Limit>(row['changed']),
    changedBy: row['changed_by'] as string | null,
    changedAt: row['changed_at'] as number | null,
    breaker: parsed<BreakerStatus>(row['breaker']),
    adapted: parsed<AdaptedLimit>(row['adapted']),
  };
}

function artifactReads(db: DatabaseSync): Pick<JournalReads, 'artifacts' | 'artifactAt' | 'artifactOf'> {
  const ofRun = db.prepare('SELECT * FROM artifacts WHERE run = ? AND id > ? ORDER BY id LIMIT ?');
  const at = db.prepare(`SELECT * FROM artifacts WHERE root || '/' || path = ? ORDER BY origin IS NULL DESC, id DESC LIMIT 1`);
  const of = db.prepare('SELECT * FROM artifacts WHERE hash = ? ORDER BY id DESC LIMIT 1');
  const first = (row: Columns | undefined): ArtifactRow | null => (row === undefined ? null : artifactOf(row));
  return {
    artifacts: (run, after = 0, limit = PAGE) =>
      ofRun.all(run, after, limit).map((row) => ({ ...artifactOf(row), id: row['id'] as number })),
    artifactAt: (file) => first(at.get(file)),
    artifactOf: (hash) => first(of.get(hash)),
  };
}

function artifactOf(row: Columns): ArtifactRow {
  return {
    run: row['run'] as string,
    root: row['root'] as string,
    path: row['path'] as string,
    hash: row['hash'] as string,
    bytes: row['bytes'] as number,
    stage: row['stage'] as string,
    key: row['key'] as string | null,
    handler: row['handler'] as string,
    at: row['at'] as number,
    reusedFrom: row['origin'] as string | null,
    from: JSON.parse(row['parents'] as string) as string[],
  };
}

function parsed<T>(column: unknown): T | null {
  return column === null ? null : (JSON.parse(column as string) as T);
}

function hashBytes(key: string): Uint8Array {
  return Buffer.from(key.slice('sha256:'.length), 'hex');
}
