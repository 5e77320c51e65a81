import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { storageError } from './storage-error.ts';

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
}

describe('storageError', () => {
  it('given a file beside the database that cannot be written, then the disk failed', { skip: !existsSync('/dev/full') }, () => {
    const file = openSync('/dev/full', 'r+');
    const found = storageError(errorOf(() => writeSync(file, Buffer.alloc(16), 0, 16, 0)));
    closeSync(file);
    assert.deepEqual([found?.fault, /ENOSPC/.test(found?.message ?? '')], ['halted', true]);
  });

  it('given another process in the midst of a commit, then the store is that one’s', (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'scriptorium-busy-'));
    const [one, two] = [0, 1].map(() => new DatabaseSync(join(directory, 'a.db'), { timeout: 0 }));
    t.after(() => {
      one?.close();
      two?.close();
      rmSync(directory, { recursive: true });
    });
    one?.exec('PRAGMA journal_mode = WAL; BEGIN IMMEDIATE');
    const found = storageError(errorOf(() => two?.exec('BEGIN IMMEDIATE')));
    assert.deepEqual([found?.fault, found?.fix], ['fenced', 'End the other one, then start again.']);
  });

  it('given a mistake of the caller, then it is none of the store', () => {
    assert.equal(storageError(new TypeError('undefined is not a function')), null);
    assert.equal(storageError(Object.assign(new Error('unknown encoding'), { code: 'ERR_INVALID_ARG_VALUE' })), null);
  });
});
