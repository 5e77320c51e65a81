/**
 * Removes the events of runs, step by step: between two steps others may write, and after each the process may die.
 *
 * Boundary: which runs may go was decided before, and whoever decided it sees to it that no event of theirs is added.
 *
 * 1. What is kept of a run is written before its first event goes, and the journal says what goes, by whom and when.
 * 2. Each step is one transaction that leaves a store which verifies; whoever comes next goes on where the last one ended.
 * 3. That values may have lost who named them is written down with the first of it, until somebody has looked.
 */

import type { DatabaseSync } from 'node:sqlite';
import type { Instant, Progress } from '@scriptorium/core';
import { eventCounts } from '../journal/actor-rows.ts';
import { addingHoles } from '../journal/holes.ts';
import { keepingRuns, noteReferred, puttingPrunedRuns } from '../journal/pruned-run.ts';
import type { Referred } from '../journal/pruned-run.ts';
import type { Upkeep } from '../journal/upkeep.ts';

export interface Removal {
  readonly store: Upkeep;
  /** As it was at the end of a run whose events are there. */
  readonly progressOf: (run: string) => Progress;
  /** Writes into the journal what goes. */
  readonly announce: (runs: readonly { readonly run: string; readonly events: number }[]) => void;
  readonly now: () => Instant;
  readonly by: string;
  readonly steps: Steps;
}

/** How much one step does. */
export interface Steps {
  readonly runs: number;
  /** Rows of events. */
  readonly events: number;
  /** Rows that are only looked at. */
  readonly rows: number;
}

/** In `meta`: there may be values that nobody names any more. */
export const UNSWEPT = 'unswept';

/** `runs` have ended; what an earlier removal left undone is done with them. */
export function* removeRuns(removal: Removal, runs: readonly string[]): Generator<void> {
  if (runs.length > 0) {
    const referred = yield* noteReferred(removal.store, runs, removal.steps.rows);
    yield* keepSummaries(removal, runs, referred);
  }
  yield* finishRemoval(removal);
}

/** Of runs whose summary is written the rest goes. */
export function* finishRemoval({ store, announce, steps }: Removal): Generator<void> {
  const runs = yield* unfinishedRuns(store, steps.rows);
  if (runs.length === 0) return;
  for (const some of piecesOf(runs, steps.runs)) {
    announce(eventsOf(store, some));
    yield;
  }
  yield* forgetResults(store, steps.rows);
  for (const some of piecesOf(runs, steps.runs)) {
    const names = JSON.stringify(some);
    while (!store.write((db) => removeEvents(db, names, steps.events))) yield;
    yield;
  }
}

/** Forgets that there were runs which ended before `until` and whose events are gone; returns how many. */
export function* forgetRuns(removal: Pick<Removal, 'store' | 'steps'>, until: Instant): Generator<void, number> {
  const { store, steps } = removal;
  let forgotten = 0;
  for (let after = 0; ;) {
    const { reached, runs } = store.read((db) => goneIn(db, after, steps.rows, until));
    for (const some of piecesOf(runs, steps.runs)) {
      const names = JSON.stringify(some);
      store.write((db) => {
        for (const table of ['runs', 'artifacts', 'pruned_runs'])
          db.prepare(`DELETE FROM ${table} WHERE run IN (SELECT value FROM json_each(?))`).run(names);
      });
      forgotten += some.length;
      yield;
    }
    if (reached === null) return forgotten;
    after = reached;
    yield;
  }
}

function goneIn(
  db: DatabaseSync,
  after: number,
  rows: number,
  until: Instant,
): { readonly reached: number | null; readonly runs: readonly string[] } {
  const found = db
    .prepare(
      `SELECT first, CASE WHEN pruned IS NOT NULL AND ended_at <= ? AND ${isBare('runs.run')} THEN run END AS run
       FROM runs WHERE first > ? ORDER BY first LIMIT ?`,
    )
    .all(until, after, rows);
  const runs = found.flatMap(({ run }) => (run === null ? [] : [run as string]));
  return { reached: found.length < rows ? null : (found.at(-1)?.['first'] as number), runs };
}

/** In SQL, whether a run has no events any more. */
function isBare(run: string): string {
  return `NOT EXISTS (SELECT 1 FROM events WHERE events.run = ${run})`;
}

function* keepSummaries({ store, progressOf, now, by, steps }: Removal, runs: readonly string[], referred: Referred): Generator<void> {
  for (const some of piecesOf(runs, steps.runs)) {
    const ends: [string, Progress][] = [];
    for (const run of some) {
      ends.push([run, progressOf(run)]);
      yield;
    }
    store.write((db) =>
      referred.during(db, () => {
        const insert = db.prepare('INSERT OR REPLACE INTO pruned_runs VALUES (?, ?)');
        const [keptOf, putPrunedRun] = [keepingRuns(db), puttingPrunedRuns(db)];
        for (const [run, progress] of ends) {
          const kept = keptOf(run, progress, now(), by);
          insert.run(run, JSON.stringify(kept));
          putPrunedRun(run, kept);
        }
        db.prepare('INSERT OR REPLACE INTO meta VALUES (?, 1)').run(UNSWEPT);
      }),
    );
    yield;
  }
}

/** Those whose summary is written and whose events are not all gone, from this removal or one that was cut off. */
function* unfinishedRuns(store: Upkeep, rows: number): Generator<void, readonly string[]> {
  const unfinished: string[] = [];
  for (let after = ''; ;) {
    const some = store.read((db) =>
      db.prepare(`SELECT run, ${isBare('pruned_runs.run')} AS bare FROM pruned_runs WHERE run > ? ORDER BY run LIMIT ?`).all(after, rows),
    );
    unfinished.push(...some.flatMap(({ run, bare }) => (bare === 0 ? [run as string] : [])));
    const last = some.at(-1);
    if (last === undefined || some.length < rows) return unfinished;
    after = last['run'] as string;
    yield;
  }
}

function eventsOf(store: Upkeep, runs: readonly string[]): readonly { readonly run: string; readonly events: number }[] {
  return store.read((db) => {
    const countOf = eventCounts(db);
    return runs.map((run) => ({ run, events: countOf(run) }));
  });
}

/** What others could have taken over from these runs. */
function* forgetResults(store: Upkeep, rows: number): Generator<void> {
  const { last } = store.read((db) => db.prepare('SELECT ifnull(max(rowid), 0) AS last FROM memo').get()) as { last: number };
  for (let from = 0; from < last; from += rows) {
    store.write((db) =>
      db
        .prepare('DELETE FROM memo WHERE rowid > ? AND rowid <= ? AND run IN (SELECT run FROM pruned_runs)')
        .run(from, Math.min(last, from + rows)),
    );
    yield;
  }
}

/** Whether that was all of them. What is kept beside them goes with the first: a run without events is not looked at again. */
function removeEvents(db: DatabaseSync, runs: string, atMost: number): boolean {
  for (const table of ['snapshots', 'open_chunks'])
    db.prepare(`DELETE FROM ${table} WHERE run IN (SELECT value FROM json_each(?))`).run(runs);
  const found = db.prepare('SELECT gseq, count FROM events WHERE run IN (SELECT value FROM json_each(?)) LIMIT ?').all(runs, atMost);
  removeAt(db, found as unknown as RowPlace[]);
  return found.length < atMost;
}

/** Where a row of events stands: it is that many up to this one. */
export interface RowPlace {
  readonly gseq: number;
  readonly count: number;
}

/** The rows at these places, in any order. */
export function removeAt(db: DatabaseSync, places: readonly RowPlace[]): void {
  const addHole = addingHoles(db);
  const remove = db.prepare('DELETE FROM events WHERE gseq BETWEEN ? AND ?');
  for (const [first, last] of rangesIn(places.toSorted((a, b) => a.gseq - b.gseq))) {
    addHole(first, last);
    remove.run(first, last);
  }
}

/** Of rows in order, the first and the last event of each stretch without a gap. */
function* rangesIn(places: readonly RowPlace[]): Generator<readonly [number, number]> {
  let [first, last] = [0, 0];
  for (const { gseq, count } of places) {
    if (gseq - count !== last || last === 0) {
      if (last > 0) yield [first, last];
      first = gseq - count + 1;
    }
    last = gseq;
  }
  if (last > 0) yield [first, last];
}

function* piecesOf<T>(all: readonly T[], atOnce: number): Generator<readonly T[]> {
  for (let first = 0; first < all.length; first += atOnce) yield all.slice(first, first + atOnce);
}
