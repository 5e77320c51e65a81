/** Stores on a small file system of their own, which really fills. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { HostError } from '@scriptorium/core';
import { JournalError, openJournal } from '@scriptorium/engine';
import { compile, createKit, finish, startIn, until } from '../engine/kit.ts';
import type { Kit } from '../engine/kit.ts';

const MEBIBYTE = 1024 * 1024;
const DISK = 64 * MEBIBYTE;
const RESERVE = 16 * MEBIBYTE;

const flow = compile(`
flow: try/gated
version: "1.0.0"
input: { log: { type: string }, gate: { type: string } }
limits: { writes: { concurrent: 1 } }
steps:
  list: { uses: try/list, with: { count: 3 } }
  files:
    each: { in: "\${ list }", as: file, key: "\${ file.id }", workers: 1 }
    uses: try/write
    limit: writes
    with: { text: hello, log: "\${ input.log }", gate: "\${ input.gate }" }
output: \${ files.ok.size() }
`);

const skip = canMount() ? false : 'only root can mount a small file system';

describe('a disk that fills', { skip }, () => {
  it('given too little space, then nothing new is started; given next to none, the engine ends, the runs interrupted, and goes on when there is some', async (t) => {
    const { kit, fillUpTo } = smallDisk(t);
    const halts: unknown[] = [];
    const engine = await kit.open({ store: { reserveBytes: RESERVE }, onHalt: (error) => halts.push(error) });
    await until(() => ballast(kit) === RESERVE);
    const ballastFile = statSync(`${join(kit.home, 'journal.db')}.ballast`);
    assert.ok(ballastFile.blocks * 512 >= RESERVE, 'the ballast is really allocated');
    assert.equal(ballastFile.mode & 0o777, 0o600);
    const gate = join(kit.home, '..', 'gate');
    const run = await startIn(engine, kit, flow, { log: '/dev/null', gate });

    fillUpTo(RESERVE / 2);
    const refused = await startIn(engine, kit, flow, { log: '/dev/null', gate }).catch((error: unknown) => error);
    assert.ok(refused instanceof HostError && refused.code === 'overloaded' && /MiB are free/.test(refused.message));
    assert.equal((await engine.describe(run)).status, 'running');

    fillUpTo(RESERVE / 8);
    await until(() => halts.length > 0);
    assert.ok(halts[0] instanceof JournalError && halts[0].fault === 'full');
    assert.equal(ballast(kit), 0);
    // What was waiting for the gate is aborted only when it has had its time; here it ends by itself.
    writeFileSync(gate, '');
    await engine.drain();

    fillUpTo(DISK);
    const again = await kit.open({ store: { reserveBytes: RESERVE } });
    assert.equal((await again.describe(run)).status, 'interrupted');
    await again.resume(run, 'test');
    assert.equal((await finish(again, run)).output, 3);
    await until(() => ballast(kit) === RESERVE);
  });

  it('given a disk that is full at once, then a commit fails, the ballast makes room, and the next engine finds all that was acknowledged', async (t) => {
    const { kit, fillUpTo } = smallDisk(t);
    const engine = await kit.open({ store: { reserveBytes: RESERVE } });
    await until(() => ballast(kit) === RESERVE);
    const gate = join(kit.home, '..', 'gate');
    const run = await startIn(engine, kit, flow, { log: '/dev/null', gate });
    await until(async () => (await engine.describe(run)).progress.items.running > 0);
    const acknowledged = (await engine.events(run)).length;

    fillUpTo(0);
    let failure: unknown = null;
    for (let concurrent = 2; failure === null; concurrent += 1)
      await engine.setLimit('writes', { concurrent }, 'x'.repeat(1_000)).catch((error: unknown) => (failure = error));
    assert.equal(failure instanceof JournalError ? failure.fault : failure, 'halted');
    await engine.abandon();
    assert.equal(ballast(kit), 0);

    const again = await kit.open();
    assert.equal((await again.describe(run)).status, 'interrupted');
    assert.ok((await again.events(run)).length > acknowledged);
    await again.drain();
    const journal = openJournal(join(kit.home, 'journal.db'));
    assert.equal(journal.verify().fault, null);
    journal.close();
  });
});

function ballast(kit: Kit): number {
  return statSync(join(kit.home, 'journal.db.ballast'), { throwIfNoEntry: false })?.size ?? 0;
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const directory = mkdtempSync(join(tmpdir(), 'mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory]).status === 0;
  if (mounted) spawnSync('umount', ['-l', directory]);
  rmSync(directory, { recursive: true });
  return mounted;
}

/** A kit whose store and outputs are on a disk of their own, and how to leave so many bytes free there. */
function smallDisk(context: TestContext): { readonly kit: Kit; readonly fillUpTo: (freeBytes: number) => void } {
  const directory = mkdtempSync(join(tmpdir(), 'scriptorium-disk-'));
  assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', directory]).status, 0);
  const filler = join(directory, 'filler');
  const kit = createKit(context, { parent: directory });
  context.after(() => {
    spawnSync('umount', ['-l', directory]);
    rmSync(directory, { recursive: true });
  });
  const free = (): number => {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  };
  return {
    kit,
    fillUpTo: (freeBytes) => {
      if (existsSync(filler) && free() < freeBytes) rmSync(filler);
      // Others write there too, from threads: what was free a moment ago may not be any more.
      for (let missing = free() - freeBytes; missing > 0 && freeBytes < DISK; missing = free() - freeBytes) {
        try {
          appendFileSync(filler, Buffer.alloc(missing));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
      }
    },
  };
}
