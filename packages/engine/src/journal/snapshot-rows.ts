/**
 * States kept beside the events, so that folding need not begin at the first one. Each is linked to the event that it is
 * after: one that was altered, or that belongs to another history, is as good as none.
 */

import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

export interface Snapshot {
  readonly run: string;
  /** Empty for what is kept of the run as a whole. */
  readonly actor: string;
  /** The actor's event that it is after; for the run as a whole the `gseq`. */
  readonly seq: number;
  readonly body: Uint8Array;
}

export interface SnapshotRows {
  /** Takes the place of what was kept before, within the caller's transaction; the event must be there. */
  readonly put: (snapshot: Snapshot) => void;
  readonly find: (run: string, actor: string) => Snapshot | null;
  readonly forget: (run: string) => void;
}

export function snapshotRows(db: DatabaseSync): SnapshotRows {
  const insert = db.prepare('INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?)');
  const one = db.prepare('SELECT seq, body, link FROM snapshots WHERE run = ? AND actor = ?');
  const all = db.prepare('DELETE FROM snapshots WHERE run = ?');
  const ofActor = db.prepare(
    'SELECT hash, seq - count AS before FROM events WHERE run = ? AND actor = ? AND seq >= ? ORDER BY seq LIMIT 1',
  );
  const inAll = db.prepare('SELECT hash, gseq - count AS before FROM events WHERE gseq >= ? ORDER BY gseq LIMIT 1');
  const linkOf = ({ run, actor, seq, body }: Snapshot): Buffer | null => {
    const row = (actor === '' ? inAll.get(seq) : ofActor.get(run, actor, seq)) as { hash: Uint8Array; before: number } | undefined;
    if (row === undefined || row.before >= seq) return null;
    const place = `\n${run}\n${actor}\n${seq}\n`;
    return createHash('sha256').update(row.hash).update(place).update(body).digest().subarray(0, 16);
  };
  return {
    put: (snapshot) => {
      const link = linkOf(snapshot);
      if (link === null) throw new Error(`run ${snapshot.run} has no event ${snapshot.actor} ${snapshot.seq} to keep a state after`);
      insert.run(snapshot.run, snapshot.actor, snapshot.seq, snapshot.body, link);
    },
    find: (run, actor) => {
      const row = one.get(run, actor) as { seq: number; body: Uint8Array; link: Uint8Array } | undefined;
      if (row === undefined) return null;
      const snapshot = { run, actor, seq: row.seq, body: row.body };
      return linkOf(snapshot)?.equals(row.link) === true ? snapshot : null;
    },
    forget: (run) => void all.run(run),
  };
}
