import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { openJournal } from './journal.ts';
import { FORMAT, migrate } from './migrations.ts';

const scratch = mkdtempSync(join(tmpdir(), 'migrations-'));
after(() => rmSync(scratch, { recursive: true }));

const stores = new URL('../../test/stores/', import.meta.url);

function storeOfFormat(format: number): string {
  const path = join(scratch, `format-${format}-${readdirSync(scratch).length}`, 'journal.db');
  mkdirSync(dirname(path));
  const db = new DatabaseSync(path);
  db.exec(readFileSync(new URL(`format-${format}.sql`, stores), 'utf8'));
  db.close();
  return path;
}

/** The statements that make the schema, without comments, quotes and blanks that make no difference. */
function schemaOf(path: string): readonly string[] {
  const rows = query(path, `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL`);
  return rows.map(({ sql }) => plain(sql as string)).toSorted();
}

function plain(sql: string): string {
  return sql
    .replaceAll(/--.*$/gm, '')
    .replaceAll('"', '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([(),]) ?/g, '$1');
}

function query(path: string, sql: string): readonly Record<string, unknown>[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db
    .prepare(sql)
    .all()
    .map((row) => ({ ...row }));
  db.close();
  return rows;
}

const kept = [
  'SELECT gseq, run, actor, seq, at, epoch, body, hash FROM events',
  'SELECT * FROM contents ORDER BY hash',
  'SELECT * FROM flows',
  'SELECT * FROM memo ORDER BY key',
];

test('there is a store of every earlier format to try', () => {
  const formats = Array.from({ length: FORMAT - 1 }, (_, index) => `format-${index + 1}.sql`);
  assert.deepEqual(readdirSync(stores).toSorted(), formats.toSorted());
});

for (let format = 1; format < FORMAT; format += 1) {
  test(`a store of format ${format} gets the schema of a new store, keeps what it holds, and leaves a copy of what it was`, () => {
    const path = storeOfFormat(format);
    const before = kept.map((sql) => query(path, sql));
    const fresh = join(scratch, `fresh-${format}`, 'journal.db');
    openJournal(fresh).close();

    const journal = openJournal(path);

    assert.deepEqual(
      kept.map((sql) => query(path, sql)),
      before,
    );
    assert.equal(journal.verify().fault, null);
    assert.equal(journal.runs({ status: ['succeeded'] }).length, 2);
    journal.close();
    assert.deepEqual(schemaOf(path), schemaOf(fresh));
    assert.deepEqual(query(path, `SELECT value FROM meta WHERE key = 'format'`), [{ value: FORMAT }]);
    const copy = `${path}.format-${format}`;
    assert.equal(statSync(copy).mode & 0o777, 0o600);
    assert.deepEqual(
      kept.map((sql) => query(copy, sql)),
      before,
    );
    assert.deepEqual(query(copy, `SELECT value FROM meta WHERE key = 'format'`), [{ value: format }]);
  });
}

test('a step that fails leaves the store as it was', () => {
  const path = storeOfFormat(1);
  const db = new DatabaseSync(path);
  // In the way of what the first step makes.
  db.exec('CREATE TABLE pruned_runs (other TEXT)');
  const before = schemaOf(path);

  assert.throws(() => migrate(db, path, 1), /pruned_runs already exists/);

  db.close();
  assert.deepEqual(schemaOf(path), before);
  assert.deepEqual(query(path, `SELECT value FROM meta WHERE key = 'format'`), [{ value: 1 }]);
  assert.ok(existsSync(`${path}.format-1`));
});
