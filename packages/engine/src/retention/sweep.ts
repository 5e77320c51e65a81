/** Values and definitions that nothing in the store names any more are found by marking all that something does. */

import type { DatabaseSync } from 'node:sqlite';
import { referencesIn } from '../journal/references.ts';
import { inTransaction } from '../journal/transaction.ts';

/** Texts that name values, beside those of the values themselves. */
const SOURCES: readonly string[] = [
  `SELECT body AS text FROM events WHERE instr(body, 'sha256:') > 0`,
  'SELECT output AS text FROM memo',
  `SELECT hash || ' ' || ifnull(output, '') AS text FROM runs WHERE pruned IS NULL`,
];

/** Values that are removed in one transaction. */
const AT_ONCE = 5_000;

/** Removes what is not named; returns how many values and definitions that were. */
export function sweep(db: DatabaseSync): number {
  const marked = new Set<string>();
  const open: string[] = [];
  const mark = (text: string): void => {
    for (const digits of referencesIn(text)) {
      if (marked.has(digits)) continue;
      marked.add(digits);
      open.push(digits);
    }
  };
  for (const source of SOURCES)
    for (const { text } of db.prepare(source).iterate() as Iterable<object> as Iterable<{ text: string }>) mark(text);
  const content = db.prepare('SELECT body FROM contents WHERE hash = ?');
  for (let digits = open.pop(); digits !== undefined; digits = open.pop()) {
    const row = content.get(Buffer.from(digits, 'hex')) as { body: Uint8Array } | undefined;
    if (row !== undefined) mark(Buffer.from(row.body).toString('utf8'));
  }
  return sweepContents(db, marked) + sweepFlows(db, marked);
}

function sweepContents(db: DatabaseSync, marked: ReadonlySet<string>): number {
  const unmarked = db
    .prepare('SELECT hash FROM contents')
    .all()
    .map(({ hash }) => Buffer.from(hash as Uint8Array))
    .filter((hash) => !marked.has(hash.toString('hex')));
  const remove = db.prepare('DELETE FROM contents WHERE hash = ?');
  for (let first = 0; first < unmarked.length; first += AT_ONCE)
    inTransaction(db, () => {
      for (const hash of unmarked.slice(first, first + AT_ONCE)) remove.run(hash);
    });
  return unmarked.length;
}

function sweepFlows(db: DatabaseSync, marked: ReadonlySet<string>): number {
  const hashes = db.prepare('SELECT hash FROM flows').all() as unknown as readonly { readonly hash: string }[];
  const unmarked = hashes.filter(({ hash }) => !marked.has(hash.replace('sha256:', '')));
  inTransaction(db, () => {
    for (const { hash } of unmarked) db.prepare('DELETE FROM flows WHERE hash = ?').run(hash);
  });
  return unmarked.length;
}
