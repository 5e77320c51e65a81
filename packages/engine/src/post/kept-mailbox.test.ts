import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { plainMailbox, settledMessages } from '@scriptorium/core';
import type { Carried, MailboxState, PostEvent } from '@scriptorium/core';
import { openJournal } from '../journal/journal.ts';
import type { Journal } from '../journal/journal.ts';
import { createBoxes } from './boxes.ts';
import type { Boxes } from './boxes.ts';
import { mailboxFaults } from './kept-mailbox.ts';

interface Store {
  readonly path: string;
  /** Facts that were read since the last opening. */
  readonly read: () => number;
  readonly close: () => void;
  readonly open: () => { readonly journal: Journal; readonly boxes: Boxes };
}

function createStore(t: TestContext): Store {
  const folder = mkdtempSync(join(tmpdir(), 'mailbox-'));
  const path = join(folder, 'journal.db');
  let journal: Journal | null = null;
  let read = 0;
  const close = (): void => {
    journal?.close();
    journal = null;
  };
  t.after(() => {
    close();
    rmSync(folder, { recursive: true });
  });
  return {
    path,
    read: () => read,
    close,
    open: () => {
      close();
      read = 0;
      const opened = openJournal(path);
      journal = opened;
      const readActor: Journal['readActor'] = (...asked) => {
        const facts = opened.readActor(...asked);
        read += facts.length;
        return facts;
      };
      const values = { settle: (carried: Carried) => carried, takeNew: () => new Map(), read: () => null };
      return { journal: opened, boxes: createBoxes({ journal: { ...opened, readActor }, values, now: () => 0 }, () => undefined) };
    },
  };
}

const about = { mailbox: 'desk', by: 'test' } as const;

/** A message that is sent, taken and answered; every tenth one stays. */
function life(number: number): readonly PostEvent[] {
  const id = String(number);
  const header = {
    id,
    type: 'notification',
    from: 'a',
    to: 'desk',
    correlation: id,
    causation: null,
    priority: 5,
    deadline: null,
  } as const;
  const sent: PostEvent = {
    type: 'message.sent',
    ...about,
    header: { ...header, key: null, topic: null },
    body: { v: { payload: id, context: null } },
  };
  if (number % 10 === 0) return [sent];
  const taker = { run: 'r', step: 's', key: id };
  return [
    sent,
    { type: 'message.taken', mailbox: 'desk', id, taker },
    { type: 'message.settled', ...about, id, outcome: 'answered', reason: null, reply: null },
  ];
}

function fill(boxes: Boxes, from: number, count: number): void {
  boxes.commit([{ type: 'mailbox.opened', ...about, settings: { ...plainMailbox, capacity: 10_000 } }]);
  for (let first = from; first < from + count; first += 500)
    boxes.commit(Array.from({ length: 500 }, (_, index) => life(first + index)).flat());
}

const shown = (state: MailboxState): unknown => [state.seq, state.settings, [...state.held], settledMessages(state)];

it('a mailbox is read from what was kept of it, and little more; altered or of a forgotten kind, it is folded whole', (t) => {
  const store = createStore(t);
  const { boxes } = store.open();
  fill(boxes, 0, 8_000);
  const before = shown(boxes.get('desk'));
  const next = store.open();
  assert.deepEqual(shown(next.boxes.get('desk')), before);
  assert.ok(store.read() < 12_000, `${store.read()} facts of 22,400 were read`);
  assert.deepEqual(mailboxFaults(next.journal), []);

  store.close();
  const db = new DatabaseSync(store.path);
  db.exec(`UPDATE snapshots SET body = CAST('{}' AS BLOB)`);
  db.close();
  const last = store.open();
  assert.deepEqual(shown(last.boxes.get('desk')), before);
  assert.ok(store.read() > 22_000);
});

it('engines that end soon keep it as well: what they fold again and again counts', (t) => {
  const store = createStore(t);
  for (let life = 0; life < 8; life += 1) fill(store.open().boxes, life * 1_000, 1_000);
  store.open().boxes.get('desk');
  assert.ok(store.read() < 12_000, `${store.read()} facts of 22,400 were read`);
});
