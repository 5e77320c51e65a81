/**
 * The rows of one run, in the order of the journal, without an index of their own. A short run is found by its actors and
 * sorted. Of a long one the way is chosen by how much of the journal between its first and last event is its own: a run
 * that has a fair share is scanned by position, of any other the positions are taken from the index of its actors, which
 * holds them, and no foreign row is touched.
 */

import type { DatabaseSync } from 'node:sqlite';
import { eventCounts } from './actor-rows.ts';
import { READ_COLUMNS } from './event-rows.ts';
import type { ReadRow } from './event-rows.ts';

/** With a smaller share of the rows than one of so many, a run is not scanned by position. */
const SPARSE = 8;

/** Positions of the run that was read last; 8 bytes an event. */
interface Places {
  readonly run: string;
  readonly events: number;
  readonly gseqs: Float64Array;
}

/** Of a run, from the first event that is wanted to the row with its last one; `length` is that of the whole run in the journal. */
interface Stretch {
  readonly first: number;
  readonly last: number;
  readonly length: number;
}

/** Rows that hold events of the run from `first` to `last`, and may hold others before and after them. */
interface RunRows {
  readonly rows: readonly ReadRow[];
  readonly first: number;
  readonly last: number;
}

/** Reads at most `limit` rows of a run with events after a position. */
export function runRows(db: DatabaseSync): (run: string, after: number, limit: number) => RunRows {
  const countOf = eventCounts(db);
  const boundsOf = db.prepare('SELECT first, ifnull(last, (SELECT max(gseq) FROM events)) AS last FROM runs WHERE run = ?');
  const rowWith = db.prepare('SELECT min(gseq) AS gseq FROM events WHERE gseq >= ?');
  const sorted = db.prepare(`SELECT ${READ_COLUMNS} FROM events WHERE run = ? AND gseq >= ? AND gseq <= ? ORDER BY gseq LIMIT ?`);
  const scanned = db.prepare(
    `SELECT ${READ_COLUMNS} FROM events NOT INDEXED WHERE run = ? AND gseq >= ? AND gseq <= ? ORDER BY gseq LIMIT ?`,
  );
  for (const rows of [sorted, scanned]) rows.setReturnArrays(true);
  const places = db.prepare('SELECT gseq FROM events INDEXED BY events_by_actor WHERE run = ?');
  const some = db.prepare(`SELECT ${READ_COLUMNS} FROM events WHERE gseq IN (SELECT value FROM json_each(?)) ORDER BY gseq`);
  some.setReturnArrays(true);
  let known: Places = { run: '', events: 0, gseqs: new Float64Array() };

  function placesOf(run: string, events: number): Float64Array {
    if (known.run === run && known.events === events) return known.gseqs;
    const gseqs = Float64Array.from(places.all(run), ({ gseq }) => gseq as number).sort();
    known = { run, events, gseqs };
    return gseqs;
  }

  return (run, after, limit) => {
    const bounds = boundsOf.get(run) as { first: number; last: number } | undefined;
    if (bounds === undefined) return { rows: [], first: 0, last: 0 };
    const [first, { last }] = [Math.max(after + 1, bounds.first), bounds];
    const { gseq: end } = rowWith.get(last) as { gseq: number | null };
    return { rows: rowsBetween(run, { first, last: end ?? last, length: last - bounds.first }, limit), first, last };
  };

  function rowsBetween(run: string, { first, last, length }: Stretch, limit: number): readonly ReadRow[] {
    const events = countOf(run);
    if (events <= limit) return sorted.all(run, first, last, limit) as unknown as ReadRow[];
    if (events * SPARSE >= length) return scanned.all(run, first, last, limit) as unknown as ReadRow[];
    const gseqs = placesOf(run, events);
    const from = firstFrom(gseqs, first);
    const page = gseqs.subarray(from, from + limit).filter((gseq) => gseq <= last);
    return some.all(JSON.stringify([...page])) as unknown as ReadRow[];
  }
}

/** The index of the first number that is `value` or more in numbers that rise. */
function firstFrom(numbers: Float64Array, value: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) >= value) high = middle;
    else low = middle + 1;
  }
  return low;
}
