/** Computes the tables that follow from the events anew. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HostError } from '@scriptorium/core';
import { openJournal } from '../journal/journal.ts';
import { acquire } from '../journal/ownership.ts';

/** Returns how many events they were computed from. Raises `unavailable` while an engine works on the store. */
export function rebuildFolds(home: string): number {
  const path = join(home, 'journal.db');
  if (!existsSync(path)) throw new HostError('not_found', `there is no store in ${home}`);
  const ownership = acquire(home);
  if (ownership === null) throw new HostError('unavailable', `an engine works on ${home}`, 'Wait until it has ended.');
  try {
    const db = new DatabaseSync(path);
    db.exec(`UPDATE meta SET value = 0 WHERE key = 'views'`);
    db.close();
    const journal = openJournal(path);
    const events = journal.head();
    journal.close();
    return events;
  } finally {
    ownership.release();
  }
}
