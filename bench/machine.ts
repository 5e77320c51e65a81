/** What the figures were measured on. */

import { spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { numberOf, percentile } from './figures.ts';
import { inScratch } from './scratch.ts';

const SYNCS = 300;

export async function describeMachine(): Promise<string> {
  const db = new DatabaseSync(':memory:');
  const { version } = db.prepare('SELECT sqlite_version() AS version').get() as { version: string };
  db.close();
  const [first] = cpus();
  const ms = await inScratch(syncTimes);
  const lines = [
    [
      'machine',
      `${cpus().length} × ${first?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, load ${numberOf(loadavg()[0] ?? 0)} at the start`,
    ],
    ['software', `Node ${process.versions.node}, SQLite ${version}, commit ${commit()}`],
    ['fdatasync', `p50 ${numberOf(percentile(ms, 0.5))} ms, p99 ${numberOf(percentile(ms, 0.99))} ms, of 4 KiB appended ${SYNCS} times`],
    ['durability', 'full: every commit is synced before anything is acknowledged or started'],
  ];
  return lines.map(([name = '', value]) => `${name.padEnd(12)}${value}`).join('\n');
}

function syncTimes(directory: string): readonly number[] {
  const file = openSync(join(directory, 'synced'), 'w');
  const page = Buffer.alloc(4_096, 7);
  const times = Array.from({ length: SYNCS }, () => {
    writeSync(file, page);
    const from = performance.now();
    fdatasyncSync(file);
    return performance.now() - from;
  });
  closeSync(file);
  return times;
}

function commit(): string {
  const git = (...argv: string[]): string => spawnSync('git', argv, { cwd: import.meta.dirname, encoding: 'utf8' }).stdout?.trim() ?? '';
  return `${git('rev-parse', '--short', 'HEAD') || 'unknown'}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes'}`;
}
