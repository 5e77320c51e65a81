/** The directory of a store: made for its owner only, and refused where a store cannot be kept. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { releaseBallast } from './ballast.ts';
import { JournalError } from '../journal/journal-error.ts';
import { freeBytes, networkFileSystemAt } from './place.ts';
import { openingError } from '../journal/storage-error.ts';

export interface HomeOptions {
  /** Keep a store on a network file system: whoever sets it answers for its locks and for the memory that is shared there. */
  readonly allowNetwork?: boolean;
  /**
   * Space to keep in reserve beside the store, in bytes; none unless given. With less than this free nothing new is started,
   * and with less than a quarter of it the engine ends.
   */
  readonly reserveBytes?: number;
}

/** With less free space a store is not opened: not even what was live could be marked as interrupted. */
const MIN_FREE_BYTES: number = 8 * 1024 * 1024;

/** Raises `misplaced`, `full` or `denied`. */
export function prepareHome(directory: string, { allowNetwork = false }: HomeOptions): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw openingError(directory, error);
  }
  const network = allowNetwork ? null : networkFileSystemAt(directory);
  if (network !== null) {
    throw new JournalError(
      'misplaced',
      `${directory} is on a network file system (${network}), where SQLite can lose or mix up what is written`,
      'Choose a directory on a disk of this machine with --home; `network_home: allow` in the configuration opens it all the same.',
    );
  }
  const store = join(directory, 'journal.db');
  if (freeBytes(store) < MIN_FREE_BYTES) releaseBallast(store);
  const free = freeBytes(store);
  if (free >= MIN_FREE_BYTES) return;
  throw new JournalError(
    'full',
    `${free} bytes are free at ${directory}; to open the store, ${MIN_FREE_BYTES} are needed`,
    'Make room, then start again: what was committed is kept.',
  );
}
