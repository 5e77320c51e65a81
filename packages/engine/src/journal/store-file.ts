import { join } from 'node:path';

/** The SQLite file of the store in the directory `home`; what belongs to it has its path and an ending. */
export function storeFile(home: string): string {
  return join(home, 'journal.db');
}
