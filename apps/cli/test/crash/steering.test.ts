import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RunStatus } from '@scriptorium/core';
import { openJournal } from '@scriptorium/engine';
import { createKit, finish, startTree, until } from '../engine/kit.ts';
import type { Kit } from '../engine/kit.ts';
import { steered } from './steered.ts';

const program = fileURLToPath(new URL('./dying.ts', import.meta.url));

/** Far more moments than any of the commands has. */
const MOST = 60;

/** A run that was interrupted while a step of it and one of a run below it were at work. */
async function interrupted(t: TestContext): Promise<{ readonly kit: Kit; readonly run: string }> {
  const kit = createKit(t);
  const engine = await kit.open();
  const run = await startTree(engine, kit, steered(kit.home, '1.0.0'));
  await until(() => kit.calls().filter(({ what, step }) => what === 'start' && (step === 'late' || step === 'low')).length === 2);
  await engine.abandon();
  return { kit, run };
}

/** Kills a process that does it at the moment `at`; false when it was done before. */
function dies(kit: Kit, run: string, what: string, at: number): boolean {
  const { signal, status, stderr } = spawnSync(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    program,
    kit.home,
    run,
    what,
    String(at),
  ]);
  assert.ok(signal === 'SIGKILL' || status === 0, stderr.toString());
  return signal === 'SIGKILL';
}

/** Does it again and again, each time from the same store, dying a moment later. */
async function everyMoment(t: TestContext, what: string, check: (kit: Kit, run: string) => Promise<void>): Promise<number> {
  for (let at = 1; at < MOST; at += 1) {
    const { kit, run } = await interrupted(t);
    const died = dies(kit, run, what, at);
    writeFileSync(`${kit.log}.gate`, '');
    await check(kit, run);
    const journal = openJournal(join(kit.home, 'journal.db'));
    assert.equal(journal.verify().fault, null);
    journal.close();
    if (!died) return at - 1;
  }
  throw new Error(`not done after ${MOST} moments`);
}

async function statusesBelow(kit: Kit, runs: readonly string[]): Promise<readonly RunStatus[]> {
  const engine = await kit.open();
  const found: RunStatus[] = [];
  for (const run of runs) for (const { status } of await engine.list({ parent: run })) found.push(status);
  await engine.stop();
  return found.toSorted();
}

describe('killed at any moment', () => {
  it('a migration is as if it had not begun, or done, and the run goes on', async (t) => {
    const versions = new Set<string>();
    const moments = await everyMoment(t, 'migrate', async (kit, run) => {
      const engine = await kit.open();
      versions.add((await engine.describe(run)).flow.version);
      await engine.resume(run, 'test');
      assert.deepEqual((await finish(engine, run)).output, [1, 1]);
      await engine.stop();
      assert.deepEqual(await statusesBelow(kit, [run]), ['succeeded']);
    });
    assert.deepEqual([[...versions].toSorted(), moments > 1], [['1.0.0', '2.0.0'], true]);
  });

  it('a rollback is as if it had not begun, or is finished when the run goes on: no file and no run is left behind', async (t) => {
    let taken = 0;
    const moments = await everyMoment(t, 'rollback', async (kit, run) => {
      const engine = await kit.open();
      const rollback = (await engine.events(run)).find(({ event }) => event.type === 'run.rolled_back')?.event;
      await engine.resume(run, 'test');
      assert.deepEqual((await finish(engine, run)).output, [1, 1]);
      await engine.stop();
      assert.deepEqual(await statusesBelow(kit, [run]), rollback === undefined ? ['succeeded'] : ['cancelled', 'succeeded']);
      if (rollback?.type !== 'run.rolled_back') return;
      taken += 1;
      assert.ok(existsSync(join(kit.out, rollback.aside, 'files', run, 'f1.txt')));
    });
    // Of all rounds, in the first one only it had not begun.
    assert.ok(moments > 3 && taken === moments, `${taken} of ${moments}`);
  });

  it('a fork is not there, or there as a whole, and its parent is as it was', async (t) => {
    let forks = 0;
    await everyMoment(t, 'fork', async (kit) => {
      const engine = await kit.open();
      const runs = (await engine.list()).map((one) => one.run);
      forks += runs.length - 1;
      for (const one of runs) {
        assert.equal((await engine.describe(one)).status, 'interrupted');
        await engine.resume(one, 'test');
        assert.deepEqual((await finish(engine, one)).output, [1, 1]);
      }
      await engine.stop();
      assert.deepEqual(
        await statusesBelow(kit, runs),
        runs.map(() => 'succeeded'),
      );
    });
    assert.ok(forks > 1, `${forks} forks`);
  });
});
