/**
 * Gaps in the numbers of events, where a run's events were removed for good, or facts about a mailbox that say nothing any
 * more. The chain goes on over them: of each gap the hash of its last event is kept, to which the event after it is
 * chained. How many events of which run or mailbox are gone is a fact of the journal itself, so that a gap which nobody
 * announced is a fault all the same.
 */

import type { DatabaseSync } from 'node:sqlite';
import type { EngineEvent } from '@scriptorium/core';

/** Begins the names of the actors that mailboxes are. They belong to no run, and what is left of them has gaps in its numbers. */
export const MAILBOX_PREFIX = 'mailbox:';

export interface Hole {
  readonly first: number;
  readonly last: number;
  /** Hash of the last event, as hexadecimal digits. */
  readonly link: string;
}

export interface Holes {
  /** By their first number; no two of them touch. */
  readonly byFirst: ReadonlyMap<number, Hole>;
  /** Runs of which events may be gone while others are still there. */
  readonly runs: ReadonlySet<string>;
}

export const noHoles: Holes = { byFirst: new Map(), runs: new Set() };

/** Those that end after the event `after`. */
export function readHoles(db: DatabaseSync, after = 0): Holes {
  const rows = db.prepare('SELECT first, last, hex(link) AS link FROM pruned WHERE last > ?').all(after) as unknown as readonly Hole[];
  const runs = db.prepare('SELECT run FROM pruned_runs').all() as unknown as readonly { readonly run: string }[];
  return {
    byFirst: new Map(rows.map(({ first, last, link }) => [first, { first, last, link: link.toLowerCase() }])),
    runs: new Set(runs.map(({ run }) => run)),
  };
}

/** What the journal says against the gaps that there are; null where it accounts for all of them. */
export function unaccounted(db: DatabaseSync): string | null {
  const { gone } = db.prepare('SELECT ifnull(sum(last - first + 1), 0) AS gone FROM pruned').get() as { gone: number };
  const missing = db.prepare(`SELECT actor, max(seq) - sum(count) AS events FROM events WHERE ${OF_MAILBOXES} GROUP BY actor`).all();
  const goneFacts = missing.reduce((sum, { events }) => sum + (events as number), 0);
  if (gone === 0 && goneFacts === 0) return null;
  const { runs: announced, mailboxes } = announcedIn(db);
  for (const { actor, events } of missing) {
    // Where a removal was cut off, some that were announced are still there.
    const told = mailboxes.get((actor as string).slice(MAILBOX_PREFIX.length)) ?? 0;
    if ((events as number) > told) return `${events as number} facts of ${actor as string} are not there, and ${told} are accounted for`;
  }
  const there = db.prepare('SELECT run, sum(count) AS events FROM events WHERE run IN (SELECT run FROM pruned_runs) GROUP BY run').all();
  const left = there.reduce((sum, { run, events }) => sum + (announced.has(run as string) ? (events as number) : 0), 0);
  const expected = [...announced.values()].reduce((sum, events) => sum + events, 0);
  const accounted = expected - left + goneFacts;
  return gone === accounted ? null : `${gone} events were removed, and ${accounted} are accounted for`;
}

/** In SQL, of the columns of `events`. */
export const OF_MAILBOXES: string = `(run = '' AND actor GLOB '${MAILBOX_PREFIX}*')`;

/** How many events each run and each mailbox has lost by what the journal says. */
function announcedIn(db: DatabaseSync): { readonly [of in 'runs' | 'mailboxes']: ReadonlyMap<string, number> } {
  const [runs, mailboxes] = [new Map<string, number>(), new Map<string, number>()];
  const facts = db.prepare(`SELECT body FROM events WHERE run = '' AND actor = 'engine' AND json_extract(body, '$.type') = 'store.pruned'`);
  for (const { body } of facts.iterate() as Iterable<object> as Iterable<{ body: string }>) {
    const pruned = JSON.parse(body) as Extract<EngineEvent, { type: 'store.pruned' }>;
    for (const { run, events } of pruned.runs) runs.set(run, Math.max(events, runs.get(run) ?? 0));
    for (const { mailbox, events } of pruned.mailboxes ?? []) mailboxes.set(mailbox, Math.max(events, mailboxes.get(mailbox) ?? 0));
  }
  return { runs, mailboxes };
}

/** Records gaps of events that are there and that are about to be removed; gaps that touch become one. */
export function addingHoles(db: DatabaseSync): (first: number, last: number) => void {
  const before = db.prepare('DELETE FROM pruned WHERE last = ? RETURNING first');
  const after = db.prepare('UPDATE pruned SET first = ? WHERE first = ? AND last = (SELECT min(last) FROM pruned WHERE last > ?)');
  const insert = db.prepare('INSERT INTO pruned SELECT gseq, ?, hash FROM events WHERE gseq = ?');
  return (first, last) => {
    const from = (before.get(first - 1) as { first: number } | undefined)?.first ?? first;
    if (after.run(from, last + 1, last).changes === 0) insert.run(from, last);
  };
}
