/** What is kept of a run whose events are removed: how it began and ended, and the files that others still refer to. */

import type { DatabaseSync } from 'node:sqlite';
import type { Instant, Progress } from '@scriptorium/core';

export interface KeptRun {
  readonly at: Instant;
  readonly by: string;
  readonly progress: Progress;
  /** Columns of its row, without what it was given, what it gave and what its failure said. */
  readonly row: { readonly [column: string]: string | number | null };
  /** Rows of artifacts that others were made from, or took over. */
  readonly artifacts: readonly { readonly [column: string]: string | number | null }[];
}

/** Artifacts that runs which stay have made something of, or have taken over from others. */
const REFERRED = `CREATE TEMP TABLE referred AS
  SELECT value AS hash FROM artifacts, json_each(parents) WHERE run NOT IN (SELECT value FROM json_each(?1))
  UNION SELECT hash FROM artifacts WHERE origin IS NOT NULL AND run NOT IN (SELECT value FROM json_each(?1))`;

/** Finds out what others have of these runs; {@link keptOf} asks for it. */
export function noteReferred(db: DatabaseSync, runs: readonly string[]): void {
  db.exec('DROP TABLE IF EXISTS temp.referred');
  db.prepare(REFERRED).run(JSON.stringify(runs));
  db.exec('CREATE INDEX temp.referred_by_hash ON referred (hash)');
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
    artifacts: db.prepare('SELECT * FROM artifacts WHERE run = ? AND hash IN (SELECT hash FROM referred)').all(run) as KeptRun['artifacts'],
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
