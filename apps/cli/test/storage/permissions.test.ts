import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { createCommandLine, wordsFlow } from '../command-line.ts';

/** What others than the owner may do with each file and directory below this one, where that is anything. */
function openBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => {
      const mode = statSync(path).mode & 0o777;
      return (mode & 0o077) === 0 ? [] : [`${path.slice(directory.length + 1)} ${mode.toString(8)}`];
    });
}

it(
  'under a mask that hides nothing, stores, outputs, logs and backups are for their owner alone',
  { skip: process.platform === 'win32' ? 'Windows has no modes' : false },
  async (t) => {
    const { call, directory } = createCommandLine(t);
    // Children have the mask of the process that starts them.
    const before = process.umask(0);
    try {
      const ran = await call('run', wordsFlow, '2', '--out', 'out', '--no-progress');
      assert.equal(ran.code, 0, ran.err);
      const made = await call('backup', 'copy', '--with-outputs');
      assert.equal(made.code, 0, made.err);
    } finally {
      process.umask(before);
    }
    for (const made of ['.scriptorium/journal.db', 'out/logs', 'copy/journal.db', 'copy/outputs']) statSync(join(directory, made));
    assert.deepEqual(openBelow(directory), []);
  },
);
