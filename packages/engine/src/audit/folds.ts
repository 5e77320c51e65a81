/** The tables that are computed from the events, computed once more beside the store and compared row by row. */

import { DatabaseSync } from 'node:sqlite';
import { createFolds, projectionsOf, VIEWS_VERSION } from '../journal/projections.ts';
import type { Find } from './finding.ts';

/** Columns that identify a row, and those that are compared. Numbers that only count rows say nothing. */
const tables: readonly { readonly name: string; readonly key: readonly string[]; readonly columns: string; readonly where?: string }[] = [
  { name: 'runs', key: ['run'], columns: '*' },
  { name: 'open_chunks', key: ['run', 'actor'], columns: '*', where: 'WHERE run NOT IN (SELECT run FROM store.pruned_runs)' },
  { name: 'pools', key: ['pool'], columns: '*' },
  { name: 'artifacts', key: ['run', 'path'], columns: 'run, root, path, hash, bytes, stage, key, handler, at, origin, parents' },
];

/** `uri` is that of a store that nobody writes meanwhile. */
export function auditFolds(uri: string, find: Find): void {
  // An empty name is a database in a file of its own that is gone when it is closed.
  const db = new DatabaseSync('');
  try {
    createFolds(db);
    db.prepare('ATTACH ? AS store').run(uri);
    const { value } = db.prepare(`SELECT value FROM store.meta WHERE key = 'views'`).get() as { value: number };
    // Another version's tables are made anew at the next opening.
    if (value !== VIEWS_VERSION) return;
    db.exec('BEGIN');
    projectionsOf(db).fill();
    for (const { name, key, columns, where = '' } of tables) {
      const [ours, theirs] = [`SELECT ${columns} FROM main.${name} ${where}`, `SELECT ${columns} FROM store.${name} ${where}`];
      const differing = db.prepare(
        `SELECT DISTINCT ${key.join(', ')} FROM (SELECT * FROM (${ours} EXCEPT ${theirs}) UNION ALL SELECT * FROM (${theirs} EXCEPT ${ours}))`,
      );
      for (const row of differing.iterate()) {
        const place = Object.fromEntries(key.map((column) => [column, row[column] as string]));
        const message = `the table ${name} says of ${key.map((column) => `${column} ${String(row[column])}`).join(', ')} something else than the events`;
        if (!find({ fault: 'fold_differs', level: 'problem', message, fix: REBUILD, place: { table: name, ...place } })) break;
      }
    }
    db.exec('ROLLBACK');
  } finally {
    db.close();
  }
}

const REBUILD = 'Nothing is lost: `scriptorium audit rebuild` computes these tables anew from the events.';
