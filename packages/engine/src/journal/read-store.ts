import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { BUSY_MS } from './store.ts';

/**
 * The store's file, for reading alone. One without a log that nobody works on is read as the file that it is: no log is
 * begun beside it.
 */
export function readStore(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  url.search = existsSync(`${path}-wal`) ? '?mode=ro' : '?immutable=1';
  return new DatabaseSync(url, { readOnly: true, timeout: BUSY_MS });
}
