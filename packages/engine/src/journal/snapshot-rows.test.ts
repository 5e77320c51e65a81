import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { encodeState, foldActor } from '@scriptorium/core';
import type { Event, Recorded, RunOptions } from '@scriptorium/core';
import { foldFrom } from './actor-fold.ts';
import { openJournal } from './journal.ts';
import type { Journal } from './journal.ts';

const scratch = mkdtempSync(join(tmpdir(), 'snapshots-'));
after(() => rmSync(scratch, { recursive: true }));
let stores = 0;

const options: RunOptions = { mode: 'strict', test: false, dryRun: false, limit: null, out: '/out', fresh: false, modules: [] };
const started: Event = { type: 'run.started', flow: { name: 'f', version: '1.0.0', hash: 'f' }, input: {}, options, by: 'test' };
const pauses: readonly Event[] = [
  started,
  { type: 'run.paused', by: 'a' },
  { type: 'run.resumed', by: 'b' },
  { type: 'run.paused', by: 'c' },
];

/** Two runs of the same events, with the state of each after its second one. */
function store(): { readonly path: string; readonly journal: Journal } {
  stores += 1;
  const path = join(scratch, `store-${stores}`, 'journal.db');
  const journal = openJournal(path);
  for (const run of ['r1', 'r2']) {
    const events = pauses.map((event, index) => ({ run, actor: 'root', seq: index + 1, at: 1_000 + index, event }));
    const kept = foldActor(journal.commit({ events: events.slice(0, 2) }) as readonly Recorded[]);
    assert.ok(kept !== null);
    const body = Buffer.from(encodeState(kept));
    journal.commit({ events: events.slice(2), snapshots: [{ run, actor: 'root', seq: 2, body }] });
  }
  return { path, journal };
}

function tampered(path: string, sql: string): Journal {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
  return openJournal(path);
}

describe('a state that is kept', () => {
  it('is given with the event that it is after, and folding goes on from there', () => {
    const { journal } = store();
    assert.equal(journal.snapshot('r1', 'root')?.seq, 2);
    const whole = journal.readActor('r1', 'root') as readonly Recorded[];
    const reads: number[] = [];
    const watched = {
      snapshot: journal.snapshot,
      readActor: (run: string, actor: string, from = 0) => {
        reads.push(from);
        return journal.readActor(run, actor, from);
      },
    };
    assert.deepEqual(foldFrom(watched, 'r1', 'root'), { state: foldActor(whole), seq: 4, at: 1_003 });
    assert.deepEqual(reads, [1]);
    journal.close();
  });

  it('may be after an event that shares its row with later ones', () => {
    stores += 1;
    const path = join(scratch, `store-${stores}`, 'journal.db');
    const first = openJournal(path);
    const recorded = first.commit({
      events: pauses.map((event, index) => ({ run: 'r1', actor: 'root', seq: index + 1, at: 1_000, event })),
    });
    const kept = foldActor(recorded.slice(0, 2) as readonly Recorded[]);
    assert.ok(kept !== null);
    first.commit({ events: [], snapshots: [{ run: 'r1', actor: 'root', seq: 2, body: Buffer.from(encodeState(kept)) }] });
    first.close();
    const journal = openJournal(path);
    assert.equal(journal.snapshot('r1', 'root')?.seq, 2);
    assert.deepEqual(foldFrom(journal, 'r1', 'root').state, foldActor(recorded as readonly Recorded[]));
    journal.close();
  });

  const faults: readonly (readonly [string, string])[] = [
    ['was altered', `UPDATE snapshots SET body = CAST(replace(body, '"paused"', '"parked"') AS BLOB) WHERE run = 'r1'`],
    ['is that of another run', `UPDATE snapshots SET body = (SELECT body FROM snapshots WHERE run = 'r2') WHERE run = 'r1'`],
    [
      'was put in the place of another with its link',
      `UPDATE snapshots SET (body, link) = (SELECT body, link FROM snapshots WHERE run = 'r2') WHERE run = 'r1'`,
    ],
    ['is said to be after another event', `UPDATE snapshots SET seq = 3 WHERE run = 'r1'`],
    ['is said to be after an event that is not there', `UPDATE snapshots SET seq = 9 WHERE run = 'r1'`],
  ];
  for (const [what, sql] of faults) {
    it(`is none when it ${what}, and all events are folded`, () => {
      const { path, journal: first } = store();
      const state = foldActor(first.readActor('r1', 'root') as readonly Recorded[]);
      first.close();
      const journal = tampered(path, sql);
      assert.equal(journal.snapshot('r1', 'root'), null);
      assert.deepEqual(foldFrom(journal, 'r1', 'root').state, state);
      assert.equal(journal.snapshot('r2', 'root')?.seq, 2);
      journal.close();
    });
  }

  it('cannot be one of an event that is not there', () => {
    const { journal } = store();
    const head = journal.head();
    assert.throws(() => journal.commit({ events: [], snapshots: [{ run: 'r1', actor: 'root', seq: 9, body: Buffer.from('x') }] }));
    assert.equal(journal.head(), head);
    journal.close();
  });
});
