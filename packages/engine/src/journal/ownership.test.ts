import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openJournal } from './journal.ts';
import { acquire } from './ownership.ts';

const scratch = mkdtempSync(join(tmpdir(), 'ownership-'));
after(() => rmSync(scratch, { recursive: true }));

test('a store has one owner, and the next one only after its release', () => {
  const dir = join(scratch, 'a', 'b');
  const owner = acquire(dir);
  assert.ok(owner);
  assert.equal(acquire(dir), null);
  owner.release();
  const next = acquire(dir);
  assert.ok(next);
  next.release();
});

test('SIGKILL of the owner frees the store, and the epoch goes on from its', async () => {
  const dir = join(scratch, 'killed');
  const path = join(dir, 'journal.db');
  const module = (name: string): string => JSON.stringify(fileURLToPath(new URL(name, import.meta.url)));
  const code = `
    import { acquire } from ${module('./ownership.ts')};
    import { openJournal } from ${module('./journal.ts')};
    const owner = acquire(${JSON.stringify(dir)});
    const journal = openJournal(${JSON.stringify(path)});
    console.log(owner === null ? 'refused' : 'epoch ' + journal.epoch);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  assert.equal(line.trim(), 'epoch 1');
  assert.equal(acquire(dir), null, 'the other process holds it');

  child.kill('SIGKILL');
  await once(child, 'close');

  const owner = acquire(dir);
  assert.ok(owner);
  const journal = openJournal(path);
  assert.equal(journal.epoch, 2);
  journal.close();
  owner.release();
});
