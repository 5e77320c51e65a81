import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Event, RunOptions } from '@scriptorium/core';
import { journalContract } from '../../test/journal-contract.ts';
import { JournalError } from './journal-error.ts';
import { contentHash, openJournal } from './journal.ts';
import type { Entry, Journal } from './journal.ts';
import type { ArtifactRow } from './projections.ts';

const scratch = mkdtempSync(join(tmpdir(), 'journal-'));
after(() => rmSync(scratch, { recursive: true }));

let stores = 0;
journalContract('in a file', () => {
  const path = newPath();
  return () => openJournal(path);
});

function newPath(): string {
  stores += 1;
  return join(scratch, `store-${stores}`, 'journal.db');
}

const options: RunOptions = { mode: 'strict', test: false, dryRun: false, limit: null, out: '/out', fresh: false, modules: [] };
const started: Event = {
  type: 'run.started',
  flow: { name: 'f', version: '1.0.0', hash: 'sha256:f' },
  input: { folder: 'x' },
  options,
  by: 'cli:me',
};
const granted: Event = { type: 'chunk.granted', slots: 3 };

function entry(seq: number, event: Event = granted, actor = 'root', run = 'r1'): Entry {
  return { run, actor, seq, at: 1_000 + seq, event };
}

function fault(error: unknown): string | undefined {
  return error instanceof JournalError ? error.fault : undefined;
}

test('lost folds are computed anew from the events, artifacts with their item and handler', () => {
  const path = newPath();
  const journal = openJournal(path);
  const page = JSON.stringify([
    { key: 'a', value: 1 },
    { key: 'b', value: 2 },
  ]);
  const artifact = { path: 'clean/b1/b.txt', hash: contentHash('text'), bytes: 4, stage: 'clean', from: ['file:/in/b'] };
  const chunk = {
    type: 'chunk.started',
    parent: { actor: 'root', item: 0 },
    node: 'books',
    chunk: 0,
    offset: 0,
    size: 2,
    page: contentHash(page),
    env: {},
    slots: 2,
  } as const;
  const row: ArtifactRow = { ...artifact, run: 'r1', root: '/out', key: 'b', handler: 'books/clean@1.0.0', at: 1_003, reusedFrom: null };
  journal.commit({
    values: new Map([[contentHash(page), page]]),
    events: [
      entry(1, started),
      entry(1, chunk, 'c0'),
      entry(
        2,
        { type: 'attempt.started', item: 1, node: 'books/clean', attempt: 1, handler: 'books/clean@1.0.0', key: 'b', reason: 'first' },
        'c0',
      ),
      entry(
        3,
        { type: 'attempt.succeeded', item: 1, node: 'books/clean', attempt: 1, output: { v: null }, artifacts: [artifact], ms: 1 },
        'c0',
      ),
    ],
    artifacts: [row],
  });
  const again = { ...row, at: 1_007 };
  // A chunk that had settled is taken back, and does its work once more.
  journal.commit({ events: [entry(4, { type: 'chunk.settled', page: 'sha256:p' }, 'c0')] });
  journal.commit({
    events: [
      entry(5, { type: 'actor.rolled_back', to: 1, files: [artifact.path] }, 'c0'),
      entry(
        6,
        { type: 'attempt.started', item: 1, node: 'books/clean', attempt: 1, handler: row.handler, key: 'b', reason: 'rewound' },
        'c0',
      ),
      entry(
        7,
        { type: 'attempt.succeeded', item: 1, node: 'books/clean', attempt: 1, output: { v: null }, artifacts: [artifact], ms: 1 },
        'c0',
      ),
    ],
    artifacts: [again],
  });
  const before = [
    journal.runs(),
    journal.actors('r1'),
    journal.pools(),
    journal.artifactAt('/out/clean/b1/b.txt'),
    journal.artifactOf(artifact.hash),
  ];
  assert.deepEqual(before[3], again);
  journal.close();

  const db = new DatabaseSync(path);
  // As an earlier version of the folds may have left it: fewer columns, fewer tables.
  db.exec(
    `DELETE FROM runs; DELETE FROM open_chunks; DROP TABLE artifacts; ALTER TABLE pools DROP COLUMN breaker; UPDATE meta SET value = 0 WHERE key = 'views'`,
  );
  db.close();
  const opened = openJournal(path);

  assert.deepEqual(
    [opened.runs(), opened.actors('r1'), opened.pools(), opened.artifactAt('/out/clean/b1/b.txt'), opened.artifactOf(artifact.hash)],
    before,
  );
  assert.deepEqual(
    opened.artifacts('r1').map(({ id, path: name }) => [id, name]),
    [[1, 'clean/b1/b.txt']],
  );
  opened.close();
});

const alterations = [
  ['a changed body', `UPDATE events SET body = replace(body, '3', '4') WHERE gseq = 3`, 3],
  ['a changed time', 'UPDATE events SET at = at + 1 WHERE gseq = 2', 2],
  ['a missing row', 'DELETE FROM events WHERE gseq = 4', 5],
  [
    'rows exchanged',
    'UPDATE events SET gseq = -2 WHERE gseq = 2; UPDATE events SET gseq = 2 WHERE gseq = 3; UPDATE events SET gseq = 3 WHERE gseq = -2',
    2,
  ],
  ['a changed event of several in a row', `UPDATE events SET body = replace(body, '"slots":3', '"slots":4') WHERE gseq = 8`, 8],
  ['another count', 'UPDATE events SET count = 2 WHERE gseq = 8', 8],
  ['an event too many', `UPDATE events SET count = 4 WHERE gseq = 8`, 8],
] as const;

for (const [name, sql, gseq] of alterations) {
  test(`verify names the first fault: ${name}`, () => {
    const path = newPath();
    const journal = openJournal(path);
    const together = [6, 7, 8].map((seq) => ({ ...entry(seq), at: 2_000 }));
    journal.commit({ events: [entry(1, started), entry(2), entry(3), entry(4), entry(5), ...together] });
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();

    assert.equal(journal.verify().fault?.gseq, gseq);
    journal.close();
    assert.throws(
      () => openJournal(path),
      (error) => fault(error) === 'altered',
    );
  });
}

test('a run whose events were altered is not replayed', () => {
  const path = newPath();
  const journal = openJournal(path);
  journal.commit({ events: [entry(1, started), entry(2)] });
  const db = new DatabaseSync(path);
  db.exec(`UPDATE events SET body = replace(body, '3', '9') WHERE gseq = 2`);
  db.close();

  assert.throws(
    () => journal.readActor('r1', 'root'),
    (error) => fault(error) === 'altered',
  );
  journal.close();
});

test('a lost write-ahead log is noticed, and can be accepted', async () => {
  const path = newPath();
  const writer = await startWriter(path);
  await writer.acknowledged(20);
  await writer.kill();
  rmSync(`${path}-wal`);
  rmSync(`${path}-shm`, { force: true });

  assert.throws(
    () => openJournal(path),
    (error) => fault(error) === 'lost' && /had been acknowledged/.test(String(error)),
  );
  openLossy(path).close();
  const journal = openJournal(path);
  assert.equal(journal.verify().fault, null);
  journal.close();
});

test('what was acknowledged survives SIGKILL, and the chain is whole', async () => {
  const path = newPath();
  let known = 0;
  for (let round = 1; round <= 5; round += 1) {
    const writer = await startWriter(path);
    known = await writer.acknowledged(known + 25 * round);
    await writer.kill();
    const journal = openJournal(path);
    assert.ok(journal.head() >= writer.last(), `round ${round}: ${journal.head()} events of ${writer.last()} acknowledged`);
    assert.deepEqual(journal.verify(), { events: journal.head(), fault: null });
    known = journal.head();
    journal.close();
  }
});

test(
  'a full disk halts the journal for good, and the next start has all that was acknowledged',
  { skip: process.platform === 'win32' },
  async () => {
    const path = newPath();
    openJournal(path).close();
    const code = `
    import { openJournal } from ${JSON.stringify(fileURLToPath(new URL('./journal.ts', import.meta.url)))};
    const journal = openJournal(${JSON.stringify(path)});
    const faults = [];
    let last = 0;
    for (let seq = 1; faults.length < 2; seq += 1) {
      try {
        const event = { type: 'chunk.granted', slots: seq, padding: 'x'.repeat(2000) };
        last = journal.commit({ events: [{ run: 'w', actor: 'root', seq, at: seq, event }] }).at(-1).gseq;
      } catch (error) {
        faults.push(error.fault);
      }
    }
    console.log(JSON.stringify({ faults, last }));`;
    const kibibytes = 400;
    const limited = `ulimit -f ${kibibytes * 2}; exec "$0" --input-type=module-typescript --eval "$1"`;
    const child = spawn('/bin/sh', ['-c', limited, process.execPath, code], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [text] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const { faults, last } = JSON.parse(text) as { faults: string[]; last: number };

    assert.deepEqual(faults, ['halted', 'halted']);
    assert.ok(last > 10);
    const journal = openJournal(path);
    assert.ok(journal.head() === last || journal.head() === last + 1, `${journal.head()} events, ${last} acknowledged`);
    assert.equal(journal.verify().fault, null);
    journal.close();
  },
);

test('the files are for their owner only', () => {
  const path = newPath();
  const journal = openJournal(path);
  journal.commit({ events: [entry(1, started)] });
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}.mark`]) assert.equal(statSync(file).mode & 0o777, 0o600, file);
  assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700);
  journal.close();
});

test('a store of a later format, a database that is no store, and a file that is no database are refused', () => {
  const path = newPath();
  openJournal(path).close();
  const db = new DatabaseSync(path);
  db.exec(`UPDATE meta SET value = 99 WHERE key = 'format'`);
  db.close();
  assert.throws(
    () => openJournal(path),
    (error) => fault(error) === 'format' && /format 99/.test(String(error)),
  );

  const other = newPath();
  mkdirSync(dirname(other));
  const theirs = new DatabaseSync(other);
  theirs.exec('CREATE TABLE books (title TEXT)');
  theirs.close();
  assert.throws(
    () => openJournal(other),
    (error) => fault(error) === 'format' && /its tables are books/.test(String(error)),
  );

  const foreign = newPath();
  openJournal(foreign).close();
  writeFileSync(foreign, 'this is a text, not a database, and long enough to be taken for a header of one'.repeat(20));
  assert.throws(
    () => openJournal(foreign),
    (error) => fault(error) === 'damaged',
  );
});

test('an SQLite that can corrupt a store under load is refused before anything is written', (t) => {
  const own = process.versions;
  t.after(() => Object.defineProperty(process, 'versions', { value: own }));
  const opening = (sqlite: string): string | undefined => {
    Object.defineProperty(process, 'versions', { value: { ...own, sqlite }, configurable: true });
    const path = newPath();
    try {
      openJournal(path).close();
      return 'opened';
    } catch (error) {
      assert.equal(existsSync(dirname(path)), false);
      return fault(error);
    }
  };
  // Of Node 24.0.0, 24.11.0 and 24.14.1, and of 24.15.0, 24.21.0 and one to come.
  assert.deepEqual(['3.49.1', '3.50.4', '3.51.2'].map(opening), ['unsupported', 'unsupported', 'unsupported']);
  assert.deepEqual(['3.51.3', '3.53.4', '4.0.0'].map(opening), ['opened', 'opened', 'opened']);
});

function openLossy(path: string): Journal {
  return openJournal(path, { acceptLoss: true });
}

interface Writer {
  /** Resolves once `count` events in all have been acknowledged. */
  readonly acknowledged: (count: number) => Promise<number>;
  readonly last: () => number;
  readonly kill: () => Promise<void>;
}

/** Another process that commits events without end and prints each acknowledged `gseq`. */
async function startWriter(path: string): Promise<Writer> {
  const module = fileURLToPath(new URL('./journal.ts', import.meta.url));
  const code = `
    import { openJournal } from ${JSON.stringify(module)};
    import { writeSync } from 'node:fs';
    const journal = openJournal(${JSON.stringify(path)});
    let seq = journal.lastSeq('w', 'root');
    for (;;) {
      const events = [1, 2, 3].map(() => ({ run: 'w', actor: 'root', seq: ++seq, at: seq, event: { type: 'chunk.granted', slots: seq } }));
      const last = journal.commit({ events }).at(-1).gseq;
      writeSync(1, last + '\\n');
      await new Promise(setImmediate);
    }`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const last = (): number => Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1) ?? 0);
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  return {
    last,
    acknowledged: async (count) => {
      while (last() < count) await once(child.stdout, 'data');
      return last();
    },
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

test('the mark beside the store is sixteen bytes and names the last event', () => {
  const path = newPath();
  const journal = openJournal(path);
  journal.commit({ events: [entry(1, started), entry(2)] });
  const bytes = readFileSync(`${path}.mark`);
  assert.equal(bytes.length, 16);
  assert.equal(bytes.readBigUInt64LE(0), 2n);
  journal.close();
});
