/**
 * Removes facts about messages that have settled and are forgotten: nobody can ask for them, and without them a mailbox is
 * what it was. Facts about what is open or dead stay, and about so many of the latest as the mailbox knows.
 *
 * 1. The journal says how many facts of a mailbox go before the first of them does.
 * 2. What was forgotten at the same time goes in one transaction: less than that would leave another mailbox.
 * 3. What is kept of the mailbox beside the journal is after all that goes: who goes on from there does not miss it.
 */

import { followingMailbox } from '@scriptorium/core';
import type { Instant, PostEvent } from '@scriptorium/core';
import { actorRows } from '../journal/actor-rows.ts';
import type { Row } from '../journal/chain.ts';
import { MAILBOX_PREFIX } from '../journal/holes.ts';
import type { Upkeep } from '../journal/upkeep.ts';
import { actorOf, mailboxNames } from '../post/kept-mailbox.ts';
import { removeAt, UNSWEPT } from './removing.ts';

export interface MessageRemoval {
  readonly store: Upkeep;
  /** Keeps the mailbox beside the journal as it is now. */
  readonly keep: (mailbox: string) => void;
  readonly announce: (mailboxes: readonly { readonly mailbox: string; readonly events: number }[]) => void;
  /** Facts that are looked at in one step. */
  readonly rows: number;
}

/** Facts that are found before the first of them goes; what is beyond is found when these are gone. */
const MOST_FOUND = 500_000;

/** What was forgotten until then. Returns how many facts went. */
export function* removeMessages(removal: MessageRemoval, until: Instant): Generator<void, number> {
  const { store, keep, announce } = removal;
  let removed = 0;
  for (const actor of mailboxesIn(store))
    for (let isMore = true; isMore;) {
      const { pages, events, seq } = yield* outlivedBy(removal, actor, until);
      isMore = events >= MOST_FOUND;
      if (events === 0) break;
      const mailbox = actor.slice(MAILBOX_PREFIX.length);
      if (seq > (keptAfter(store, actor) ?? seq)) keep(mailbox);
      announce([{ mailbox, events: goneOf(store, actor) + events }]);
      yield;
      for (const places of pages) {
        store.write((db) => {
          removeAt(
            db,
            places.map((gseq) => ({ gseq, count: 1 })),
          );
          db.prepare('INSERT OR REPLACE INTO meta VALUES (?, 1)').run(UNSWEPT);
        });
        yield;
      }
      removed += events;
    }
  return removed;
}

/** How many facts would go. */
export function* countMessages(removal: Pick<MessageRemoval, 'store' | 'rows'>, until: Instant): Generator<void, number> {
  let events = 0;
  for (const actor of mailboxesIn(removal.store)) events += (yield* outlivedBy(removal, actor, until)).events;
  return events;
}

function mailboxesIn(store: Upkeep): readonly string[] {
  return store.read((db) => mailboxNames(actorRows(db))).map(actorOf);
}

interface Outlived {
  /** Where the facts are that may go; a page of those that go at the same time. */
  readonly pages: readonly (readonly number[])[];
  readonly events: number;
  /** The fact with which the last of them was forgotten. */
  readonly seq: number;
}

function* outlivedBy({ store, rows }: Pick<MessageRemoval, 'store' | 'rows'>, actor: string, until: Instant): Generator<void, Outlived> {
  const follow = followingMailbox();
  const pages: (readonly number[])[] = [];
  let [events, seq] = [0, 0];
  for (let after = 0; ;) {
    const facts = store.read((db) => db.prepare(FACTS).all(actor, after, rows)) as object[] as Row[];
    for (const fact of facts) {
      if (fact.at > until) return { pages, events, seq };
      const outlived = follow(JSON.parse(fact.body) as PostEvent, fact.gseq);
      if (outlived.length === 0) continue;
      pages.push(outlived);
      events += outlived.length;
      seq = fact.seq;
    }
    const last = facts.at(-1);
    if (last === undefined || facts.length < rows || events >= MOST_FOUND) return { pages, events, seq };
    after = last.seq;
    yield;
  }
}

const FACTS = `SELECT seq, gseq, at, body FROM events WHERE run = '' AND actor = ? AND seq > ? ORDER BY seq LIMIT ?`;

/** Null where nothing is kept of it. */
function keptAfter(store: Upkeep, actor: string): number | null {
  const row = store.read((db) => db.prepare(`SELECT seq FROM snapshots WHERE run = '' AND actor = ?`).get(actor));
  return (row?.['seq'] as number | undefined) ?? null;
}

function goneOf(store: Upkeep, actor: string): number {
  const row = store.read((db) => db.prepare(`SELECT max(seq) - count(*) AS gone FROM events WHERE run = '' AND actor = ?`).get(actor));
  return row?.['gone'] as number;
}
