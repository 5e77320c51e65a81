/**
 * The events of a store, one by one: what each must be follows from the one before it. A fault ends nothing: the chain is
 * taken up again behind it, so that every fault is found, and each once.
 */

import type { DatabaseSync } from 'node:sqlite';
import { chainStart, linkRow, nameOf } from '../journal/chain.ts';
import type { Row } from '../journal/chain.ts';
import { rowsWith } from '../journal/event-rows.ts';
import { OF_MAILBOXES, unaccounted } from '../journal/holes.ts';
import { restoreFix } from '../journal/journal-error.ts';
import type { Find } from './finding.ts';

/** Events that are read at a stretch, so that no reader holds back the write-ahead log. */
const PAGE = 2_000;

/** Where the search stands: the last event, and what the next one is chained to; null behind a gap. */
interface Here {
  gseq: number;
  epoch: number;
  link: string | null;
}

/** Returns how many events there are, and when the last one happened. */
export function auditEvents(db: DatabaseSync, find: Find): { readonly events: number; readonly last: Row | null } {
  const holes = prunedHoles(db);
  const here: Here = { gseq: 0, epoch: 0, link: chainStart };
  let events = 0;
  let row: Row | null = null;
  for (const next of rowsOf(db)) {
    if (row !== null) events += auditEvent(row, next, here, holes, find);
    row = next;
  }
  if (row !== null) events += auditEvent(row, null, here, holes, find);
  const message = unaccounted(db);
  if (message !== null) find({ fault: 'event_missing', level: 'problem', message, fix: restoreFix, place: {} });
  return { events, last: row };
}

export function* rowsOf(db: DatabaseSync): Generator<Row> {
  const page = db.prepare('SELECT * FROM events WHERE gseq > ? ORDER BY gseq');
  for (let after = -1; ;) {
    const { rows } = rowsWith(page.iterate(after) as Iterable<object> as Iterable<Row>, PAGE, ({ count }) => count);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.gseq;
  }
}

/** Gaps that were made on purpose, by their first event: where they end, and the hash of the last event that was there. */
type Holes = ReadonlyMap<number, { readonly last: number; readonly link: string }>;

function prunedHoles(db: DatabaseSync): Holes {
  const rows = db.prepare('SELECT first, last, link FROM pruned').all() as object[] as { first: number; last: number; link: Uint8Array }[];
  return new Map(rows.map(({ first, last, link }) => [first, { last, link: hexOf(link) }]));
}

/** Returns how many events the row holds. */
function auditEvent(row: Row, next: Row | null, here: Here, holes: Holes, find: Find): number {
  const place = { event: row.gseq, run: row.run, actor: row.actor };
  const name = nameOf(row);
  const problem = (fault: 'event_changed' | 'chain_broken' | 'epoch_back', message: string): unknown =>
    find({ fault, level: 'problem', message, fix: restoreFix, place });
  const stored = hexOf(row.hash);
  const before = followGap(row.gseq - row.count + 1, here, holes, find);
  const link = before === null ? stored : linkRow(before, row);
  here.link = stored;
  if (link !== stored) {
    // The next event tells whether the row was changed or its hash.
    const follows = next !== null && next.gseq - next.count === row.gseq;
    if (follows && linkRow(link, next) === hexOf(next.hash)) {
      here.link = link;
      problem('chain_broken', `the hash of ${name} is not what was written`);
    } else if (follows && linkRow(stored, next) !== hexOf(next.hash))
      problem('chain_broken', `${name} does not follow from the one before`);
    else problem('event_changed', `${name} is not what was written`);
  }
  if (row.epoch < here.epoch) problem('epoch_back', `${name} was written by engine ${row.epoch} after engine ${here.epoch} had taken over`);
  here.gseq = row.gseq;
  here.epoch = Math.max(here.epoch, row.epoch);
  return row.count;
}

/** What the event is chained to. */
function followGap(gseq: number, here: Here, holes: Holes, find: Find): string | null {
  let { link } = here;
  let expected = here.gseq + 1;
  for (let hole = holes.get(expected); expected < gseq && hole !== undefined; hole = holes.get(expected)) {
    link = hole.link;
    expected = hole.last + 1;
  }
  if (expected === gseq) return link;
  const [first, last] = [expected, gseq - 1];
  const message =
    first > last ? `event ${gseq} is there twice` : first === last ? `event ${first} is missing` : `events ${first} to ${last} are missing`;
  find({ fault: 'event_missing', level: 'problem', message, fix: restoreFix, place: { event: first, until: last } });
  return null;
}

/**
 * Actors whose numbers have gaps. Of runs that are removed on purpose some events may be left, and of mailboxes facts are
 * missing: how many may, {@link unaccounted} knows.
 */
export function auditSequences(db: DatabaseSync, find: Find): void {
  const wrong = db.prepare(
    `SELECT run, actor, sum(count) AS events, max(seq) AS last FROM events WHERE run NOT IN (SELECT run FROM pruned_runs) AND NOT ${OF_MAILBOXES} GROUP BY run, actor HAVING sum(count) <> max(seq) OR min(seq - count) <> 0`,
  );
  for (const { run, actor, events, last } of wrong.iterate() as Iterable<object> as Iterable<{
    run: string;
    actor: string;
    events: number;
    last: number;
  }>) {
    const message = `actor ${actor} of run ${run === '' ? 'of the engine' : run} has ${events} events, and the last one is its ${last}.`;
    if (!find({ fault: 'sequence_gap', level: 'problem', message, fix: restoreFix, place: { run, actor } })) return;
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
