/** Which runs may lose their events, what is left of them, and what everybody else still has. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { HostError } from '@scriptorium/core';
import { auditStore, collectGarbage, openJournal } from '@scriptorium/engine';
import type { GarbageReport } from '@scriptorium/engine';
import { compile, createKit, finish, startIn, until } from './kit.ts';
import type { Kit } from './kit.ts';
import { go, paused, startRelated } from './retention-kit.ts';

const request = { olderThanMs: 0, keep: 0, forgetAfterMs: null, dryRun: false, purge: false, by: 'test' } as const;

function collect(kit: Kit, more: Partial<Parameters<typeof collectGarbage>[1]> = {}): GarbageReport {
  return collectGarbage(kit.home, { ...request, now: Date.now() + 1_000, ...more });
}

function faultIn(kit: Kit): string | null {
  const journal = openJournal(join(kit.home, 'journal.db'));
  const { fault } = journal.verify();
  journal.close();
  return fault?.message ?? null;
}

const items = (count: number, text = 'x'): ReturnType<typeof compile> =>
  compile(`
flow: try/items
version: "1.0.0"
steps:
  all:
    each: { in: "\${ [${Array.from({ length: count }, (_, index) => index).join(', ')}] }", as: n, key: "\${ string(n) }" }
    value: { n: "\${ n }", text: ${JSON.stringify(text)} }
output: \${ all.ok.size() }
`);

describe('gc', () => {
  it('removes the events of runs that have ended, keeps what there is to list, and nothing of it can be asked any more', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const old = await startIn(first, kit, items(300));
    const before = await finish(first, old);
    const waiting = await startIn(first, kit, paused);
    await until(async () => (await first.waits(waiting)).length === 1);
    await first.stop();

    const report = collect(kit);

    assert.deepEqual(
      report.runs.map(({ run }) => run),
      [old],
    );
    assert.equal(faultIn(kit), null);
    const { findings } = await auditStore(kit.home, { now: Date.now(), hashFlow: ({ hash }) => hash });
    assert.deepEqual(
      findings.filter(({ level, fault }) => level === 'problem' && fault !== 'definition_changed'),
      [],
    );
    const engine = await kit.open();
    const { pruned, output, ...after } = await engine.describe(old);
    assert.equal(pruned?.by, 'test');
    assert.deepEqual([after.status, after.startedAt, after.endedAt, output], [before.status, before.startedAt, before.endedAt, null]);
    assert.deepEqual(after.progress.items, before.progress.items);
    assert.deepEqual((await engine.list()).map(({ run }) => run).toSorted(), [old, waiting].toSorted());
    const asked = [
      engine.events(old),
      engine.definition(old),
      engine.checkpoints(old),
      engine.rollback({ run: old, to: 'all', by: 'test' }),
      engine.fork({ run: old, step: null, input: null, outputs: {}, by: 'test' }),
    ];
    for (const answer of asked)
      await assert.rejects(
        answer,
        (error) => error instanceof HostError && error.code === 'not_found' && /were removed on/.test(error.message),
      );
    await engine.resume(waiting, 'test');
    await engine.signal(waiting, go);
    assert.equal((await finish(engine, waiting)).status, 'succeeded');
  });

  it('gives nine tenths and more of the bytes of a run back', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, items(1_500, 'some text of the item '.repeat(20)));
    await finish(engine, run);
    await engine.stop();
    const empty = 40 * 4_096;
    const { bytes } = collect(kit);
    assert.ok(bytes.before > 10 * empty, `${bytes.before}`);
    assert.ok(bytes.after <= empty + bytes.before / 10, `${bytes.before} → ${bytes.after}`);
  });

  it('says what it would do, and does it to no run that is too young or one of the newest', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const runs: string[] = [];
    for (let n = 0; n < 3; n += 1) runs.push((await finish(engine, await startIn(engine, kit, items(2)))).run);
    await engine.stop();
    const pruned = (more: Parameters<typeof collect>[1]): readonly string[] =>
      collect(kit, { dryRun: true, ...more }).runs.map(({ run }) => run);
    assert.deepEqual(pruned({ olderThanMs: 60_000 }), []);
    assert.deepEqual(pruned({ keep: 1 }), [runs[1], runs[0]]);
    assert.deepEqual(pruned({}), [runs[2], runs[1], runs[0]]);
    const again = await kit.open();
    assert.ok((await again.events(runs[0] ?? '')).length > 0);
  });

  it('leaves the runs above and below one that goes on, and the parent of a fork that may still look into it', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const { above, child, parent, fork } = await startRelated(engine, kit);
    const alone = await startIn(engine, kit, items(1));
    await finish(engine, alone);
    await engine.stop();

    const { runs, spared } = collect(kit);

    assert.deepEqual(
      runs.map(({ run }) => run),
      [alone],
    );
    assert.deepEqual(spared.map(({ run }) => run).toSorted(), [child, parent].toSorted());
    assert.match(spared.find(({ run }) => run === parent)?.because ?? '', new RegExp(fork));
    const again = await kit.open();
    for (const run of [above, fork]) {
      await again.resume(run, 'test');
      await again.signal(run, go);
      assert.equal((await finish(again, run)).status, 'succeeded');
    }
    await again.stop();
    assert.equal(collect(kit).runs.length, 4);
    assert.equal(faultIn(kit), null);
  });

  it('keeps values that others have taken over, and no others', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const large = (text: string): ReturnType<typeof compile> =>
      compile(`
flow: try/large
version: "1.0.0"
steps:
  one: { value: ${JSON.stringify(text.repeat(5_000))} }
  two: { needs: [one], wait: { event: go } }
output: \${ one }
`);
    const gone = await startIn(engine, kit, large('a'));
    const stays = await startIn(engine, kit, large('b'));
    for (const run of [gone, stays]) await until(async () => (await engine.waits(run)).length === 1);
    await engine.signal(gone, go);
    await finish(engine, gone);
    await engine.stop();
    const { values } = collect(kit);
    // Its value, and its definition.
    assert.equal(values, 2);
    const again = await kit.open();
    await again.resume(stays, 'test');
    await again.signal(stays, go);
    assert.equal((await finish(again, stays)).output, 'b'.repeat(5_000));
  });

  it('leaves with --purge nothing of what was removed in any file of the store', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const canary = 'canary-5f2b9c';
    const run = await startIn(engine, kit, items(200, canary));
    await finish(engine, run);
    await engine.stop();
    const files = ['journal.db', 'journal.db-wal', 'journal.db-shm'].map((name) => join(kit.home, name));
    const found = (): boolean => files.some((file) => existsSync(file) && readFileSync(file).includes(canary));
    assert.ok(found());
    collect(kit, { purge: true });
    assert.ok(!found());
    const last = await kit.open();
    await last.stop();
    assert.ok(!found());
  });

  it('forgets runs altogether where that is asked for, and the journal still says that they were', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, items(2));
    await finish(engine, run);
    await engine.stop();
    assert.equal(collect(kit).runs.length, 1);
    assert.equal(collect(kit, { forgetAfterMs: 0 }).forgotten, 1);
    assert.equal(faultIn(kit), null);
    const again = await kit.open();
    assert.deepEqual(await again.list(), []);
  });

  it('leaves a store whose folds can be made anew', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, items(2));
    await finish(engine, run);
    await engine.stop();
    collect(kit);
    const shown = async (): Promise<unknown> => {
      const open = await kit.open();
      const summary = await open.describe(run);
      await open.stop();
      return summary;
    };
    const before = await shown();
    const db = new DatabaseSync(join(kit.home, 'journal.db'));
    db.exec(`UPDATE meta SET value = 0 WHERE key = 'views'`);
    db.close();
    assert.deepEqual(await shown(), before);
  });

  it('leaves a gap that nobody else can make: events that are missing beside it are a fault', async (t) => {
    const kit = createKit(t, { faults: ['event_missing', 'fold_differs'] });
    const engine = await kit.open();
    const runs: string[] = [];
    for (let n = 0; n < 2; n += 1) runs.push((await finish(engine, await startIn(engine, kit, items(2)))).run);
    await engine.stop();
    collect(kit, { keep: 1 });
    assert.equal(faultIn(kit), null);
    const db = new DatabaseSync(join(kit.home, 'journal.db'));
    const last = `gseq >= (SELECT last FROM runs WHERE run = '${runs[1]}') AND run = '${runs[1]}'`;
    db.exec(`INSERT INTO pruned SELECT gseq, gseq - count + 1, hash FROM events WHERE ${last}; DELETE FROM events WHERE ${last}`);
    db.close();
    assert.match(faultIn(kit) ?? '', /accounted for/);
  });

  it('is refused while an engine works on the store', async (t) => {
    const kit = createKit(t);
    await kit.open();
    assert.throws(
      () => collect(kit),
      (error) => error instanceof HostError && error.code === 'unavailable',
    );
  });
});
