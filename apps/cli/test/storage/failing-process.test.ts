/** The process itself, its store on a small disk of its own: it ends, with the code of what became of the store. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createCommandLine, wordsFlow } from '../command-line.ts';

const cases = [
  { name: 'a disk with next to no space left', size: '200m', reserve: 'full', leftBytes: 16 * 1024 * 1024, code: 75 },
  { name: 'a disk that takes no commit', size: '32m', reserve: 'none', leftBytes: 0, code: 70 },
] as const;

describe('a process whose store fails while it works', () => {
  for (const { name, size, reserve, leftBytes, code } of cases) {
    it(`ends with exit code ${code} on ${name}`, { timeout: 120_000 }, async (t) => {
      const disk = mkdtempSync(join(tmpdir(), 'scriptorium-disk-'));
      const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk]).status === 0;
      t.after(() => {
        if (isMounted) spawnSync('umount', ['-l', disk]);
        rmSync(disk, { recursive: true });
      });
      if (!isMounted) return t.skip('only root on Linux can mount a small file system');
      const { start } = createCommandLine(t, { SCRIPTORIUM_RESERVE: reserve });
      const slow = ['--set', 'count=100000', '--set', 'ms=20'];
      const running = start('run', wordsFlow, '--home', join(disk, 'store'), '--out', 'out', '--progress', 'plain', ...slow);
      await running.shows(/1 running|[2-9] running/);
      const { bavail, bsize } = statfsSync(disk);
      const filler = join(disk, 'filler');
      spawnSync('dd', ['if=/dev/zero', `of=${filler}`, `bs=${bsize}`, `count=${Math.max(0, bavail - leftBytes / bsize)}`]);
      const { code: ended, err } = await running.done;
      assert.equal(ended, code, err);
    });
  }
});
