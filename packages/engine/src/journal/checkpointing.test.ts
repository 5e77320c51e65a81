import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { WAL_LIMIT_BYTES } from './checkpointing.ts';
import { contentHash, openJournal } from './journal.ts';

const scratch = mkdtempSync(join(tmpdir(), 'checkpointing-'));
after(() => rmSync(scratch, { recursive: true }));

/** Two connections that read in turns, so that there is never a moment without a reader. */
const readers = `
  import { DatabaseSync } from 'node:sqlite';
  const open = () => new DatabaseSync(process.argv[1], { readOnly: true });
  const begin = (db) => { db.exec('BEGIN'); db.prepare('SELECT count(*) FROM events').get(); };
  const pause = () => new Promise((resolve) => setTimeout(resolve, 10));
  const [a, b] = [open(), open()];
  begin(a);
  process.stdout.write('reading');
  for (;;) {
    begin(b);
    await pause();
    a.exec('COMMIT');
    begin(a);
    await pause();
    b.exec('COMMIT');
  }`;

test('the log does not grow with all that is written although there is always a reader', async () => {
  const path = join(scratch, 'store', 'journal.db');
  const journal = openJournal(path);
  const child = spawn(process.execPath, ['--input-type=module', '--eval', readers, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  let longest = 0;
  for (let seq = 1; seq <= 2 * 256; seq += 1) {
    const value = String(seq).repeat(2 ** 18 / String(seq).length);
    const event = { type: 'chunk.granted', slots: seq } as const;
    journal.commit({ events: [{ run: 'r', actor: 'root', seq, at: seq, event }], values: new Map([[contentHash(value), value]]) });
    longest = Math.max(longest, statSync(`${path}-wal`).size);
  }
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.ok(longest > WAL_LIMIT_BYTES / 4, `the readers held it: ${longest} bytes`);
  // A reader that the machine keeps from going on holds it for longer; twice the limit is written in all.
  assert.ok(longest <= 1.5 * WAL_LIMIT_BYTES, `${longest} bytes`);
  journal.close();
});

test('the log is moved in small pieces while little is written, and in large ones while much is', () => {
  const path = join(scratch, 'pieces', 'journal.db');
  const journal = openJournal(path);
  const longestOver = (commits: number, size: number): number => {
    let longest = 0;
    for (let commit = 0; commit < commits; commit += 1) {
      const last = journal.head();
      const events = Array.from({ length: size }, (_, index) => {
        const seq = last + index + 1;
        return { run: 'r', actor: 'root', seq, at: seq, event: { type: 'chunk.granted', slots: seq } as const };
      });
      journal.commit({ events });
      longest = Math.max(longest, statSync(`${path}-wal`).size);
    }
    return longest;
  };
  const few = longestOver(400, 1);
  assert.ok(few > MIB && few < 4 * MIB, `${few} bytes of single events`);
  const many = longestOver(25, 2_000);
  assert.ok(many > 5 * MIB, `${many} bytes of events by the thousand`);
  journal.close();
});

const MIB = 1024 * 1024;
