/** Each fault is made on a store by hand, and is found by its name and place, and nothing else is. */

import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import type { Flow } from '@scriptorium/core';
import { chainStart, linkRow } from '../journal/chain.ts';
import type { Row } from '../journal/chain.ts';
import { openHighWater } from '../journal/high-water.ts';
import { openJournal } from '../journal/journal.ts';
import { acquire } from '../journal/ownership.ts';
import { auditStore } from './audit.ts';
import type { AuditReport } from './audit.ts';
import type { StoreFault } from './finding.ts';
import { acceptLoss, rebuildFolds } from './mending.ts';

const scratch = mkdtempSync(join(tmpdir(), 'audit-'));
after(() => rmSync(scratch, { recursive: true }));

/** A store with two runs over three items, as an engine left it. */
const good = join(scratch, 'good');
let definition = '';
before(() => {
  mkdirSync(good, { mode: 0o700 });
  const path = join(good, 'journal.db');
  const db = new DatabaseSync(path);
  db.exec(readFileSync(new URL('../../test/stores/format-1.sql', import.meta.url), 'utf8'));
  const { ir } = db.prepare('SELECT ir FROM flows').get() as { ir: string };
  definition = ir;
  db.close();
  chmodSync(path, 0o600);
  openJournal(path).close();
});

/** The hash that the one definition has, and another for everything else. */
function hashFlow(flow: Flow): string {
  const { hash, ...rest } = JSON.parse(definition) as Flow;
  return JSON.stringify(flow) === JSON.stringify(rest) ? hash : 'sha256:another';
}

let stores = 0;
function copyOfGood(): string {
  stores += 1;
  const home = join(scratch, `store-${stores}`);
  cpSync(good, home, { recursive: true });
  chmodSync(home, 0o700);
  return home;
}

function audit(home: string, now = Date.now()): Promise<AuditReport> {
  return auditStore(home, { now, hashFlow });
}

function problems({ findings }: AuditReport): readonly unknown[] {
  return findings.filter(({ level }) => level === 'problem').map(({ fault, place }) => ({ fault, ...place }));
}

function edit(home: string, sql: string): void {
  const db = new DatabaseSync(join(home, 'journal.db'));
  db.exec(sql);
  db.close();
}

/** Changes rows and chains them anew, as somebody would who knows how. */
function forge(home: string, change: (row: Row) => Row | null): void {
  const db = new DatabaseSync(join(home, 'journal.db'));
  let link = chainStart;
  const rows = (db.prepare('SELECT * FROM events ORDER BY gseq').all() as object[] as Row[]).map(change).filter((row) => row !== null);
  db.exec('DELETE FROM events');
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  for (const row of rows) {
    link = linkRow(link, row);
    insert.run(row.gseq, row.run, row.actor, row.seq, row.at, row.epoch, row.body, Buffer.from(link, 'hex'), row.count);
  }
  db.close();
}

const events = (): { gseq: number; run: string; actor: string }[] => {
  const db = new DatabaseSync(join(good, 'journal.db'), { readOnly: true });
  const rows = db.prepare('SELECT gseq, run, actor FROM events ORDER BY gseq').all() as object[] as {
    gseq: number;
    run: string;
    actor: string;
  }[];
  db.close();
  return rows;
};

/** The place of an event, from the store itself. */
function eventAt(gseq: number): { event: number; run: string; actor: string } {
  const { run = '', actor = '' } = events().find((row) => row.gseq === gseq) ?? {};
  return { event: gseq, run, actor };
}

const page = `(SELECT hash FROM contents ORDER BY hash LIMIT 1)`;

interface Case {
  readonly name: string;
  readonly make: (home: string) => void;
  /** Faults with their places, complete. */
  readonly found: (home: string) => readonly { readonly fault: StoreFault }[];
}

const cases: readonly Case[] = [
  {
    name: 'an event was changed',
    make: (home) => edit(home, `UPDATE events SET at = at + 1 WHERE gseq = 5`),
    found: () => [{ fault: 'event_changed', ...eventAt(5) }],
  },
  {
    name: 'the last event was changed',
    make: (home) => edit(home, `UPDATE events SET at = at + 1 WHERE gseq = ${events().length}`),
    found: () => [{ fault: 'event_changed', ...eventAt(events().length) }],
  },
  {
    name: 'a hash was changed',
    make: (home) => edit(home, `UPDATE events SET hash = X'00112233445566778899aabbccddeeff' WHERE gseq = 5`),
    found: () => [{ fault: 'chain_broken', ...eventAt(5) }],
  },
  {
    name: 'an event was written anew with a hash of its own',
    make: (home) => {
      const db = new DatabaseSync(join(home, 'journal.db'));
      const [before4, row] = db.prepare('SELECT * FROM events WHERE gseq IN (4, 5) ORDER BY gseq').all() as object[] as Row[];
      if (before4 === undefined || row === undefined) throw new Error('the store is too short');
      const link = linkRow(Buffer.from(before4.hash).toString('hex'), { ...row, at: row.at + 1 });
      db.prepare('UPDATE events SET at = at + 1, hash = ? WHERE gseq = 5').run(Buffer.from(link, 'hex'));
      db.close();
    },
    found: () => [{ fault: 'event_changed', ...eventAt(6) }],
  },
  {
    name: 'an event is missing',
    make: (home) => edit(home, `DELETE FROM events WHERE gseq = 6`),
    found: () => [
      { fault: 'event_missing', event: 6, until: 6 },
      { fault: 'sequence_gap', run: eventAt(6).run, actor: eventAt(6).actor },
    ],
  },
  {
    name: 'the end is missing',
    make: (home) => edit(home, `DELETE FROM events WHERE gseq = ${events().length}`),
    found: () => [{ fault: 'log_lost', event: events().length, until: events().length }],
  },
  {
    name: 'an engine wrote that had been replaced',
    make: (home) => forge(home, (row) => (row.gseq < 4 ? { ...row, epoch: 9 } : row)),
    found: () =>
      events()
        .slice(3)
        .map(({ gseq }) => ({ fault: 'epoch_back', ...eventAt(gseq) })),
  },
  {
    name: 'an actor has a gap, and the chain is whole',
    make: (home) => {
      const last = events().at(-1);
      forge(home, (row) => (row.gseq === last?.gseq ? { ...row, seq: row.seq + 1 } : row));
    },
    found: () => [{ fault: 'sequence_gap', run: '', actor: 'engine' }],
  },
  {
    name: 'a value was changed',
    make: (home) => edit(home, `UPDATE contents SET body = CAST(body || X'20' AS BLOB) WHERE hash = ${page}`),
    found: (home) => [{ fault: 'value_changed', value: firstValue(home) }],
  },
  {
    name: 'a value is missing',
    make: (home) => edit(home, `DELETE FROM contents WHERE hash = X'${pageOfChunk().value.slice('sha256:'.length)}'`),
    found: () => [{ fault: 'value_missing', ...pageOfChunk() }],
  },
  {
    name: 'a definition was changed',
    make: (home) => edit(home, `UPDATE flows SET ir = replace(ir, '"try/write"', '"try/other"')`),
    found: () => [{ fault: 'definition_changed', definition: (JSON.parse(definition) as Flow).hash }],
  },
  {
    name: 'a definition is missing',
    make: (home) => edit(home, `DELETE FROM flows`),
    found: () => runs().map((run) => ({ fault: 'definition_missing', run, definition: (JSON.parse(definition) as Flow).hash })),
  },
  {
    name: 'computed tables say something else than the events',
    make: (home) =>
      edit(
        home,
        `UPDATE runs SET status = 'failed' WHERE first = 3; INSERT INTO open_chunks SELECT run, 'root/0:files:0' FROM runs WHERE first = 3; DELETE FROM artifacts WHERE id = 1; UPDATE pools SET declared = '{"concurrent":9}'`,
      ),
    found: () => [
      { fault: 'fold_differs', table: 'runs', run: eventAt(3).run },
      { fault: 'fold_differs', table: 'open_chunks', run: eventAt(3).run, actor: 'root/0:files:0' },
      { fault: 'fold_differs', table: 'pools', pool: 'slow' },
      { fault: 'fold_differs', table: 'artifacts', run: eventAt(3).run, path: firstPath() },
    ],
  },
  {
    name: 'a state that was kept was changed',
    make: (home) =>
      edit(home, `INSERT INTO snapshots VALUES ('${eventAt(3).run}', 'root', 2, X'7b7d', X'00112233445566778899aabbccddeeff')`),
    found: () => [{ fault: 'snapshot_wrong', run: eventAt(3).run, actor: 'root' }],
  },
  {
    name: 'the mark is above the end, and a log is there',
    make: (home) => {
      const mark = openHighWater(join(home, 'journal.db.mark'));
      mark.mark(events().length + 3);
      mark.close();
      writeFileSync(join(home, 'journal.db-wal'), '', { mode: 0o600 });
    },
    found: () => [{ fault: 'events_lost', event: events().length + 1, until: events().length + 3 }],
  },
  {
    name: 'the mark is gone',
    make: (home) => rmSync(join(home, 'journal.db.mark')),
    found: (home) => [{ fault: 'mark_unreadable', file: join(home, 'journal.db.mark') }],
  },
  {
    name: 'the log is too long',
    make: (home) => {
      writeFileSync(join(home, 'journal.db-wal'), '', { mode: 0o600 });
      truncateSync(join(home, 'journal.db-wal'), 64 * 1024 * 1024 + 1);
    },
    found: (home) => [{ fault: 'log_long', file: join(home, 'journal.db-wal') }],
  },
  {
    name: 'others may read the store, and write its directory',
    make: (home) => {
      chmodSync(join(home, 'journal.db'), 0o644);
      chmodSync(home, 0o777);
    },
    found: (home) => [
      { fault: 'permissions_open', file: join(home, 'journal.db') },
      { fault: 'permissions_open', file: home },
    ],
  },
];

describe('every fault is found by its name and place, and nothing else', { skip: process.platform === 'win32' }, () => {
  for (const { name, make, found } of cases) {
    test(name, async () => {
      const home = copyOfGood();
      make(home);
      const expected = found(home);
      const files = readdirSync(home);
      assert.deepEqual(problems(await audit(home)), expected);
      assert.deepEqual(readdirSync(home).toSorted(), [...new Set([...files, 'lock.db'])].toSorted(), 'the audit leaves nothing behind');
    });
  }

  test('the file is cut off', async () => {
    const home = copyOfGood();
    truncateSync(join(home, 'journal.db'), statSync(join(home, 'journal.db')).size / 2);
    const report = await audit(home);
    assert.ok(report.findings.some(({ fault, place }) => fault === 'structure' && place['file'] === join(home, 'journal.db')));
  });

  test('the clock is behind the last event', async () => {
    const last = events().length;
    assert.deepEqual(problems(await audit(copyOfGood(), 1_000)), [{ fault: 'clock_behind', event: last }]);
  });

  test('a file that nobody knows, and a ballast that is not there, are no more than notes', async () => {
    const home = copyOfGood();
    writeFileSync(join(home, 'notes.txt'), '');
    const { findings } = await audit(home);
    const notes = findings.filter(({ level }) => level === 'note').map(({ fault, place }) => [fault, place['file']]);
    assert.deepEqual(notes, [
      ['file_unknown', join(home, 'notes.txt')],
      ['ballast_missing', join(home, 'journal.db.ballast')],
    ]);
  });
});

test('a good store has no fault: closed, new, none at all, while an engine works on it, and after that was killed', async () => {
  assert.deepEqual(problems(await audit(good)), []);
  assert.equal((await audit(good)).events, events().length);
  assert.deepEqual(await audit(join(scratch, 'nowhere')).then(({ events: none, findings }) => [none, findings]), [0, []]);

  const home = copyOfGood();
  const ownership = acquire(home);
  const journal = openJournal(join(home, 'journal.db'));
  const event = { type: 'engine.stopped', reason: 'a test' } as const;
  journal.commit({ events: [{ run: '', actor: 'engine', seq: journal.readActor('', 'engine').length + 1, at: Date.now(), event }] });
  const meanwhile = await audit(home);
  assert.deepEqual([problems(meanwhile), meanwhile.working, meanwhile.events], [[], true, events().length + 1]);
  const killed = join(scratch, 'killed');
  cpSync(home, killed, { recursive: true });
  chmodSync(killed, 0o700);
  journal.close();
  ownership?.release();
  const afterwards = await audit(killed);
  assert.deepEqual([problems(afterwards), afterwards.working, afterwards.events], [[], false, events().length + 1]);
});

test('the chain goes on over gaps whose last hash is kept, and one that the journal does not tell of is a fault', async () => {
  const home = copyOfGood();
  const [first, last] = [events().length - 2, events().length];
  const db = new DatabaseSync(join(home, 'journal.db'));
  const { hash } = db.prepare('SELECT hash FROM events WHERE gseq = ?').get(5) as { hash: Uint8Array };
  db.prepare('INSERT INTO pruned VALUES (5, 3, ?)').run(hash);
  db.exec('DELETE FROM events WHERE gseq BETWEEN 3 AND 5');
  db.close();
  assert.ok(last > first);
  const found = problems(await audit(home)) as { fault: string }[];
  assert.ok(!found.some(({ fault }) => fault === 'event_changed' || fault === 'chain_broken'), JSON.stringify(found));
  assert.equal(found.filter(({ fault }) => fault === 'event_missing').length, 1);
  edit(home, `UPDATE pruned SET link = X'00112233445566778899aabbccddeeff'`);
  const forged = problems(await audit(home)) as { fault: string }[];
  assert.ok(
    forged.some(({ fault }) => fault === 'event_changed'),
    JSON.stringify(forged),
  );
});

test('of a row that holds several events, all are told of where it was changed, shortened or removed', async () => {
  const grown = (): { readonly home: string; readonly last: number } => {
    const home = copyOfGood();
    const journal = openJournal(join(home, 'journal.db'));
    const [row] = journal.runs();
    const seq = journal.actors(row?.run ?? '').find(({ actor }) => actor === 'root')?.seq ?? 0;
    const paused = ['run.paused', 'run.resumed', 'run.paused', 'run.resumed'] as const;
    const events = paused.map((type, index) => ({
      run: row?.run ?? '',
      actor: 'root',
      seq: seq + 1 + index,
      at: Date.now(),
      event: { type, by: 'me' },
    }));
    const last = journal.commit({ events }).at(-1)?.gseq ?? 0;
    journal.close();
    return { home, last };
  };
  const whole = grown();
  const [{ fault } = { fault: '' }] = problems(await audit(whole.home)) as { fault: string }[];
  assert.equal(fault, '', 'nothing is wrong with it');
  const { events: count } = await audit(whole.home);
  assert.equal(count, whole.last);

  for (const [sql, expected] of [
    [`UPDATE events SET body = replace(body, '"me"', '"you"') WHERE gseq = ?`, { fault: 'event_changed', event: whole.last }],
    [`UPDATE events SET count = 3 WHERE gseq = ?`, { fault: 'event_missing', event: whole.last - 3, until: whole.last - 3 }],
    [`DELETE FROM events WHERE gseq = ?`, { fault: 'log_lost', event: whole.last - 3, until: whole.last }],
  ] as const) {
    const { home, last } = grown();
    edit(home, sql.replace('?', String(last)));
    const found = (await audit(home)).findings.filter(({ level }) => level === 'problem');
    assert.ok(
      found.some(
        ({ fault: own, place }) =>
          own === expected.fault && Object.entries(expected).every(([key, value]) => key === 'fault' || place[key as 'event'] === value),
      ),
      `${sql}: ${JSON.stringify(found)}`,
    );
    if (expected.fault === 'event_changed')
      assert.match(found[0]?.message ?? '', /one of the events \d+ to \d+ .* is not what was written/);
  }
});

test('computed tables can be computed anew, and are as they should be then', async () => {
  const home = copyOfGood();
  edit(home, `DELETE FROM runs; INSERT INTO open_chunks SELECT DISTINCT run, actor FROM events WHERE actor <> 'root'`);
  assert.ok(problems(await audit(home)).length > 0);
  assert.equal(rebuildFolds(home), events().length);
  assert.deepEqual(problems(await audit(home)), []);
});

test('a loss can be accepted, and the store goes on from what it has', async () => {
  const home = copyOfGood();
  edit(home, `DELETE FROM events WHERE gseq = ${events().length}`);
  assert.throws(() => openJournal(join(home, 'journal.db')), /had been acknowledged/);
  assert.equal(acceptLoss(home), 1);
  assert.equal(acceptLoss(home), 0);
  assert.deepEqual(problems(await audit(home)), []);
});

function firstValue(home: string): string {
  const db = new DatabaseSync(join(home, 'journal.db'), { readOnly: true });
  const { hash } = db.prepare(`SELECT hash FROM contents ORDER BY hash LIMIT 1`).get() as { hash: Uint8Array };
  db.close();
  return `sha256:${Buffer.from(hash).toString('hex')}`;
}

/** The first list of pages of an `each`, and the event that refers to it. */
function pageOfChunk(): { readonly value: string; readonly event: number; readonly run: string; readonly actor: string } {
  const db = new DatabaseSync(join(good, 'journal.db'), { readOnly: true });
  const opened = db.prepare(
    `SELECT gseq, body ->> 'pages' AS pages FROM events WHERE body ->> 'type' = 'each.opened' ORDER BY gseq LIMIT 1`,
  );
  const { gseq, pages } = opened.get() as { gseq: number; pages: string };
  db.close();
  return { value: pages, ...eventAt(gseq) };
}

function firstPath(): string {
  const db = new DatabaseSync(join(good, 'journal.db'), { readOnly: true });
  const { path } = db.prepare('SELECT path FROM artifacts WHERE id = 1').get() as { path: string };
  db.close();
  return path;
}

function runs(): readonly string[] {
  const db = new DatabaseSync(join(good, 'journal.db'), { readOnly: true });
  const rows = db.prepare('SELECT run FROM runs ORDER BY rowid').all();
  db.close();
  return rows.map(({ run }) => run as string);
}
