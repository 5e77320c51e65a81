/** What was used of budgets stays used: in runs that are taken back, moved to another definition, or begun beside another. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Engine } from '@scriptorium/engine';
import { compile, createKit, finish, startIn, until } from './kit.ts';
import type { Kit } from './kit.ts';

const pay = (kit: Kit, usd: number, ms = 0): string =>
  `{ uses: try/pay, with: { text: x, log: ${JSON.stringify(kit.log)}, usd: ${usd}, ms: ${ms} } }`;

/** Two calls in one budget, the second when an answer has come. */
const shop = (kit: Kit, version: string, name: string, migrate = ''): ReturnType<typeof compile> =>
  compile(`
flow: try/shop
version: "${version}"
${migrate}
steps:
  ${name}:
    budget: { usd: 1 }
    steps:
      first: ${pay(kit, 0.8)}
      go: { needs: [first], wait: { event: go } }
      second: { needs: [go], uses: try/pay, with: { text: y, log: ${JSON.stringify(kit.log)}, usd: 0.8 } }
`);

async function waiting(engine: Engine, run: string): Promise<string> {
  await until(async () => (await engine.waits(run)).length > 0);
  return run;
}

const go = { name: 'go', payload: null, id: null, by: 'test' };

async function endOf(engine: Engine, run: string): Promise<readonly [string, string | undefined]> {
  const { status, error } = await finish(engine, run);
  return [status, error?.code];
}

const refused = ['failed', 'budget.exceeded'];

describe('the account of a budget', () => {
  it('goes with its step when that is renamed, and comes back when the renaming is taken back', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const runs: string[] = [];
    for (let n = 0; n < 2; n += 1)
      runs.push(await waiting(first, await startIn(first, kit, shop(kit, '1.0.0', 'shop'), {}, { fresh: true })));
    await first.stop();
    const [moved = '', back = ''] = runs;
    const engine = await kit.open();
    const newer = shop(kit, '2.0.0', 'store', 'migrate: [{ from: ^1.0.0, map: { shop: store } }]');
    const reports = await engine.migrate({ flow: newer, modules: [], dryRun: false, by: 'test' });
    assert.deepEqual(
      reports.map(({ outcome }) => outcome),
      ['migrated', 'migrated'],
    );
    const last = (await engine.events(back)).findLast(({ event }) => event.type === 'run.interrupted')?.gseq ?? 0;
    await engine.rollback({ run: back, to: last, by: 'test' });
    for (const run of [moved, back]) {
      await engine.resume(run, 'test');
      await engine.signal(run, go);
      assert.deepEqual(await endOf(engine, run), refused);
    }
  });

  it('is charged in full for a call that was under way when its step was renamed', async (t) => {
    const kit = createKit(t);
    const source = (version: string, name: string, migrate = ''): ReturnType<typeof compile> =>
      compile(`
flow: try/shop
version: "${version}"
${migrate}
steps:
  ${name}: { budget: { usd: 1 }, steps: { one: ${pay(kit, 0.8, 500)} } }
`);
    const first = await kit.open();
    const run = await startIn(first, kit, source('1.0.0', 'shop'));
    await until(() => kit.calls().length > 0);
    await first.abandon();
    const engine = await kit.open();
    await engine.migrate({
      flow: source('2.0.0', 'store', 'migrate: [{ from: ^1.0.0, map: { shop: store } }]'),
      modules: [],
      dryRun: false,
      by: 'test',
    });
    await engine.resume(run, 'test');
    assert.deepEqual(await endOf(engine, run), refused);
  });

  it('is charged for calls that a rollback takes back, those under way in full', async (t) => {
    const kit = createKit(t);
    const flow = compile(`{ flow: try/one, version: "1.0.0", budget: { usd: 1 }, steps: { one: ${pay(kit, 0.8, 500)} } }`);
    const first = await kit.open();
    const run = await startIn(first, kit, flow);
    await until(() => kit.calls().length > 0);
    await first.abandon();
    const engine = await kit.open();
    await engine.rollback({ run, to: 'one', by: 'test' });
    await engine.resume(run, 'test');
    assert.deepEqual(await endOf(engine, run), refused);
  });

  it('of an item is there again when the item is taken back after all had settled', async (t) => {
    const kit = createKit(t);
    const flow = compile(`
flow: try/items
version: "1.0.0"
steps:
  all:
    each: { in: "\${ [1] }", as: n }
    budget: { usd: 1 }
    steps:
      a: ${pay(kit, 0.8)}
      b: { needs: [a], uses: try/pay, with: { text: y, log: ${JSON.stringify(kit.log)}, usd: 0.5 } }
`);
    const engine = await kit.open();
    const run = await startIn(engine, kit, flow);
    assert.equal((await finish(engine, run)).status, 'succeeded');
    await engine.rollback({ run, to: 'all/b', by: 'test' });
    await engine.resume(run, 'test');
    assert.deepEqual((await finish(engine, run)).status, 'failed');
  });

  it('of a fork is that of its parent up to where they part', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await waiting(engine, await startIn(engine, kit, shop(kit, '1.0.0', 'shop')));
    const fork = await engine.fork({ run, step: 'shop/go', input: null, outputs: {}, by: 'test' });
    await waiting(engine, fork);
    await engine.signal(fork, go);
    assert.deepEqual(await endOf(engine, fork), refused);
  });
});
