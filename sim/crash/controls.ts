/**
 * Engines with a fault on purpose. A judge that finds nothing proves nothing, so each family of crashes is also tried
 * with an engine that breaks its promise, and the judge has to notice.
 */

import { StatementSync, DatabaseSync } from 'node:sqlite';
import { openJournal } from '@scriptorium/engine';
import type { Journal, World } from '@scriptorium/engine';
import type { Recorded } from '@scriptorium/core';
import { digestOf } from './acknowledgements.ts';
import type { Acknowledgement } from './acknowledgements.ts';

export type Control =
  /** Tells of events before their commit. */
  | 'early'
  /** Leaves syncing to the operating system. */
  | 'unsynced'
  /** Takes a failed commit for a good one. */
  | 'blind'
  /** Writes on after it was replaced. */
  | 'unfenced'
  /** Opens a store although it has lost events. */
  | 'careless'
  /** Writes the times of its clock as they come. */
  | 'timeless';

/** What the control changes of the engine's world; changes the platform where the engine offers no seam. */
export function misbehave(control: Control | null, tell: (...given: readonly Acknowledgement[]) => void): Partial<World> {
  switch (control) {
    case null:
      return {};
    case 'early':
      return { openJournal: (path) => earlyJournal(openJournal(path), tell) };
    case 'unsynced':
      replaceText(/synchronous = FULL/, 'synchronous = OFF');
      return {};
    case 'blind':
      ignoreFailures();
      return {};
    case 'unfenced':
      forgetFencing();
      return {};
    case 'careless':
      return { openJournal: (path) => openJournal(path, { acceptLoss: true }) };
    case 'timeless':
      return { openJournal: (path) => timelessJournal(openJournal(path)) };
  }
}

/** So long between the promise and the commit, in the hope that a death falls in there. */
const PAUSE_MS = 3;

function earlyJournal(journal: Journal, tell: (...given: readonly Acknowledgement[]) => void): Journal {
  return {
    ...journal,
    commit: (batch) => {
      let gseq = journal.head();
      const promised = batch.events.map((entry): Recorded<unknown> => ({ gseq: (gseq += 1), ...entry }));
      tell(...promised.map((recorded): Acknowledgement => ({ type: 'event', gseq: recorded.gseq, digest: digestOf(recorded) })));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
      return journal.commit(batch);
    },
  };
}

function timelessJournal(journal: Journal): Journal {
  const began = performance.now();
  const back = (): number => (performance.now() - began > 300 ? 7_200_000 : 0);
  return {
    ...journal,
    commit: (batch) => journal.commit({ ...batch, events: batch.events.map((entry) => ({ ...entry, at: Date.now() - back() })) }),
  };
}

function replaceText(from: RegExp, to: string): void {
  const exec = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, 'exec')?.value as (sql: string) => void;
  Object.defineProperty(DatabaseSync.prototype, 'exec', {
    value(this: DatabaseSync, sql: string) {
      exec.call(this, sql.replace(from, to));
    },
  });
}

type Run = (this: StatementSync, ...values: unknown[]) => unknown;

function replaceRun(make: (run: Run) => Run): void {
  const run = Object.getOwnPropertyDescriptor(StatementSync.prototype, 'run')?.value as Run;
  Object.defineProperty(StatementSync.prototype, 'run', { value: make(run) });
}

function ignoreFailures(): void {
  replaceRun(
    (run) =>
      function (...values) {
        try {
          return run.apply(this, values);
        } catch (error) {
          if (this.sourceSQL === 'COMMIT') return { changes: 0 };
          throw error;
        }
      },
  );
}

/** It believes that it still owns the store, and takes the next free number for each event. */
function forgetFencing(): void {
  const get = Object.getOwnPropertyDescriptor(StatementSync.prototype, 'get')?.value as Run;
  let own: unknown;
  Object.defineProperty(StatementSync.prototype, 'get', {
    value(this: StatementSync, ...values: unknown[]) {
      const row = get.apply(this, values);
      if (this.sourceSQL !== `SELECT value FROM meta WHERE key = 'epoch'`) return row;
      return (own ??= row);
    },
  });
  const prepare = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, 'prepare')?.value as (sql: string) => StatementSync;
  Object.defineProperty(DatabaseSync.prototype, 'prepare', {
    value(this: DatabaseSync, sql: string) {
      const free = 'INSERT INTO events SELECT max(?1, ifnull(max(gseq), 0) + 1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM events';
      return prepare.call(this, sql.replace(/^INSERT INTO events VALUES .*$/, free));
    },
  });
}
