/**
 * The actors of a run and how far each has come, as the index of the events by their actors has them: nothing is written
 * for it. Of each actor the index is asked for the next one and for the last number, so that no event is read.
 */

import type { DatabaseSync } from 'node:sqlite';
import { ROOT } from '@scriptorium/core';

export interface ActorRow {
  readonly actor: string;
  /** Events so far. */
  readonly seq: number;
  readonly settled: boolean;
}

export interface ActorRows {
  readonly actors: (run: string, filter?: { readonly settled?: boolean }) => readonly ActorRow[];
  readonly lastSeq: (run: string, actor: string) => number;
}

const NAMED = `WITH RECURSIVE named (actor) AS (
  SELECT min(actor) FROM events WHERE run = ?1
  UNION ALL SELECT (SELECT min(actor) FROM events WHERE run = ?1 AND actor > named.actor) FROM named WHERE named.actor IS NOT NULL)`;
const LAST = '(SELECT max(seq) FROM events WHERE run = ?1 AND actor = named.actor)';
const OPEN = `SELECT actor FROM open_chunks WHERE run = ?1 UNION ALL SELECT '${ROOT}' FROM runs WHERE run = ?1 AND last IS NULL`;

export function actorRows(db: DatabaseSync): ActorRows {
  const all = db.prepare(`${NAMED} SELECT actor, ${LAST} AS seq FROM named WHERE actor IS NOT NULL ORDER BY actor`);
  const open = db.prepare(`SELECT actor, ${LAST} AS seq FROM (${OPEN}) AS named ORDER BY actor`);
  const last = db.prepare('SELECT ifnull(max(seq), 0) AS seq FROM events WHERE run = ? AND actor = ?');
  const rowsBy = (statement: typeof all, run: string): Pick<ActorRow, 'actor' | 'seq'>[] =>
    statement.all(run) as object[] as Pick<ActorRow, 'actor' | 'seq'>[];
  return {
    actors: (run, { settled } = {}) => {
      // The engine and its mailboxes go on for ever.
      if (run === '') return settled === true ? [] : rowsBy(all, run).map((row) => ({ ...row, settled: false }));
      const unsettled = rowsBy(open, run);
      if (settled === false) return unsettled.map((row) => ({ ...row, settled }));
      const names = new Set(unsettled.map(({ actor }) => actor));
      const rows = rowsBy(all, run).map(({ actor, seq }) => ({ actor, seq, settled: !names.has(actor) }));
      return settled === true ? rows.filter((row) => row.settled) : rows;
    },
    lastSeq: (run, actor) => last.get(run, actor)?.['seq'] as number,
  };
}

/** How many events a run has. */
export function eventCounts(db: DatabaseSync): (run: string) => number {
  const sum = db.prepare(`${NAMED} SELECT ifnull(sum(${LAST}), 0) AS events FROM named`);
  return (run) => sum.get(run)?.['events'] as number;
}
