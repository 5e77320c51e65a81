/** What is done to a store beside commits: nothing that it says of the runs that stay is changed by it. */

import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './transaction.ts';

export interface Upkeep {
  readonly read: <T>(work: (db: DatabaseSync) => T) => T;
  /** A transaction, as durable as a commit. */
  readonly write: <T>(work: (db: DatabaseSync) => T) => T;
}

/** Of a store that no engine works on. */
export function upkeepOf(db: DatabaseSync): Upkeep {
  return { read: (work) => work(db), write: (work) => inTransaction(db, () => work(db)) };
}
