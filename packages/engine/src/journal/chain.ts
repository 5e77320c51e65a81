/** The hash chain over the journal's rows: what shows that a row was changed, lost or slipped in. */

import { hash } from 'node:crypto';
import { MAILBOX_PREFIX, noHoles } from './holes.ts';
import type { Holes } from './holes.ts';

/** The columns of a row of `events` as they are stored. */
export interface Row {
  readonly gseq: number;
  readonly run: string;
  readonly actor: string;
  readonly seq: number;
  readonly at: number;
  readonly epoch: number;
  readonly body: string;
  readonly hash: Uint8Array;
  /** Events that it holds: this one, and those right before it. */
  readonly count: number;
}

/** What the first row is chained to. */
export const chainStart: string = '0'.repeat(32);

/** The row's link, as 32 hexadecimal digits; `previous` is that of the row before. */
export function linkRow(previous: string, row: Omit<Row, 'hash' | 'count'>): string {
  const text = `${previous}\n${row.gseq}\n${row.run}\n${row.actor}\n${row.seq}\n${row.at}\n${row.epoch}\n${row.body}`;
  return hash('sha256', text, 'hex').slice(0, 32);
}

export interface Verified {
  readonly events: number;
  /** The first fault, null when there is none; `gseq` is where it shows. */
  readonly fault: { readonly gseq: number; readonly message: string } | null;
}

/**
 * Checks rows that come in order of `gseq`, from the first of the store or from the one after `start`: no gaps, no
 * altered row, epochs that never go back, and, from the first row on, every actor's sequence without gaps; but for `holes`,
 * which were made on purpose.
 */
export function verifyRows(
  rows: Iterable<Row>,
  start: { readonly gseq: number; readonly link: string } = { gseq: 0, link: chainStart },
  holes: Holes = noHoles,
): Verified {
  const sequences = new Map<string, number>();
  let { gseq, link } = start;
  let epoch = 0;
  let events = 0;
  for (const row of rows) {
    const fail = (message: string): Verified => ({ events, fault: { gseq: row.gseq, message } });
    const before = row.gseq - row.count;
    const hole = before === gseq ? undefined : holes.byFirst.get(gseq + 1);
    if (before !== gseq && hole?.last !== before) return fail(`event ${gseq + 1} is missing; the next one is ${before + 1}`);
    link = hole?.link ?? link;
    link = linkRow(link, row);
    if (Buffer.from(row.hash).toString('hex') !== link) return fail(`${nameOf(row)} is not what was written`);
    if (row.epoch < epoch) return fail(`event ${row.gseq} was written by engine ${row.epoch} after engine ${epoch} had taken over`);
    if (start.gseq === 0 && !holes.runs.has(row.run)) {
      const actor = `${row.run}\n${row.actor}`;
      const known = sequences.get(actor) ?? 0;
      const mayHaveGaps = row.run === '' && row.actor.startsWith(MAILBOX_PREFIX);
      if (mayHaveGaps ? row.seq <= known : row.seq !== known + row.count)
        return fail(`actor ${row.actor} of run ${row.run} goes from event ${known} to ${row.seq - row.count + 1}`);
      sequences.set(actor, row.seq);
    }
    gseq = row.gseq;
    epoch = row.epoch;
    events += row.count;
  }
  return { events, fault: null };
}

/** Which events a row holds, for people. */
export function nameOf({ gseq, run, actor, seq, count }: Omit<Row, 'at' | 'epoch' | 'body' | 'hash'>): string {
  const of = run === '' ? 'of the engine' : run;
  return count === 1
    ? `event ${gseq} (run ${of}, ${actor} ${seq})`
    : `one of the events ${gseq - count + 1} to ${gseq} (run ${of}, ${actor} ${seq - count + 1} to ${seq})`;
}
