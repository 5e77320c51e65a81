/** Runs that go on from what was kept of them instead of from their first event. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { openJournal, snapshotFaults } from '@scriptorium/engine';
import { compile, createKit, finish, startIn, until } from './kit.ts';
import type { Kit } from './kit.ts';

/** Items that pay from one budget, some of them in a loop, while others wait to be let through. */
const shop = (kit: Kit): ReturnType<typeof compile> =>
  compile(`
flow: try/shop
version: "1.0.0"
budget: { usd: 30 }
steps:
  all:
    each: { in: "\${ [1, 2, 3, 4, 5, 6] }", as: n, key: "\${ string(n) }", workers: 3 }
    steps:
      first: { uses: try/pay, with: { text: x, log: ${JSON.stringify(kit.log)}, usd: 1 } }
      go: { needs: [first], wait: { event: go, match: "\${ event.n == n }" } }
      second: { needs: [go], uses: try/pay, with: { text: y, log: ${JSON.stringify(kit.log)}, usd: 2 } }
    output: \${ n }
output: \${ all.ok.size() }
`);

interface Look {
  readonly kept: number;
  readonly faults: readonly string[];
  readonly fault: string | null;
}

function look(kit: Kit, run: string): Look {
  const journal = openJournal(join(kit.home, 'journal.db'));
  const kept = ['', ...journal.actors(run).map(({ actor }) => actor)].filter((actor) => journal.snapshot(run, actor) !== null).length;
  const found = { kept, faults: snapshotFaults(journal, run), fault: journal.verify().fault?.message ?? null };
  journal.close();
  return found;
}

/** A run whose engine is killed again and again, with what was kept meanwhile changed by `change`. */
async function play(kit: Kit, change: (path: string) => void): Promise<{ readonly output: unknown; readonly used: number | undefined }> {
  let run = '';
  for (let n = 1; n <= 5; n += 1) {
    const engine = await kit.open({ snapshotEvery: 1 });
    if (n === 1) run = await startIn(engine, kit, shop(kit), {}, { fresh: true });
    else await engine.resume(run, 'test');
    await until(async () => (await engine.waits(run)).some(({ item }) => item === String(n)));
    await engine.signal(run, { name: 'go', payload: { n }, id: null, by: 'test' });
    await until(async () => (await engine.describe(run)).progress.items.succeeded >= n - 1);
    await engine.abandon();
    const { kept, faults, fault } = look(kit, run);
    assert.deepEqual([kept > 2, faults, fault], [true, [], null]);
    change(join(kit.home, 'journal.db'));
  }
  const engine = await kit.open({ snapshotEvery: 1 });
  await engine.resume(run, 'test');
  await until(async () => (await engine.waits(run)).some(({ item }) => item === '6'));
  await engine.signal(run, { name: 'go', payload: { n: 6 }, id: null, by: 'test' });
  const { output, progress } = await finish(engine, run);
  return { output, used: progress.usage.used.usd };
}

/** Each call that was begun costs half of what it might, or all of it where nobody heard how it ended. */
function assertPaid(kit: Kit, used: number): void {
  const begun = kit.calls().filter(({ what }) => what === 'start');
  const most = begun.reduce((sum, { step }) => sum + (step.endsWith('first') ? 1 : 2), 0);
  assert.ok(begun.length >= 12 && used >= most / 2 && used <= most, `${used} used by ${begun.length} calls, which cost ${most} at most`);
}

describe('a run that is killed again and again', () => {
  it('ends as it would have, and what is kept of it is always what its events give', async (t) => {
    const kit = createKit(t);
    const { output, used = 0 } = await play(kit, () => undefined);
    assert.equal(output, 6);
    assertPaid(kit, used);
  });

  it('does so too when what is kept of it is damaged each time', async (t) => {
    const kit = createKit(t);
    const { output, used = 0 } = await play(kit, (path) => {
      const db = new DatabaseSync(path);
      db.exec(`UPDATE snapshots SET body = CAST(substr(body, 1, length(body) - 1) AS BLOB)`);
      db.close();
    });
    assert.equal(output, 6);
    assertPaid(kit, used);
  });

  it('and rolled back to before what was kept of it goes on from there', async (t) => {
    const kit = createKit(t);
    const first = await kit.open({ snapshotEvery: 1 });
    const run = await startIn(first, kit, shop(kit), {}, { fresh: true });
    await until(async () => (await first.waits(run)).length === 3);
    await first.signal(run, { name: 'go', payload: { n: 1 }, id: null, by: 'test' });
    await until(async () => (await first.describe(run)).progress.items.succeeded === 1);
    await first.stop();
    const engine = await kit.open({ snapshotEvery: 1 });
    await engine.rollback({ run, to: 'all', by: 'test' });
    await engine.resume(run, 'test');
    await until(async () => (await engine.waits(run)).length === 3);
    for (let n = 1; n <= 6; n += 1) await engine.signal(run, { name: 'go', payload: { n }, id: null, by: 'test' });
    assert.equal((await finish(engine, run)).output, 6);
    await engine.stop();
    assert.deepEqual(look(kit, run).faults, []);
  });
});
