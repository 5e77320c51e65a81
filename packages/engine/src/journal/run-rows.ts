/**
 * The rows of one run, in the order of the journal, without an index of their own. A short run is found by its actors and
 * sorted. Of a long one the way is chosen by how much of the journal is its own where the page begins: where it has a fair
 * share it is scanned by position, otherwise the positions are taken from the index of its actors, which holds them, and no
 * foreign row is touched. Nothing is counted for it: a run may have a million events.
 */

import type { DatabaseSync } from 'node:sqlite';
import { READ_COLUMNS, rowsWith } from './event-rows.ts';
import type { ReadRow } from './event-rows.ts';

/** With a smaller share of the events than one of so many, a run is not scanned by position. */
const SPARSE = 8;

/** Positions of the rows up to `last` of the run that was last found to be sparse; 8 bytes a row. */
interface Places {
  readonly run: string;
  readonly last: number;
  readonly gseqs: Float64Array;
}

/** From the first event that is wanted to the row with the last one. */
interface Stretch {
  readonly first: number;
  readonly last: number;
}

/** Rows that hold events of the run from `first` to `last`, and may hold others before and after them. */
interface RunRows {
  readonly rows: readonly ReadRow[];
  readonly first: number;
  readonly last: number;
}

/** Reads rows of a run with at most `limit` events after a position, and some beside them. */
export function runRows(db: DatabaseSync): (run: string, after: number, limit: number) => RunRows {
  const isLonger = db.prepare('SELECT 1 FROM events INDEXED BY events_by_actor WHERE run = ? LIMIT 1 OFFSET ?');
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
  let known: Places = { run: '', last: 0, gseqs: new Float64Array() };

  return (run, after, limit) => {
    const bounds = boundsOf.get(run) as { first: number; last: number } | undefined;
    if (bounds === undefined) return { rows: [], first: 0, last: 0 };
    const [first, { last }] = [Math.max(after + 1, bounds.first), bounds];
    const { gseq: end } = rowWith.get(last) as { gseq: number | null };
    return { rows: rowsBetween(run, { first, last: end ?? last }, limit), first, last };
  };

  function rowsBetween(run: string, stretch: Stretch, limit: number): readonly ReadRow[] {
    const { first, last } = stretch;
    const wantedIn = ([gseq, , , , , , count]: ReadRow): number => Math.min(count, gseq - first + 1);
    const read = (rows: Iterable<object>): ReturnType<typeof rowsWith<ReadRow>> => rowsWith(rows as Iterable<ReadRow>, limit, wantedIn);
    if (isLonger.get(run, limit) === undefined) return read(sorted.iterate(run, first, last, limit)).rows;
    const reach = first + limit * SPARSE;
    if (reach >= last || known.run !== run) {
      const { rows, events } = read(scanned.iterate(run, first, Math.min(reach, last), limit));
      if (reach >= last || events >= limit) return rows;
    }
    return read(some.iterate(JSON.stringify(placesOf(run, stretch, limit)))).rows;
  }

  /** Later events of the run do not change where the earlier ones are. */
  function placesOf(run: string, { first, last }: Stretch, limit: number): readonly number[] {
    const page = (): Float64Array => known.gseqs.subarray(firstFrom(known.gseqs, first)).subarray(0, limit);
    if (known.run !== run || (known.last < last && page().length < limit))
      known = { run, last, gseqs: Float64Array.from(places.all(run), ({ gseq }) => gseq as number).sort() };
    return [...page()].filter((gseq) => gseq <= last);
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
