/** Whether the store of a directory is whole, event by event. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HostError } from '@scriptorium/core';
import { openJournal } from './journal.ts';
import { acquire } from './ownership.ts';

export interface StoreCheck {
  readonly events: number;
  /** What the first event that is not as it was written says, or null. */
  readonly fault: string | null;
}

/**
 * Reads every event of the store in `home`, and creates nothing where there is none. Raises `unavailable` while an engine
 * has the store, and {@link JournalError} when it cannot be opened.
 */
export function checkStore(home: string): StoreCheck {
  const path = join(home, 'journal.db');
  if (!existsSync(path)) return { events: 0, fault: null };
  const ownership = acquire(home);
  if (ownership === null) throw new HostError('unavailable', `an engine works on ${home}`, 'Wait until it has ended.');
  try {
    const journal = openJournal(path);
    try {
      const { events, fault } = journal.verify();
      return { events, fault: fault?.message ?? null };
    } finally {
      journal.close();
    }
  } finally {
    ownership.release();
  }
}
