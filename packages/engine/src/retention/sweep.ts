/**
 * Values and definitions that nothing in the store names any more are found by marking all that something does, step by
 * step: between two of them others may write.
 *
 * 1. A value goes only when no event, no result and no value that stays names it: what was written since the last look is
 *    looked at in the transaction in which it goes.
 * 2. Whoever writes a value's name into the store either writes the value with it or has found it named there; what is in
 *    memory only is forgotten with the value.
 * 3. So many values are asked about at a time, so that a large store takes no more memory than a small one.
 */

import type { DatabaseSync } from 'node:sqlite';
import { referencesIn } from '../journal/references.ts';
import type { Upkeep } from '../journal/upkeep.ts';
import { UNSWEPT } from './removing.ts';

export interface Sweep {
  readonly store: Upkeep;
  /** Told of values that went, by their names. */
  readonly gone: (values: readonly string[]) => void;
  /** Also definitions: only where nobody keeps some in memory. */
  readonly flows: boolean;
  readonly steps: { readonly values: number; readonly rows: number; readonly removed: number };
}

/** Texts that name values. `some` are those of the rows after the first number, up to the second. */
interface Source {
  readonly table: string;
  readonly some: string;
}

const SOURCES: readonly Source[] = [
  { table: 'events', some: `SELECT body AS text FROM events WHERE gseq > ? AND gseq <= ? AND instr(body, 'sha256:') > 0` },
  { table: 'memo', some: 'SELECT output AS text FROM memo WHERE rowid > ? AND rowid <= ?' },
  {
    table: 'runs',
    some: `SELECT hash || ' ' || ifnull(output, '') AS text FROM runs WHERE rowid > ? AND rowid <= ? AND pruned IS NULL`,
  },
  { table: 'contents', some: 'SELECT hash, CAST(body AS TEXT) AS text FROM contents WHERE rowid > ? AND rowid <= ?' },
];

/** Values are larger than other rows. */
const VALUES_SHARE = 1 / 50;

/** Removes what is not named; returns how many values and definitions that were. */
export function* sweep(given: Sweep): Generator<void, number> {
  const { store, steps } = given;
  let removed = 0;
  for (let after: Uint8Array = new Uint8Array(); ;) {
    const hashes = store.read((db) =>
      db.prepare('SELECT hash FROM contents WHERE hash > ? ORDER BY hash LIMIT ?').all(after, steps.values),
    );
    const last = hashes.at(-1);
    const isLast = hashes.length < steps.values;
    const flows =
      isLast && given.flows ? store.read((db) => db.prepare('SELECT hash FROM flows').all()).map(({ hash }) => String(hash)) : [];
    removed += yield* sweepSome(
      given,
      hashes.map(({ hash }) => Buffer.from(hash as Uint8Array).toString('hex')),
      flows.map((name) => name.replace('sha256:', '')),
    );
    if (isLast || last === undefined) break;
    after = last['hash'] as Uint8Array;
    yield;
  }
  store.write((db) => db.prepare('DELETE FROM meta WHERE key = ?').run(UNSWEPT));
  return removed;
}

function* sweepSome({ store, gone, steps }: Sweep, values: readonly string[], flows: readonly string[]): Generator<void, number> {
  const asked = new Set(values);
  const unnamed = new Set([...values, ...flows]);
  const seen = new Map(SOURCES.map(({ table }) => [table, 0]));
  /** Looks at the next rows of the source; whether there were any. */
  const look = (db: DatabaseSync, { table, some }: Source, rows: number): boolean => {
    const from = seen.get(table) ?? 0;
    const end = `SELECT max(rowid) AS reached FROM (SELECT rowid FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT ?)`;
    const { reached } = db.prepare(end).get(from, rows) as { reached: number | null };
    if (reached === null) return false;
    for (const { hash, text } of db.prepare(some).iterate(from, reached)) {
      // What a value names counts only when somebody names the value.
      if (hash === undefined || !asked.has(Buffer.from(hash as Uint8Array).toString('hex'))) mark(db, unnamed, text as string);
    }
    seen.set(table, reached);
    return true;
  };
  const rowsOf = ({ table }: Source): number => (table === 'contents' ? Math.ceil(steps.rows * VALUES_SHARE) : steps.rows);
  for (const source of SOURCES) while (store.read((db) => look(db, source, rowsOf(source)))) yield;
  let removed = 0;
  for (;;) {
    const some = store.write((db) => {
      for (const source of SOURCES) while (look(db, source, steps.rows));
      const going = [...unnamed].slice(0, steps.removed);
      for (const table of ['contents', 'flows']) removeFrom(db, table, going);
      for (const [table, number] of seen) seen.set(table, Math.min(number, lastOf(db, table)));
      return going;
    });
    gone(some.map((digits) => `sha256:${digits}`));
    for (const digits of some) unnamed.delete(digits);
    removed += some.length;
    if (some.length < steps.removed) return removed;
    yield;
  }
}

/** With what is named by what is named. */
function mark(db: DatabaseSync, unnamed: Set<string>, text: string): void {
  const open = [text];
  const content = db.prepare('SELECT CAST(body AS TEXT) AS text FROM contents WHERE hash = ?');
  for (let one = open.pop(); one !== undefined; one = open.pop())
    for (const digits of referencesIn(one)) {
      if (!unnamed.delete(digits)) continue;
      const named = content.get(Buffer.from(digits, 'hex')) as { text: string } | undefined;
      if (named !== undefined) open.push(named.text);
    }
}

function removeFrom(db: DatabaseSync, table: string, digits: readonly string[]): void {
  const remove = db.prepare(`DELETE FROM ${table} WHERE hash = ?`);
  for (const one of digits) remove.run(table === 'flows' ? `sha256:${one}` : Buffer.from(one, 'hex'));
}

/** Numbers of rows that were the last ones and went are given again. */
function lastOf(db: DatabaseSync, table: string): number {
  return db.prepare(`SELECT ifnull(max(rowid), 0) AS last FROM ${table}`).get()?.['last'] as number;
}
