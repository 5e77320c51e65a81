/** Values and definitions: each is kept under the hash of its bytes, and what events refer to must be there. */

import type { DatabaseSync } from 'node:sqlite';
import type { Flow } from '@scriptorium/core';
import { contentHash } from '../journal/journal.ts';
import { restoreFix } from '../journal/journal-error.ts';
import type { Find } from './finding.ts';

/** Values that are read at a stretch. */
const PAGE = 200;

/** Returns how many there are. */
export function auditValues(db: DatabaseSync, find: Find): number {
  const page = db.prepare('SELECT rowid AS row, hash, body FROM contents WHERE rowid > ? ORDER BY rowid LIMIT ?');
  let values = 0;
  for (let after = 0; ;) {
    const rows = page.all(after, PAGE) as object[] as { row: number; hash: Uint8Array; body: Uint8Array }[];
    for (const { hash, body } of rows) {
      values += 1;
      const name = `sha256:${Buffer.from(hash).toString('hex')}`;
      if (contentHash(body) === name) continue;
      const message = `the value ${name} is not what was written`;
      if (!find({ fault: 'value_changed', level: 'problem', message, fix: restoreFix, place: { value: name } })) return values;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return values;
    after = last.row;
  }
}

/** Returns how many there are. `hashOf` gives the hash that a definition must have. */
export function auditDefinitions(db: DatabaseSync, hashOf: (flow: Flow) => string, find: Find): number {
  const flows = db.prepare('SELECT hash, ir FROM flows').all() as object[] as { hash: string; ir: string }[];
  for (const { hash, ir } of flows) {
    if (definitionHash(ir, hashOf) === hash) continue;
    const message = `the definition ${hash} is not what was written`;
    find({ fault: 'definition_changed', level: 'problem', message, fix: restoreFix, place: { definition: hash } });
  }
  const missing = db.prepare('SELECT run, flow, hash FROM runs WHERE pruned IS NULL AND hash NOT IN (SELECT hash FROM flows)');
  for (const { run, flow, hash } of missing.iterate() as Iterable<object> as Iterable<{ run: string; flow: string; hash: string }>) {
    const message = `the definition ${hash} of ${flow}, which run ${run} goes by, is not there`;
    if (!find({ fault: 'definition_missing', level: 'problem', message, fix: restoreFix, place: { run, definition: hash } })) break;
  }
  return flows.length;
}

function definitionHash(ir: string, hashOf: (flow: Flow) => string): string | null {
  try {
    const { hash: _, ...flow } = JSON.parse(ir) as Flow;
    return hashOf(flow as Flow);
  } catch {
    return null;
  }
}
