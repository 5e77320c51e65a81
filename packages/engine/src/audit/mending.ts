/** What can be mended of a store without a backup. */

import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { HostError } from '@scriptorium/core';
import { readMark } from '../journal/high-water.ts';
import { openJournal } from '../journal/journal.ts';
import { acquire } from '../journal/ownership.ts';
import { storeFile } from '../journal/store-file.ts';

/** Computes the tables that follow from the events anew. Returns how many events they were computed from. */
export function rebuildFolds(home: string): number {
  return owning(home, (path) => {
    const db = new DatabaseSync(path);
    db.exec(`UPDATE meta SET value = 0 WHERE key = 'views'`);
    db.close();
    const journal = openJournal(path);
    const events = journal.head();
    journal.close();
    return events;
  });
}

/**
 * Lets a store go on from the events that it has, although later ones had been acknowledged. What was done after them is
 * done again. Returns how many are lost.
 */
export function acceptLoss(home: string): number {
  return owning(home, (path) => {
    const marked = readMark(`${path}.mark`) ?? 0;
    const journal = openJournal(path, { acceptLoss: true });
    const lost = Math.max(0, marked - journal.head());
    journal.close();
    return lost;
  });
}

/** Raises `not_found` where there is no store, and `unavailable` while an engine works on it. */
function owning<T>(home: string, work: (path: string) => T): T {
  const path = storeFile(home);
  if (!existsSync(path)) throw new HostError('not_found', `there is no store in ${home}`, 'Name one with `--home <dir>`.');
  const ownership = acquire(home);
  if (ownership === null) throw new HostError('unavailable', `an engine works on ${home}`, 'Wait until it has ended.');
  try {
    return work(path);
  } finally {
    ownership.release();
  }
}
