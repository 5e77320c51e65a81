/**
 * What SQLite alone takes for what an engine wrote: the same bytes into the same tables with the same indexes, in groups
 * of the same size, durable after each. No text is made, nothing is hashed and nothing is decided: everything is there.
 */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue } from 'node:sqlite';
import { recordedIn } from '@scriptorium/engine';
import type { ChainRow } from '@scriptorium/engine';

type Columns = { readonly [column: string]: SQLInputValue };

/** A row for each event, as one would write them, or the rows that the engine made of them. */
export type RawRows = 'single' | 'joined';

/** Events a second; `home` is a closed store, `to` an empty directory. */
export function rawRate(home: string, to: string, group: number, as: RawRows): number {
  const { schema, events: joined, runs } = read(join(home, 'journal.db'));
  const events = as === 'joined' ? joined : joined.flatMap(singleRows);
  const db = new DatabaseSync(join(to, 'raw.db'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096; PRAGMA cache_size = -16000;');
  for (const sql of schema) db.exec(sql);
  const insert = (table: string, count: number): ReturnType<DatabaseSync['prepare']> =>
    db.prepare(`INSERT INTO ${table} VALUES (${Array.from({ length: count }, () => '?').join(', ')})`);
  const event = insert('events', 9);
  const started = insert('runs', Object.keys(runs.values().next().value ?? {}).length);
  const settled = db.prepare('UPDATE runs SET status = ?, ended_at = ?, output = ?, last = ? WHERE run = ?');
  const [begin, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')];
  const groups = groupsOf(events, group);
  const from = performance.now();
  for (const rows of groups) {
    begin.run();
    for (const row of rows) {
      event.run(...Object.values(row));
      const run = runs.get(String(row['run']));
      if (run !== undefined && holds(row, run['first']))
        started.run(...Object.values({ ...run, status: 'running', ended_at: null, output: null, last: null }));
      if (run !== undefined && holds(row, run['last']))
        settled.run(run['status'] ?? null, run['ended_at'] ?? null, run['output'] ?? null, run['last'] ?? null, run['run'] ?? null);
    }
    commit.run();
  }
  const seconds = (performance.now() - from) / 1000;
  db.close();
  return events.reduce((sum, row) => sum + Number(row['count']), 0) / seconds;
}

function singleRows(row: Columns): readonly Columns[] {
  const { gseq, run, actor, seq, at, body, count } = row as object as ChainRow;
  return recordedIn([gseq, run, actor, seq, at, body, count]).map((one) => ({
    ...row,
    ...{ gseq: one.gseq, seq: one.seq, body: JSON.stringify(one.event), count: 1 },
  }));
}

/** Rows in commits of so many events. */
function groupsOf(rows: readonly Columns[], group: number): readonly (readonly Columns[])[] {
  const groups: Columns[][] = [];
  let room = 0;
  for (const row of rows) {
    if (room <= 0) groups.push([]);
    if (room <= 0) room = group;
    groups.at(-1)?.push(row);
    room -= Number(row['count']);
  }
  return groups;
}

function holds(row: Columns, gseq: SQLInputValue | undefined): boolean {
  const [last, count] = [Number(row['gseq']), Number(row['count'])];
  return Number(gseq) <= last && Number(gseq) > last - count;
}

function read(path: string): {
  readonly schema: readonly string[];
  readonly events: readonly Columns[];
  readonly runs: ReadonlyMap<string, Columns>;
} {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const schema = db.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid').all() as { sql: string }[];
    const events = db.prepare('SELECT * FROM events ORDER BY gseq').all() as Columns[];
    const runs = db.prepare('SELECT * FROM runs').all() as Columns[];
    return { schema: schema.map(({ sql }) => sql), events, runs: new Map(runs.map((row) => [String(row['run']), row])) };
  } finally {
    db.close();
  }
}
