/**
 * Events as the rows of the store hold them: what an actor did in one commit, one event after the other and at one time,
 * is one row. A row costs SQLite the same whether it holds one event or some, and so does its link in the chain.
 *
 * 1. A row stands under the number of its last event, and that of the actor; its events are the `count` ones up to it.
 * 2. Its body is the event, or where there are several the list of them.
 * 3. Facts about the engine itself have a row each, and so have those of mailboxes, which are removed one by one.
 */

import type { Recorded } from '@scriptorium/core';
import type { Row } from './chain.ts';
import type { JournalEvent } from './journal-event.ts';

/** A row as it is written, before it is linked to the one before. */
export type EventRow = Omit<Row, 'epoch' | 'hash'>;

/** A row as a list, without what only the chain is for: as an object, and with the buffer of its hash, it takes three times as long to read. */
export type ReadRow = readonly [gseq: number, run: string, actor: string, seq: number, at: number, body: string, count: number];

/** Those of a {@link ReadRow}. */
export const READ_COLUMNS = 'gseq, run, actor, seq, at, body, count';

/** Events of one row at most: who reads one of them reads them all. */
const MAX_ROW_EVENTS = 128;
/** Characters of a row after which no further event comes into it. */
const FULL_ROW_CHARS = 32_768;

/** The rows of events that follow the one with the number `after`. */
export function rowsFor(events: readonly Omit<Recorded<JournalEvent>, 'gseq'>[], after: number): readonly EventRow[] {
  const rows: EventRow[] = [];
  for (let first = 0, next = 0; first < events.length; first = next) {
    const { run, actor, at, event } = events[first]!;
    let body = JSON.stringify(event);
    for (next = first + 1; next < events.length; next += 1) {
      const one = events[next]!;
      const isFull = next - first === MAX_ROW_EVENTS || body.length >= FULL_ROW_CHARS;
      if (isFull || run === '' || one.run !== run || one.actor !== actor || one.at !== at) break;
      body += `,${JSON.stringify(one.event)}`;
    }
    const count = next - first;
    rows.push({ gseq: after + next, run, actor, seq: events[next - 1]!.seq, at, body: count === 1 ? body : `[${body}]`, count });
  }
  return rows;
}

/** The first rows that hold `limit` events which are wanted; `wantedIn` says how many of a row are. No further row is read. */
export function rowsWith<Read>(
  rows: Iterable<Read>,
  limit: number,
  wantedIn: (row: Read) => number,
): { readonly rows: readonly Read[]; readonly events: number } {
  const read: Read[] = [];
  let events = 0;
  for (const row of rows) {
    read.push(row);
    events += wantedIn(row);
    if (events >= limit) break;
  }
  return { rows: read, events };
}

/** The events of a row whose body is whole. */
export function eventsIn(body: string, count: number): readonly JournalEvent[] {
  const parsed = JSON.parse(body) as JournalEvent | readonly JournalEvent[];
  return count === 1 ? [parsed as JournalEvent] : (parsed as readonly JournalEvent[]);
}

/** The same as they were recorded. */
export function recordedIn([gseq, run, actor, seq, at, body, count]: ReadRow): readonly Recorded<JournalEvent>[] {
  return eventsIn(body, count).map((event, index) => {
    const later = count - 1 - index;
    return { gseq: gseq - later, run, actor, seq: seq - later, at, event };
  });
}
