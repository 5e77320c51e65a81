import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { collectGarbage, openJournal } from '@scriptorium/engine';
import { compile, createKit, finish, startIn, until } from '../engine/kit.ts';

const program = fileURLToPath(new URL('./dying-collector.ts', import.meta.url));

/** Far more moments than a collection of these runs has. */
const MOST = 60;

const work = compile(
  `{ flow: try/work, version: "1.0.0", steps: { one: { value: a secret }, two: { needs: [one], each: { in: "\${ [1, 2, 3] }", as: n }, value: "\${ n }" } } }`,
);
const waits = compile('{ flow: try/waits, version: "1.0.0", steps: { go: { wait: { event: go } } } }');
const go = { name: 'go', payload: null, id: null, by: 'test' };

it('a collection that is killed at any moment leaves a store that verifies, and the next one ends what it began', async (t) => {
  const kit = createKit(t);
  const first = await kit.open();
  const ended = [await startIn(first, kit, work), await startIn(first, kit, work)];
  const waiting = await startIn(first, kit, waits);
  for (const run of ended) await finish(first, run);
  await until(async () => (await first.waits(waiting)).length === 1);
  await first.stop();
  const now = Date.now() + 1_000;
  const kept = `${kit.home}.kept`;
  cpSync(kit.home, kept, { recursive: true });

  let moments = 0;
  for (let at = 1; at < MOST; at += 1) {
    rmSync(kit.home, { recursive: true });
    cpSync(kept, kit.home, { recursive: true });
    const { signal, status, stderr } = spawnSync(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      program,
      kit.home,
      String(now),
      String(at),
    ]);
    assert.ok(signal === 'SIGKILL' || status === 0, stderr.toString());
    const journal = openJournal(join(kit.home, 'journal.db'));
    assert.equal(journal.verify().fault, null, `killed at moment ${at}`);
    for (const run of ended) assert.equal(journal.run(run)?.status, 'succeeded');
    journal.close();

    collectGarbage(kit.home, { olderThanMs: 0, keep: 0, forgetAfterMs: null, dryRun: false, purge: true, by: 'test', now });
    const again = openJournal(join(kit.home, 'journal.db'));
    assert.equal(again.verify().fault, null);
    for (const run of ended) assert.deepEqual([again.run(run)?.pruned?.by, again.readRun(run)], ['test', []]);
    assert.equal(again.run(waiting)?.status, 'interrupted');
    again.close();
    assert.ok(!readFileSync(join(kit.home, 'journal.db')).includes('a secret'));
    if (signal === null) break;
    moments = at;
  }
  assert.ok(moments > 8 && moments < MOST - 1, `${moments} moments`);
  const engine = await kit.open();
  await engine.resume(waiting, 'test');
  await engine.signal(waiting, go);
  assert.equal((await finish(engine, waiting)).status, 'succeeded');
});
