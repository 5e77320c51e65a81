/** What is kept beside the events so that folding need not begin at the first one: whole, and what folding gives. */

import type { DatabaseSync } from 'node:sqlite';
import { journalReads } from '../journal/journal-reads.ts';
import { snapshotFaults } from '../kernel/snapshot-check.ts';
import type { Find } from './finding.ts';

/** The engine folds from the beginning where what is kept cannot be used. */
const fix = 'Nothing is lost: `scriptorium audit rebuild` removes it, and the next engine keeps it anew.';

export function auditSnapshots(db: DatabaseSync, find: Find): void {
  const reads = journalReads(db);
  const kept = db.prepare('SELECT run, actor FROM snapshots ORDER BY run, actor').all() as object[] as { run: string; actor: string }[];
  for (const { run, actor } of kept) {
    if (reads.snapshot(run, actor) !== null) continue;
    const message = `what is kept of ${actor === '' ? '' : `${actor} of `}run ${run} was changed, or is of another history`;
    if (!find({ fault: 'snapshot_wrong', level: 'problem', message, fix, place: { run, actor } })) return;
  }
  for (const run of new Set(kept.map((row) => row.run)))
    for (const message of snapshotFaults(reads, run)) find({ fault: 'snapshot_wrong', level: 'problem', message, fix, place: { run } });
}
