/** The tables that are folds of the events: what `list`, `status` and lineage queries read instead of the journal. */

import { readFileSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AdaptedLimit, ArtifactRecord, BreakerStatus, ItemRow, RunEvent } from '@scriptorium/core';
import type { Row } from './chain.ts';
import { recordedIn } from './event-rows.ts';
import type { JournalEvent, Place } from './journal-event.ts';
import { puttingPrunedRuns } from './pruned-run.ts';
import type { KeptRun } from './pruned-run.ts';
import { outputRoot } from '../outputs/output-place.ts';
import { isVersionEvent, versionFolds } from './version-folds.ts';

/** To be raised whenever a fold changes; stores with another number rebuild their folds at the next opening. */
export const VIEWS_VERSION = 9;

/** An artifact as a row of the store. */
export interface ArtifactRow extends ArtifactRecord {
  readonly run: string;
  /** Absolute path of the output root that `path` is relative to. */
  readonly root: string;
  readonly key: string | null;
  readonly handler: string;
  readonly at: number;
  /** The run that it was taken over from. */
  readonly reusedFrom: string | null;
}

export interface Projections {
  /** Folds one event, which has been or is being written in the same transaction. */
  readonly fold: (place: Place, event: JournalEvent) => void;
  readonly addArtifact: (artifact: ArtifactRow) => void;
  /** Computes the folds from all events, within the caller's transaction; they must be empty. */
  readonly fill: () => void;
}

/** Makes the tables of the folds anew, empty, whatever they looked like before. */
export function createFolds(db: DatabaseSync): void {
  db.exec(readFileSync(new URL('./folds.sql', import.meta.url), 'utf8'));
}

export function projectionsOf(db: DatabaseSync): Projections {
  const write = {
    startRun: db.prepare(
      `INSERT INTO runs (first, run, status, started_at, flow, version, hash, started_by, parent, options, input) VALUES (?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    setStatus: db.prepare(`UPDATE runs SET status = iif(cancelling AND ?1 IN ('running', 'paused'), 'cancelling', ?1) WHERE run = ?2`),
    cancelRun: db.prepare(`UPDATE runs SET status = 'cancelling', cancelling = 1 WHERE run = ?`),
    settleRun: db.prepare('UPDATE runs SET status = ?, ended_at = ?, output = ?, error = ?, last = ? WHERE run = ?'),
    openChunk: db.prepare('INSERT OR IGNORE INTO open_chunks VALUES (?, ?)'),
    settleChunk: db.prepare('DELETE FROM open_chunks WHERE run = ? AND actor = ?'),
    declare: db.prepare(
      'INSERT INTO pools (pool, declared, flow) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET declared = excluded.declared, flow = excluded.flow, adapted = NULL',
    ),
    change: db.prepare(
      'INSERT INTO pools (pool, changed, changed_by, changed_at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET changed = excluded.changed, changed_by = excluded.changed_by, changed_at = excluded.changed_at, adapted = NULL',
    ),
    adapt: db.prepare('INSERT INTO pools (pool, adapted) VALUES (?, ?) ON CONFLICT DO UPDATE SET adapted = excluded.adapted'),
    break: db.prepare('INSERT INTO pools (pool, breaker) VALUES (?, ?) ON CONFLICT DO UPDATE SET breaker = excluded.breaker'),
    artifact: db.prepare(
      'INSERT INTO artifacts (run, root, path, hash, bytes, stage, key, handler, at, origin, parents) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
  };
  const foldVersion = versionFolds(db);
  const fold = (place: Place, event: JournalEvent): void => {
    const { gseq, run, actor, at } = place;
    if (isVersionEvent(event)) foldVersion(place, event);
    else if (event.type.startsWith('run.')) foldRun(write, gseq, run, at, event as RunEvent);
    else if (event.type === 'chunk.started') write.openChunk.run(run, actor);
    else if (event.type === 'chunk.settled') write.settleChunk.run(run, actor);
    else if (event.type === 'limit.declared') write.declare.run(event.pool, JSON.stringify(event.limit), event.flow);
    else if (event.type === 'limit.changed') write.change.run(event.pool, JSON.stringify(event.to), event.by, at);
    else if (event.type === 'limit.adapted') {
      const { share, step, until } = event;
      write.adapt.run(event.pool, share === 1 ? null : JSON.stringify({ share, step, until } satisfies AdaptedLimit));
    } else if (event.type === 'breaker.changed') {
      const { state, until, failures, code, ramp } = event;
      write.break.run(event.pool, JSON.stringify({ state, until, failures, code, ramp } satisfies BreakerStatus));
    }
  };
  const addArtifact = (artifact: ArtifactRow): void => {
    const { run, root, path, hash, bytes, stage, key, handler, at, reusedFrom, from } = artifact;
    write.artifact.run(run, root, path, hash, bytes, stage, key, handler, at, reusedFrom, JSON.stringify(from));
  };
  return { fold, addArtifact, fill: () => fillFolds(db, fold, addArtifact) };
}

type RunWrites = { readonly [name in 'startRun' | 'setStatus' | 'cancelRun' | 'settleRun']: StatementSync };

function foldRun(write: RunWrites, gseq: number, run: string, at: number, event: RunEvent): void {
  switch (event.type) {
    case 'run.started': {
      const { flow, options, input, by, parent } = event;
      const above = parent === undefined ? null : JSON.stringify(parent);
      const texts = [options, input].map((value) => JSON.stringify(value));
      write.startRun.run(gseq, run, at, flow.name, flow.version, flow.hash, by, above, ...texts);
      break;
    }
    case 'run.configured':
      break;
    case 'run.paused':
      write.setStatus.run('paused', run);
      break;
    case 'run.resumed':
      write.setStatus.run('running', run);
      break;
    case 'run.interrupted':
      write.setStatus.run('interrupted', run);
      break;
    case 'run.cancelling':
      write.cancelRun.run(run);
      break;
    case 'run.settled':
      write.settleRun.run(
        event.status,
        at,
        event.output && JSON.stringify(event.output),
        event.error && JSON.stringify(event.error),
        gseq,
        run,
      );
      break;
  }
}

/** What the events around an artifact say of it. */
interface Known {
  readonly handlers: Map<string, string>;
  /** Of chunks, also of settled ones: they may be taken back. */
  readonly pages: Map<string, string>;
  /** Of chunks that have not settled. */
  readonly keys: Map<string, readonly string[]>;
  readonly roots: Map<string, string>;
}

function fillFolds(db: DatabaseSync, fold: Projections['fold'], addArtifact: Projections['addArtifact']): void {
  const known: Known = { handlers: new Map(), pages: new Map(), keys: new Map(), roots: new Map() };
  for (const row of db.prepare('SELECT * FROM events ORDER BY gseq').iterate() as Iterable<object> as Iterable<Row>) {
    for (const recorded of recordedIn([row.gseq, row.run, row.actor, row.seq, row.at, row.body, row.count])) {
      const { event } = recorded;
      fold(recorded, event);
      for (const artifact of artifactsOf(db, known, recorded, event)) addArtifact(artifact);
    }
  }
  const putPrunedRun = puttingPrunedRuns(db);
  for (const { run, kept } of db.prepare('SELECT run, kept FROM pruned_runs').all() as unknown as { run: string; kept: string }[])
    putPrunedRun(run, JSON.parse(kept) as KeptRun);
}

function artifactsOf(db: DatabaseSync, known: Known, row: Place, event: JournalEvent): readonly ArtifactRow[] {
  const actor = `${row.run}\n${row.actor}`;
  switch (event.type) {
    case 'run.started':
      known.roots.set(row.run, outputRoot(event.options));
      return [];
    case 'chunk.started':
      known.pages.set(actor, event.page);
      return [];
    case 'chunk.settled':
      known.keys.delete(actor);
      return [];
    case 'attempt.started':
      known.handlers.set(`${actor}\n${event.item}\n${event.node}`, event.handler);
      return [];
    case 'attempt.succeeded':
    case 'attempt.reused': {
      const place = `${actor}\n${event.item}\n${event.node}`;
      const reusedFrom = event.type === 'attempt.reused' ? event.reusedFrom : null;
      const key = event.artifacts.length === 0 ? null : keyOf(db, known, actor, event.item);
      const rows = event.artifacts.map((artifact) => {
        const handler = known.handlers.get(place) ?? firstHandler(db, artifact.hash) ?? '';
        return { ...artifact, run: row.run, root: known.roots.get(row.run) ?? '', key, handler, at: row.at, reusedFrom };
      });
      known.handlers.delete(place);
      return rows;
    }
    default:
      return [];
  }
}

function firstHandler(db: DatabaseSync, hash: string): string | null {
  const row = db.prepare('SELECT handler FROM artifacts WHERE hash = ? LIMIT 1').get(hash) as { handler: string } | undefined;
  return row?.handler ?? null;
}

function keyOf(db: DatabaseSync, { pages, keys }: Known, actor: string, item: number): string | null {
  const page = pages.get(actor);
  if (page === undefined) return null;
  const known = keys.get(actor) ?? pageKeys(db, page);
  keys.set(actor, known);
  return known[item] ?? null;
}

function pageKeys(db: DatabaseSync, page: string): readonly string[] {
  const row = db.prepare('SELECT body FROM contents WHERE hash = ?').get(Buffer.from(page.slice('sha256:'.length), 'hex')) as
    | { body: Uint8Array }
    | undefined;
  if (row === undefined) return [];
  return (JSON.parse(Buffer.from(row.body).toString('utf8')) as ItemRow[]).map((item) => item.key);
}
