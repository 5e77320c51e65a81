/** What is kept of a run whose events are removed: how it began and ended, and the files that others still refer to. */

import type { DatabaseSync } from 'node:sqlite';
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

/** What others have of runs that go; {@link keptOf} asks for it. */
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

export function keptOf(db: DatabaseSync, run: string, progress: Progress, at: Instant, by: string): KeptRun {
  const columns = db.prepare('SELECT * FROM runs WHERE run = ?').get(run) as KeptRun['row'];
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
  return {
    at,
    by,
    progress: { ...progress, errors: [] },
    row,
    artifacts: db
      .prepare('SELECT * FROM artifacts WHERE run = ? AND hash IN (SELECT hash FROM temp.referred)')
      .all(run) as KeptRun['artifacts'],
  };
}

/** Puts the row of a run in its place among the others, and its artifacts, as they are once its events are gone. */
export function putPrunedRun(db: DatabaseSync, run: string, { at, by, progress, row, artifacts }: KeptRun): void {
  put(db, 'runs', { ...row, run, pruned: JSON.stringify({ at, by, progress }) });
  db.prepare('DELETE FROM artifacts WHERE run = ?').run(run);
  for (const artifact of artifacts) put(db, 'artifacts', artifact);
}

function put(db: DatabaseSync, table: string, row: KeptRun['row']): void {
  const [names, values] = [Object.keys(row), Object.values(row)];
  db.prepare(`INSERT OR REPLACE INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`).run(...values);
}
