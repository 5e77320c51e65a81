import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Host, RunOptions } from '@scriptorium/core';
import { compile, createKit, finish, startIn, until } from './kit.ts';
import type { Kit } from './kit.ts';

const LARGE = 10_000;

/** Items that all may be at work at once, through a pool that lets in few. */
const flow = compile(`
flow: try/many
version: "1.0.0"
input: { count: { type: integer } }
limits: { few: { concurrent: 4 } }
steps:
  list: { uses: try/list, with: { count: "\${ input.count }" } }
  work:
    each: { in: "\${ list }", as: one, key: "\${ one.id }", workers: "\${ input.count }" }
    uses: try/fail
    with: { bad: false }
    limit: few
output: "\${ work.ok.size() }"
`);

async function doneOf(host: Host, run: string): Promise<number> {
  return (await host.describe(run)).progress.items.succeeded;
}

async function begun(kit: Kit, host: Host, options: Partial<RunOptions> = {}): Promise<string> {
  const large = await startIn(host, kit, flow, { count: LARGE }, options);
  await until(async () => (await doneOf(host, large)) > 0);
  return large;
}

describe('a run of ten thousand items', () => {
  it('does not hold up one of five: both take turns', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const large = await begun(kit, engine);
    const before = await doneOf(engine, large);
    const small = await finish(engine, await startIn(engine, kit, flow, { count: 5 }));
    const during = (await doneOf(engine, large)) - before;
    assert.deepEqual([small.status, small.output], ['succeeded', 5]);
    // Beginning and ending take the small one some turns of the engine, in each of which the large one goes on.
    assert.ok(during < LARGE / 10, `${during} items of the large run`);
    await engine.stop();
  });

  it('of little priority leaves nearly all to one of more', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const large = await begun(kit, engine, { priority: 1 });
    const before = await doneOf(engine, large);
    const urgent = await finish(engine, await startIn(engine, kit, flow, { count: 1_000 }, { priority: 9 }));
    const during = (await doneOf(engine, large)) - before;
    assert.equal(urgent.output, 1_000);
    assert.ok(during < 500, `${during} items of the large run while the urgent one did 1,000`);
    await engine.stop();
  });
});
