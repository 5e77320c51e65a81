/** Runs below runs after the engine ended: those that are left to themselves, and those whose parent cannot go on. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { RunStatus } from '@scriptorium/core';
import type { Engine } from '@scriptorium/engine';
import { compileTree, createKit, finish, startTree, until } from './kit.ts';
import type { Kit, Tree } from './kit.ts';
import { handlers } from './handlers.ts';

const child = (kit: Kit): string => `
flow: try/child
version: "1.0.0"
steps:
  work: { uses: try/write, with: { text: x, log: ${JSON.stringify(kit.log)}, gate: ${JSON.stringify(`${kit.log}.gate`)} } }
`;

const opened = (kit: Kit): void => writeFileSync(`${kit.log}.gate`, '');

function tree(kit: Kit, steps: string): Tree {
  return compileTree(`{ flow: try/top, version: "1.0.0", limits: { one: { concurrent: 1 } }, steps: { ${steps} } }`, child(kit));
}

async function statuses(engine: Engine): Promise<readonly RunStatus[]> {
  return (await engine.list({ children: true })).map(({ status }) => status).toReversed();
}

/** A run of those steps, `calls` of which are at work when the engine is gone. */
async function killedAt(kit: Kit, steps: string, calls: number): Promise<string> {
  const engine = await kit.open();
  const run = await startTree(engine, kit, tree(kit, steps));
  await until(() => kit.calls().length >= calls);
  await engine.abandon();
  return run;
}

describe('a run that was left to itself', () => {
  it('goes on together with the one that left it, when both were interrupted', async (t) => {
    const kit = createKit(t);
    const run = await killedAt(kit, 'left: { uses: try/child, detached: true }, stay: { uses: try/child, needs: [left] }', 2);
    const engine = await kit.open();
    assert.deepEqual(await statuses(engine), ['interrupted', 'interrupted', 'interrupted']);
    await engine.resume(run, 'test');
    assert.deepEqual(await statuses(engine), ['running', 'running', 'running']);
    opened(kit);
    assert.equal((await finish(engine, run)).status, 'succeeded');
    for (const { run: one } of await engine.list({ parent: run })) assert.equal((await finish(engine, one)).status, 'succeeded');
  });

  it('stays held where somebody held it', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const run = await startTree(
      first,
      kit,
      tree(kit, 'left: { uses: try/child, detached: true }, ask: { needs: [left], wait: { event: go } }'),
    );
    await until(() => kit.calls().length > 0);
    const [left] = await first.list({ parent: run });
    await first.pause(run, 'test');
    await first.resume(run, 'test');
    await first.pause(left?.run ?? '', 'test');
    assert.deepEqual(await statuses(first), ['running', 'paused']);
    await first.resume(run, 'test');
    assert.deepEqual(await statuses(first), ['running', 'paused']);
  });

  it('goes on by itself after its parent has ended', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const run = await startTree(first, kit, tree(kit, 'left: { uses: try/child, detached: true }'));
    assert.equal((await finish(first, run)).status, 'succeeded');
    await until(() => kit.calls().length > 0);
    await first.abandon();
    const engine = await kit.open();
    const [left] = await engine.list({ parent: run });
    opened(kit);
    await engine.resume(left?.run ?? '', 'test');
    assert.equal((await finish(engine, left?.run ?? '')).status, 'succeeded');
  });
});

const without = handlers.filter(({ name }) => name !== 'try/write');

describe('a run whose code is gone', () => {
  const steps = 'low: { uses: try/child, catch: [{ errors: [cancelled], value: given up }] }, end: { value: "${ low }" }';

  it('is cancelled with the runs below it', async (t) => {
    const kit = createKit(t);
    const run = await killedAt(kit, steps, 1);
    const engine = await kit.open({ handlers: without });
    await assert.rejects(engine.resume(run, 'test'), /is parked/);
    await engine.cancel(run, 'test', 'no use');
    assert.deepEqual(await statuses(engine), ['cancelled', 'cancelled']);
  });

  it('and that works for another one may be cancelled: the step that waits for it fails with that', async (t) => {
    const kit = createKit(t);
    const run = await killedAt(kit, steps, 1);
    const engine = await kit.open({ handlers: handlers.map((one) => ({ ...one, version: '2.0.0' })) });
    await assert.rejects(engine.resume(run, 'test'), /run .*\..* is parked/);
    assert.deepEqual(await statuses(engine), ['running', 'parked']);
    const [low] = await engine.list({ parent: run });
    await engine.cancel(low?.run ?? '', 'test', 'no use');
    assert.deepEqual((await finish(engine, run)).output, { low: 'given up', end: 'given up' });
  });
});

describe('a step that waits for a run in a pool', () => {
  it('takes its place again when its run goes on, so that no other step has it', async (t) => {
    const kit = createKit(t);
    const one = 'uses: try/child, limit: one';
    const run = await killedAt(kit, `a: { ${one} }, b: { ${one}, needs: [] }`, 1);
    const engine = await kit.open();
    await engine.resume(run, 'test');
    await until(() => kit.calls().length > 1);
    const pool = (await engine.limits()).find((status) => status.pool === 'one');
    assert.deepEqual([pool?.used, (await engine.list({ parent: run })).length], [1, 1]);
    opened(kit);
    assert.equal((await finish(engine, run)).status, 'succeeded');
    assert.equal((await engine.list({ parent: run })).length, 2);
  });
});
