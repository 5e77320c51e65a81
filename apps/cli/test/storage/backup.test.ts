/** Copies of a store that an engine works on, and what becomes of them. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createCommandLine } from '../command-line.ts';

const wordsFlow = fileURLToPath(new URL('../flows/words.flow.yaml', import.meta.url));

interface Copied {
  readonly directory: string;
  readonly events: number;
  readonly outputs: { readonly files: number; readonly left: readonly string[] } | null;
  readonly audit: { readonly events: number; readonly working: boolean };
}

it('backup, while an engine works: whole, with its outputs; restored where there is no store, its run goes on', async (t) => {
  const { call, start, hold, release, directory } = createCommandLine(t);
  hold(4);
  const running = start('run', wordsFlow, '40', '--out', 'out', '--progress', 'plain');
  await running.shows(/ 4\/40/);

  const made = await call('backup', 'copy', '--with-outputs', '--json');
  assert.equal(made.code, 0, made.err + made.out);
  const report = JSON.parse(made.out) as Copied;
  assert.equal(report.audit.events, report.events);
  assert.ok(report.events > 5, made.out);
  assert.deepEqual(readdirSync(join(directory, 'copy')).toSorted(), ['backup.json', 'journal.db', 'journal.db.mark', 'outputs']);
  assert.equal(statSync(join(directory, 'copy', 'journal.db')).mode & 0o777, 0o600);
  running.child.kill('SIGKILL');
  await running.done;
  release();

  const occupied = await call('restore', 'copy');
  assert.deepEqual([occupied.code, /there is a store in .* already/.test(occupied.err)], [6, true]);
  const again = await call('backup', 'copy');
  assert.deepEqual([again.code, /is not empty/.test(again.err)], [6, true]);

  renameSync(join(directory, '.scriptorium'), join(directory, 'old'));
  rmSync(join(directory, 'out'), { recursive: true });
  const restored = await call('restore', 'copy', '--with-outputs');
  assert.equal(restored.code, 0, restored.err);
  assert.match(restored.out, new RegExp(`has ${report.events} events\\.\\n${report.outputs?.files} files of runs were put back\\.`));
  assert.equal((await call('audit', 'verify', '--outputs')).code, 0);
  const resumed = await call('resume', 'latest', '--no-progress');
  assert.equal(resumed.code, 0, resumed.err + resumed.out);
});

it('restore: a backup that is not whole, or that is none, is refused, and nothing is made', async (t) => {
  const { call, directory } = createCommandLine(t);
  await call('run', wordsFlow, '2', '--out', 'out', '--no-progress');
  const made = await call('backup', 'copy');
  assert.match(made.out, /\d+ events, .*\. It was read again, and is whole\.\nThe files that runs have written are not in it/);
  assert.equal(JSON.parse(readFileSync(join(directory, 'copy', 'backup.json'), 'utf8')).version, 1);
  const db = new DatabaseSync(join(directory, 'copy', 'journal.db'));
  db.exec('UPDATE events SET at = at + 1 WHERE gseq = 1');
  db.close();

  const refused = await call('restore', 'copy', '--home', 'new');
  assert.deepEqual([refused.code, /is not whole: event 1 /.test(refused.err)], [77, true], refused.err);
  assert.equal(existsSync(join(directory, 'new', 'journal.db')), false);
  writeFileSync(join(directory, 'nothing'), '');
  assert.equal((await call('restore', 'nowhere', '--home', 'new')).code, 5);
});
