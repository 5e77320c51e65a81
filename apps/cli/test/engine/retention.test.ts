/** What an engine removes while it works, when it waits with that, and what everybody still has. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { HostError } from '@scriptorium/core';
import { auditStore, backUp, explainRetention, JournalError, openJournal } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { hashFlow } from '@scriptorium/flow';
import { createKit, finish, startIn, until } from './kit.ts';
import type { Kit } from './kit.ts';
import { calendar, DAY_MS, fillMailbox, go, items, paused, retention, startRelated } from './retention-kit.ts';

const dyingKeeper = fileURLToPath(new URL('./dying-keeper.ts', import.meta.url));

const isGone = async (engine: Engine, run: string): Promise<boolean> => (await engine.describe(run)).pruned !== undefined;

/** Whether the last judgement was carried out after `at`. */
function keptAfter(kit: Kit, at: number): boolean {
  const db = new DatabaseSync(join(kit.home, 'journal.db'), { readOnly: true });
  const kept = db.prepare(`SELECT value FROM meta WHERE key = 'kept_at'`).get()?.['value'] as number | undefined;
  db.close();
  return (kept ?? 0) >= at;
}

async function assertSound(kit: Kit, now: number): Promise<void> {
  const { findings } = await auditStore(kit.home, { now, hashFlow });
  assert.deepEqual(
    findings.filter(({ level }) => level === 'problem').map(({ message }) => message),
    [],
  );
}

describe('retention', () => {
  it('removes what ended long ago while the engine works, with its values, and nothing that goes on or is forked needs', async (t) => {
    const kit = createKit(t, { faults: ['clock_behind'] });
    const { world, pass } = calendar();
    const engine = await kit.open({ world, retention });
    const flow = items(40, 'some text ');
    const old = await startIn(engine, kit, flow, { n: 1 });
    await finish(engine, old);
    const { above, child, parent, fork } = await startRelated(engine, kit);
    await engine.pause(fork, 'test');

    pass(31);
    const young = await startIn(engine, kit, flow, { n: 2 });
    await finish(engine, young);
    await until(() => isGone(engine, old));
    await until(() => keptAfter(kit, Date.now() + 31 * DAY_MS - 60_000));

    assert.deepEqual(await Promise.all([above, child, parent, fork, young].map((run) => isGone(engine, run))), Array(5).fill(false));
    const { pruned, status, output } = await engine.describe(old);
    assert.deepEqual([pruned?.by, status, output], ['retention', 'succeeded', null]);
    await assert.rejects(engine.events(old), (error) => error instanceof HostError && error.code === 'not_found');
    await assertSound(kit, Date.now() + 32 * DAY_MS);
    // Its value went with it, and is written again by who has the same one.
    const again = await startIn(engine, kit, flow, { n: 1 });
    assert.deepEqual((await finish(engine, again)).output, { n: 1, text: 'some text '.repeat(500) });
    await engine.resume(fork, 'test');
    for (const run of [above, fork]) {
      await engine.signal(run, go);
      assert.equal((await finish(engine, run)).status, 'succeeded');
    }
    pass(31);
    await until(async () => (await Promise.all([above, parent, fork, young].map((run) => isGone(engine, run)))).every(Boolean));
    await engine.stop();
    const next = await kit.open({ world, retention });
    assert.equal((await next.describe(again)).pruned !== undefined || (await next.describe(again)).output !== null, true);
    await next.stop();
    await assertSound(kit, Date.now() + 63 * DAY_MS);
  });

  it('does nothing while somebody copies or audits the store, and the copy of a store that shrinks is whole', async (t) => {
    const kit = createKit(t, { faults: ['clock_behind'] });
    const { world, pass } = calendar();
    const engine = await kit.open({ world, retention });
    const runs: string[] = [];
    for (let n = 0; n < 6; n += 1) runs.push((await finish(engine, await startIn(engine, kit, items(60, 'text '), { n }))).run);
    pass(31);
    for (let copy = 0; ; copy += 1) {
      const { audit } = await backUp(kit.home, join(kit.home, '..', `copy-${copy}`), {
        now: Date.now() + 32 * DAY_MS,
        hashFlow,
        outputs: false,
      });
      assert.deepEqual(
        audit.findings.filter(({ level }) => level === 'problem').map(({ message }) => message),
        [],
      );
      await assertSound(kit, Date.now() + 32 * DAY_MS);
      if (await isGone(engine, runs.at(-1) ?? '')) break;
      // Else it would have to wait for ever.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });

  it('keeps a store within its size, the newest runs whatever it takes', async (t) => {
    const kit = createKit(t, { faults: ['clock_behind'] });
    const { world, pass } = calendar();
    const engine = await kit.open({ world, retention: { keepMs: null, newest: 2, bytes: 400_000, forgetMs: null } });
    const runs: string[] = [];
    for (let n = 0; n < 8; n += 1) {
      runs.push((await finish(engine, await startIn(engine, kit, items(200, 'some text of the item '), { n }))).run);
      pass(1);
    }
    await until(() => keptAfter(kit, Date.now() + 8 * DAY_MS - 60_000));
    const gone = await Promise.all(runs.map((run) => isGone(engine, run)));
    assert.deepEqual([gone[0], gone.at(-2), gone.at(-1)], [true, false, false]);
    assert.deepEqual(
      gone,
      gone.toSorted((a, b) => Number(b) - Number(a)),
      'the oldest go first',
    );
  });

  it('a store that is used for thirty days has no more at their end than in their midst, and a fork of each day is valid', async (t) => {
    const kit = createKit(t, { faults: ['clock_behind'] });
    const { world, pass } = calendar();
    const engine = await kit.open({ world, retention: { ...retention, keepMs: 3 * DAY_MS, forgetMs: 5 * DAY_MS } });
    const flow = items(30, 'text of the item ');
    const sizes: number[] = [];
    for (let day = 0; day < 30; day += 1) {
      const run = await startIn(engine, kit, flow, { n: day });
      await finish(engine, run);
      const fork = await engine.fork({ run, step: 'large', input: null, outputs: {}, by: 'test' });
      assert.equal((await finish(engine, fork)).status, 'succeeded');
      pass(1);
      await until(() => keptAfter(kit, Date.now() + (day + 1) * DAY_MS - 60_000));
      sizes.push(pagesOf(kit));
    }
    const [middle, end] = [Math.max(...sizes.slice(8, 16)), Math.max(...sizes.slice(22))];
    assert.ok(end <= middle * 1.1, sizes.join(' '));
    assert.ok((await engine.list({ limit: 100 })).length <= 2 * 6);
  });

  it('cut off before any step, the next engine goes on, and each leaves a store that verifies', async (t) => {
    const kit = createKit(t, { faults: ['clock_behind'] });
    const { world, pass } = calendar();
    const first = await kit.open({ world });
    const runs: string[] = [];
    for (let n = 0; n < 3; n += 1) runs.push((await finish(first, await startIn(first, kit, items(200, 'text '), { n }))).run);
    await first.stop();
    pass(31);
    let cuts = 0;
    for (let isDone = false; !isDone; cuts += 1) {
      let halted = false;
      let writes = 0;
      const engine = await kit.open({
        retention,
        onHalt: () => (halted = true),
        world: {
          ...world,
          openJournal: (path, options) => {
            const journal = openJournal(path, options);
            const { upkeep } = journal;
            assert.ok(upkeep !== null);
            const write: typeof upkeep.write = (work) => {
              // Each does some steps more than the one before.
              if ((writes += 1) > 1 + (cuts % 2)) throw new JournalError('halted', 'the test ends it', '');
              return upkeep.write(work);
            };
            return { ...journal, upkeep: { ...upkeep, write } };
          },
        },
      });
      await until(() => halted || keptAfter(kit, Date.now() + 31 * DAY_MS - 60_000));
      isDone = !halted;
      await engine.abandon();
      const journal = openJournal(join(kit.home, 'journal.db'));
      assert.equal(journal.verify().fault, null, `cut off ${cuts} times`);
      journal.close();
    }
    assert.ok(cuts > 3, `${cuts} cuts`);
    const last = await kit.open({ world });
    assert.deepEqual(await Promise.all(runs.map((run) => isGone(last, run))), [true, true, true]);
    await last.stop();
    await assertSound(kit, Date.now() + 32 * DAY_MS);
  });

  it('killed halfway for real, the next engine goes on', async (t) => {
    const kit = createKit(t, { faults: ['clock_behind'] });
    const { world, pass } = calendar();
    const first = await kit.open({ world });
    const { run } = await finish(first, await startIn(first, kit, items(200, 'text '), { n: 1 }));
    await first.stop();
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', dyingKeeper, kit.home, '3'], { stdio: 'inherit' });
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
    await assertSound(kit, Date.now() + 32 * DAY_MS);
    pass(31);
    const next = await kit.open({ world, retention });
    assert.equal(await isGone(next, run), true, 'its summary had been written');
    await until(() => keptAfter(kit, Date.now() + 31 * DAY_MS - 60_000));
    await next.stop();
    await assertSound(kit, Date.now() + 32 * DAY_MS);
    const db = new DatabaseSync(join(kit.home, 'journal.db'), { readOnly: true });
    assert.equal(db.prepare('SELECT count(*) AS left FROM events WHERE run = ?').get(run)?.['left'], 0);
    db.close();
  });

  it('removes the facts of messages that are forgotten, killed in the midst of it, too; who sends again is known as before', async (t) => {
    const kit = createKit(t, { faults: ['clock_behind'] });
    fillMailbox(kit.home, MESSAGES);
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', dyingKeeper, kit.home, '2'], { stdio: 'inherit' });
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
    assert.equal(factsGone(kit), PAGE_FACTS);
    await assertSound(kit, Date.now() + 32 * DAY_MS);

    const { world, pass } = calendar();
    pass(31);
    const engine = await kit.open({ world, retention });
    await until(() => keptAfter(kit, Date.now() + 31 * DAY_MS - 60_000));
    assert.equal(factsGone(kit), 2 * PAGE_FACTS);
    assert.deepEqual(
      (await engine.messages({ limit: 10_000 })).map(({ id }) => id),
      ['dead', ...Array.from({ length: MESSAGES - 512 }, (_, index) => String(512 + index))],
    );
    const again = async (id: string): Promise<string> => {
      const { status } = await engine.send({ to: 'desk', topic: false, payload: id, key: null, priority: 5, id, by: 'test' });
      return status;
    };
    assert.deepEqual([await again(String(MESSAGES - 1)), await again('512'), await again('511')], ['already', 'already', 'received']);
    assert.deepEqual(await engine.redeliver({ mailbox: 'desk', ids: null, by: 'test' }), ['dead']);
    await engine.stop();
    await assertSound(kit, Date.now() + 32 * DAY_MS);
  });

  it('says why a run is still there, also while an engine works', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const waiting = await startIn(engine, kit, paused);
    const old = await startIn(engine, kit, items(1, 'x'), { n: 1 });
    await finish(engine, old);
    const explained = (keepMs: number, newest = 0): unknown =>
      explainRetention(kit.home, { ...retention, keepMs, newest }, Date.now() + 1_000);
    assert.deepEqual(explained(0), { goes: [old], stays: [] });
    assert.deepEqual(explained(DAY_MS), { goes: [], stays: [{ run: old, because: 'it has not been over for long enough' }] });
    assert.deepEqual(explained(0, 1), { goes: [], stays: [{ run: old, because: 'it is one of the newest 1' }] });
    assert.equal((await engine.describe(waiting)).status, 'running');
  });
});

/** Answered messages of which two pages are forgotten, and the facts of a page. */
const MESSAGES = 4_096 + 2 * 256;
const PAGE_FACTS = 3 * 256;

function factsGone(kit: Kit): number {
  const db = new DatabaseSync(join(kit.home, 'journal.db'), { readOnly: true });
  const { gone } = db.prepare(`SELECT max(seq) - count(*) AS gone FROM events WHERE actor = 'mailbox:desk'`).get() as { gone: number };
  db.close();
  return gone;
}

function pagesOf(kit: Kit): number {
  const db = new DatabaseSync(join(kit.home, 'journal.db'), { readOnly: true });
  const { pages } = db.prepare('SELECT page_count AS pages FROM pragma_page_count').get() as { pages: number };
  db.close();
  return pages;
}
