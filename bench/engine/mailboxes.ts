/**
 * `npm run bench -- mailboxes [--messages 100000]`: what a start costs with a mailbox that has so many messages behind it, or in it.
 * They are written into the journal as facts; the first engine folds them all, and keeps the mailbox with what it is sent;
 * the next one goes on from there. Then what it takes to send one more, and what `gc` leaves of them: of those behind it
 * what the mailbox knows, of those in it all.
 */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { PostEvent } from '@scriptorium/core';
import { collectGarbage, openEngine, openJournal } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { describeMachine } from '../machine.ts';
import { inScratch } from '../scratch.ts';

const { values } = parseArgs({ options: { messages: { type: 'string', default: '100000' } } });
const messages = Number(values.messages);
const GROUP = 1_000;
const SENT = 100;

const text = 'The tide came in before the letter did. '.repeat(4);

function* factsOf(kind: Kind): Generator<PostEvent> {
  const about = { mailbox: 'desk', by: 'bench' } as const;
  yield { type: 'mailbox.opened', ...about, settings: { capacity: 1_000_000, deliveries: 3, accepts: true, topics: [] } };
  for (let number = 0; number < messages; number += 1) {
    const id = `message-${number}`;
    const plain = { type: 'notification', from: 'bench', to: 'desk', correlation: id, causation: null, priority: 5 } as const;
    yield {
      type: 'message.sent',
      ...about,
      header: { id, ...plain, deadline: null, key: null, topic: null },
      body: { v: { payload: { text }, context: null } },
    };
    if (kind === 'in it') continue;
    yield { type: 'message.taken', mailbox: 'desk', id, taker: { run: 'r', step: 'next', key: id } };
    yield { type: 'message.settled', ...about, id, outcome: 'answered', reason: null, reply: null };
  }
}

type Kind = 'behind it' | 'in it';

function fill(path: string, kind: Kind): void {
  const journal = openJournal(path);
  let seq = 0;
  let group: { run: string; actor: string; seq: number; at: number; event: PostEvent }[] = [];
  const write = (): void => {
    journal.commit({ events: group });
    group = [];
  };
  for (const event of factsOf(kind)) {
    group.push({ run: '', actor: 'mailbox:desk', seq: (seq += 1), at: seq, event });
    if (group.length === GROUP) write();
  }
  write();
  journal.close();
}

async function opened(home: string): Promise<{ readonly engine: Engine; readonly ms: number }> {
  const from = performance.now();
  const engine = await openEngine({ home, modules: [], contracts: createContracts(), env: {} });
  await engine.mailboxes();
  return { engine, ms: performance.now() - from };
}

async function measure(kind: Kind, folder: string): Promise<string> {
  const home = join(folder, kind.replace(' ', '-'));
  const empty = await opened(home);
  await empty.engine.stop();
  fill(join(home, 'journal.db'), kind);
  const bytes = statSync(join(home, 'journal.db')).size / messages;
  const first = await opened(home);
  const send = (): Promise<unknown> =>
    first.engine.send({ to: 'desk', topic: false, payload: { text }, key: null, priority: 5, id: null, by: 'bench' });
  await send();
  const from = performance.now();
  for (let sent = 0; sent < SENT; sent += 1) await send();
  const sendMs = (performance.now() - from) / SENT;
  await first.engine.stop();
  const next = await opened(home);
  await next.engine.stop();
  const began = performance.now();
  const { facts, bytes: left } = collectGarbage(home, {
    ...{ olderThanMs: 0, keep: 0, forgetAfterMs: null, dryRun: false, purge: false },
    ...{ by: 'bench', now: Date.now() },
  });
  const gcMs = performance.now() - began;
  const last = await opened(home);
  await last.engine.stop();
  const cells = [empty.ms, first.ms, next.ms].map((ms) => `${ms.toFixed(0)} ms`);
  const after = `${gcMs.toFixed(0)} ms, ${facts} facts | ${(left.after / messages).toFixed(0)} B | ${last.ms.toFixed(0)} ms |`;
  return `| ${messages} ${kind} | ${cells.join(' | ')} | ${sendMs.toFixed(2)} ms | ${bytes.toFixed(0)} B | ${after}`;
}

console.log(`${await describeMachine()}\n`);
console.log(
  '| messages | open without any | with them, folded whole | from what was kept | to send one more | on disk, each | gc | then on disk, each | open then |\n|---|---|---|---|---|---|---|---|---|',
);
await inScratch(async (folder) => {
  for (const kind of ['behind it', 'in it'] as const) console.log(await measure(kind, folder));
});
