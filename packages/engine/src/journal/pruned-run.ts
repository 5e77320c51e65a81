/** What is kept of a run whose events are removed: how it began and ended, and the files that others still refer to. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Instant, Progress } from '@scriptorium/core';
import type { Upkeep } from './upkeep.ts';

export interface KeptRun {
  readonly at: Instant;
  readonly by: string;
  readonly progress: Progress;
  /** Columns of its row, without what it was given, what it gave and what its failure said. */
  readonly row: { readonly [column: string]: string | number | null };
  /** Rows of artifacts that others were made from, or took over. */
  readonly artifacts: readonly { readonly [column: string]: string | number | null }[];
}

/** Artifacts that runs which stay have made something of, or have taken over from others, as far as these are of runs that go. */
const REFERRED = `INSERT OR IGNORE INTO temp.referred
  SELECT hash FROM (
    SELECT value AS hash FROM artifacts, json_each(parents) WHERE artifacts.id > ?1 AND artifacts.id <= ?2 AND run NOT IN (SELECT run FROM temp.going)
    UNION SELECT hash FROM artifacts WHERE id > ?1 AND id <= ?2 AND origin IS NOT NULL AND run NOT IN (SELECT run FROM temp.going)
  ) AS named WHERE EXISTS (SELECT 1 FROM artifacts AS own WHERE own.hash = named.hash AND own.run IN (SELECT run FROM temp.going))`;

/** What others have of runs that go; {@link keepingRuns} asks for it. */
export interface Referred {
  /** Does what makes some of the runs go, in one transaction with a look at what was written since the last one. */
  readonly during: (db: DatabaseSync, work: () => void) => void;
}

/** Finds out, so many rows at a time, what others have of these runs. */
export function* noteReferred(store: Upkeep, runs: readonly string[], rows: number): Generator<void, Referred> {
  let seen = 0;
  const look = (db: DatabaseSync, to: number): void => {
    db.prepare(REFERRED).run(seen, to);
    seen = to;
  };
  const lastOf = (db: DatabaseSync): number => db.prepare('SELECT ifnull(max(id), 0) AS last FROM artifacts').get()?.['last'] as number;
  store.read((db) => {
    for (const [table, column] of [
      ['going', 'run'],
      ['referred', 'hash'],
    ])
      db.exec(`DROP TABLE IF EXISTS temp.${table}; CREATE TEMP TABLE ${table} (${column} TEXT PRIMARY KEY) WITHOUT ROWID`);
    db.prepare('INSERT INTO temp.going SELECT value FROM json_each(?)').run(JSON.stringify(runs));
  });
  for (let last = store.read(lastOf); seen < last; last = store.read(lastOf)) {
    store.read((db) => look(db, Math.min(last, seen + rows)));
    yield;
  }
  return {
    during: (db, work) => {
      look(db, lastOf(db));
      work();
      // Numbers of rows that were the last ones and went are given again.
      seen = Math.min(seen, lastOf(db));
    },
  };
}

type Columns = KeptRun['row'];

/** Reads what is kept of each of many runs. */
export function keepingRuns(db: DatabaseSync): (run: string, progress: Progress, at: Instant, by: string) => KeptRun {
  const rowOf = db.prepare('SELECT * FROM runs WHERE run = ?');
  const artifactsOf = db.prepare('SELECT * FROM artifacts WHERE run = ? AND hash IN (SELECT hash FROM temp.referred)');
  return (run, progress, at, by) => {
    const columns = rowOf.get(run) as Columns;
    const error = columns['error'] as string | null;
    const code = error === null ? null : (JSON.parse(error) as { readonly code: string }).code;
    const row = {
      ...columns,
      input: '{}',
      output: null,
      error: code === null ? null : JSON.stringify({ code, message: 'what it said went with the events' }),
      rollbacks: '[]',
      migrations: '[]',
      pruned: null,
    };
    return { at, by, progress: { ...progress, errors: [] }, row, artifacts: artifactsOf.all(run) as readonly Columns[] };
  };
}

/** Puts the row of each of many runs in its place among the others, and its artifacts, as they are once its events are gone. */
export function puttingPrunedRuns(db: DatabaseSync): (run: string, kept: KeptRun) => void {
  const forget = db.prepare('DELETE FROM artifacts WHERE run = ?');
  const inserts = new Map<string, StatementSync>();
  const put = (table: string, row: Columns): void => {
    const names = Object.keys(row);
    const sql = `INSERT OR REPLACE INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
    const insert = inserts.get(sql) ?? db.prepare(sql);
    inserts.set(sql, insert);
    insert.run(...Object.values(row));
  };
  return (run, { at, by, progress, row, artifacts }) => {
    put('runs', { ...row, run, pruned: JSON.stringify({ at, by, progress }) });
    forget.run(run);
    for (const artifact of artifacts) put('artifacts', artifact);
  };
}
