import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { encodeMailbox, plainMailbox } from '@scriptorium/core';
import type { Carried, EngineEvent, MessageHeader, PostEvent } from '@scriptorium/core';
import { auditStore } from '../audit/audit.ts';
import { rebuildFolds } from '../audit/mending.ts';
import { contentHash, openJournal, openWithDatabase } from '../journal/journal.ts';
import type { Journal } from '../journal/journal.ts';
import { upkeepOf } from '../journal/upkeep.ts';
import { createBoxes } from '../post/boxes.ts';
import type { Boxes } from '../post/boxes.ts';
import { collectGarbage } from './garbage.ts';
import { removeMessages } from './old-messages.ts';
import type { MessageRemoval } from './old-messages.ts';

/** Each is sent, taken and answered. */
const MESSAGES = 4_700;
const PAGE_FACTS = 256 * 3;
const GONE = 3 * PAGE_FACTS;
const DAY_MS = 86_400_000;
/** After the last message. */
const NOW = 10 * DAY_MS;

const large = JSON.stringify({ payload: 'what was said at length '.repeat(300), context: null });
const lasting = JSON.stringify({ payload: 'what nobody could work on '.repeat(300), context: null });
const referring = (text: string): Carried => ({ ref: contentHash(text), bytes: text.length });

function sent(id: string, body: Carried = { v: { payload: id, context: null } }): PostEvent {
  const plain = { type: 'notification', from: 'a', correlation: id, causation: null, priority: 5, deadline: null } as const;
  const header: MessageHeader = { id, ...plain, to: 'desk', key: null, topic: null };
  return { type: 'message.sent', mailbox: 'desk', header, body, by: 'test' };
}

const taken = (id: string): PostEvent => ({ type: 'message.taken', mailbox: 'desk', id, taker: { run: 'r', step: 's', key: id } });
const settled = (id: string): PostEvent => ({
  ...{ type: 'message.settled', mailbox: 'desk', id, outcome: 'answered' },
  ...{ reason: null, reply: null, by: 'test' },
});
const eased: EngineEvent = { type: 'store.eased', about: 'space' };

interface Store {
  readonly path: string;
  readonly home: string;
  /** The mailbox as the next engine has it. */
  readonly state: () => string;
  readonly audit: () => Promise<readonly string[]>;
}

function openBoxes(journal: Journal, now: () => number, fresh: Map<string, string> = new Map()): Boxes {
  const takeNew = (): ReadonlyMap<string, string> => {
    const taking = new Map(fresh);
    fresh.clear();
    return taking;
  };
  return createBoxes({ journal, values: { settle: (carried) => carried, takeNew, read: () => null }, now }, () => undefined);
}

/** A dead letter and an open one come first, then messages in ten days, with facts about the engine in between. */
function makeStore(t: TestContext): Store {
  const home = mkdtempSync(join(tmpdir(), 'old-messages-'));
  t.after(() => rmSync(home, { recursive: true }));
  const path = join(home, 'journal.db');
  const journal = openJournal(path);
  let at = 0;
  let engineFacts = 0;
  const values = new Map([large, lasting].map((text) => [contentHash(text), text]));
  const boxes = openBoxes(journal, () => at, values);
  boxes.commit([{ type: 'mailbox.opened', mailbox: 'desk', settings: plainMailbox, by: 'test' }]);
  boxes.commit([sent('dead', referring(lasting)), taken('dead'), { type: 'message.died', mailbox: 'desk', id: 'dead', reason: 'x' }]);
  boxes.commit([sent('open')]);
  for (let number = 0; number < MESSAGES; number += 100) {
    at = Math.floor((number / MESSAGES) * NOW);
    const ids = Array.from({ length: Math.min(100, MESSAGES - number) }, (_, index) => String(number + index));
    boxes.commit(ids.flatMap((id) => [sent(id, id === '7' ? referring(large) : undefined), taken(id), settled(id)]));
    journal.commit({ events: [{ run: '', actor: 'engine', seq: (engineFacts += 1), at, event: eased }] });
  }
  journal.close();
  return {
    path,
    home: dirname(path),
    state: () => {
      const opened = openJournal(path);
      const text = encodeMailbox(openBoxes(opened, () => 0).get('desk'));
      opened.close();
      return text;
    },
    audit: async () => {
      const { findings } = await auditStore(home, { now: NOW, hashFlow: ({ hash }) => hash });
      return findings.flatMap(({ level, fault, message }) => (level === 'problem' ? [`${fault}: ${message}`] : []));
    },
  };
}

const request = { keep: 0, forgetAfterMs: null, dryRun: false, purge: true, by: 'test', now: NOW } as const;

function valuesIn(path: string): readonly string[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare('SELECT CAST(body AS TEXT) AS text FROM contents').all();
  db.close();
  return rows.map(({ text }) => text as string);
}

it('facts about messages that are forgotten go with what they said; what is open, dead or known stays, and the mailbox is what it was', async (t) => {
  const store = makeStore(t);
  const before = store.state();

  assert.equal(collectGarbage(store.home, { ...request, olderThanMs: 0, dryRun: true }).facts, GONE);
  assert.equal(
    collectGarbage(store.home, { ...request, olderThanMs: DAY_MS }).facts,
    PAGE_FACTS,
    'the others were forgotten in the last day',
  );
  const { facts, values } = collectGarbage(store.home, { ...request, olderThanMs: 0 });

  assert.deepEqual([facts, values], [GONE - PAGE_FACTS, 0]);
  assert.equal(store.state(), before);
  assert.deepEqual(valuesIn(store.path), [lasting]);
  assert.deepEqual(await store.audit(), []);
  assert.equal(collectGarbage(store.home, { ...request, olderThanMs: 0 }).facts, 0);
  rebuildFolds(store.home);
  assert.equal(store.state(), before);
  assert.deepEqual(await store.audit(), []);
});

it('cut off after any step, the store verifies, the mailbox is what it was, and the next removal goes on', async (t) => {
  const store = makeStore(t);
  const before = store.state();
  const gone: number[] = [];
  for (let isDone = false; !isDone;) {
    const { journal, db } = openWithDatabase(store.path);
    const keep = openBoxes(journal, () => NOW).keep;
    const removal = removeMessages({ store: upkeepOf(db), keep, announce: announcingTo(journal), rows: 100_000 }, NOW);
    // The first one says what goes, and no more; each of the others does so, and removes a page.
    const steps = gone.length === 0 ? 1 : 2;
    for (let step = 0; step < steps && !isDone; step += 1) isDone = removal.next().done === true;
    assert.equal(journal.verify().fault, null);
    gone.push(db.prepare(`SELECT max(seq) - count(*) AS gone FROM events WHERE actor = 'mailbox:desk'`).get()?.['gone'] as number);
    journal.close();
    assert.equal(store.state(), before, `with ${gone.at(-1)} facts gone`);
  }
  assert.deepEqual(
    gone,
    [0, 1, 2, 3, 3].map((pages) => pages * PAGE_FACTS),
  );
  assert.deepEqual(await store.audit(), []);
});

function announcingTo(journal: Journal): MessageRemoval['announce'] {
  let seq = journal.lastSeq('', 'engine');
  return (mailboxes) => {
    const event = { type: 'store.pruned', runs: [], mailboxes, by: 'test' } as const;
    journal.commit({ events: [{ run: '', actor: 'engine', seq: (seq += 1), at: NOW, event }] });
  };
}

it('a gap that nobody announced is a fault, and so is one fact more than was', async (t) => {
  const store = makeStore(t);
  const remove = (number: number): void => {
    const db = new DatabaseSync(store.path);
    const { gseq } = db.prepare(`SELECT gseq FROM events WHERE actor = 'mailbox:desk' LIMIT 1 OFFSET ?`).get(number) as { gseq: number };
    db.prepare('INSERT INTO pruned SELECT gseq, gseq, hash FROM events WHERE gseq = ?').run(gseq);
    db.prepare('DELETE FROM events WHERE gseq = ?').run(gseq);
    db.close();
  };
  collectGarbage(store.home, { ...request, olderThanMs: 0 });
  assert.deepEqual(await store.audit(), []);
  remove(8_000);
  assert.match(
    (await store.audit()).join('\n'),
    new RegExp(`event_missing: ${GONE + 1} facts of mailbox:desk are not there, and ${GONE} are`),
  );
});
