/** Forks and rollbacks of runs that send signals to themselves, wait for answers, undo what they did, and call flows. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { RunSummary } from '@scriptorium/core';
import type { Engine } from '@scriptorium/engine';
import { compileTree, createKit, finish, startTree, until } from './kit.ts';
import type { Kit } from './kit.ts';

const opened = (kit: Kit): void => writeFileSync(`${kit.log}.gate`, '');
const gated = (kit: Kit, text: string): string =>
  `uses: try/write, with: { text: ${text}, log: ${JSON.stringify(kit.log)}, gate: ${JSON.stringify(`${kit.log}.gate`)} }`;

const child = (kit: Kit): string => `
flow: try/child
version: "1.0.0"
steps:
  work: { ${gated(kit, 'x')} }
output: "\${ work.file.bytes }"
`;

async function statusesOf(engine: Engine, parent: string): Promise<readonly RunSummary['status'][]> {
  return (await engine.list({ parent })).map(({ status }) => status).toSorted();
}

describe('a run that sends signals to itself', () => {
  const source = `
flow: try/echoing
version: "1.0.0"
input: { word: { type: string, default: hi } }
steps:
  before: { uses: try/list, with: { count: 1 } }
  say: { needs: [before], uses: core/emit, with: { event: said, data: { word: "\${ input.word }" } } }
  heard: { wait: { event: said } }
output: "\${ heard }"
`;

  it('sends them anew in a fork and after a rollback: nobody else would', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startTree(engine, kit, compileTree(source), { word: 'hi' });
    assert.deepEqual((await finish(engine, run)).output, { word: 'hi' });
    const fork = await engine.fork({ run, step: 'before', input: null, outputs: {}, by: 'test' });
    assert.deepEqual((await finish(engine, fork)).output, { word: 'hi' });
    await engine.rollback({ run, to: 'before', by: 'test' });
    await engine.resume(run, 'test');
    assert.deepEqual((await finish(engine, run)).output, { word: 'hi' });
  });
});

describe('a run that waits for answers', () => {
  const source = `
flow: try/asking
version: "1.0.0"
steps:
  first: { wait: { event: first } }
  second: { needs: [first], wait: { event: second } }
output: "\${ [first, second] }"
`;
  const signal = (name: string, payload: string) => ({ name, payload, id: null, by: 'test' });

  it('keeps in a fork what was answered before it, and waits for the rest on its own', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startTree(engine, kit, compileTree(source));
    await until(async () => (await engine.waits(run)).length > 0);
    await engine.signal(run, signal('first', 'a'));
    await until(async () => (await engine.waits(run))[0]?.step === 'second');
    const fork = await engine.fork({ run, step: 'second', input: null, outputs: {}, by: 'test' });
    await engine.signal(run, signal('second', 'parent'));
    assert.deepEqual((await finish(engine, run)).output, ['a', 'parent']);
    await until(async () => (await engine.waits(fork)).length > 0);
    await engine.signal(fork, signal('second', 'fork'));
    assert.deepEqual((await finish(engine, fork)).output, ['a', 'fork']);
    await engine.rollback({ run, to: 'first', by: 'test' });
    await engine.resume(run, 'test');
    await engine.signal(run, signal('second', 'kept'));
    await engine.signal(run, signal('first', 'b'));
    assert.deepEqual((await finish(engine, run)).output, ['b', 'kept']);
  });
});

describe('a run that was cancelled', () => {
  const source = 'flow: try/waiting\nversion: "1.0.0"\nsteps:\n  wait: { wait: { event: never } }\n';

  it('and is taken back to when that was asked for goes on being cancelled', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startTree(engine, kit, compileTree(source));
    await until(async () => (await engine.waits(run)).length > 0);
    await engine.cancel(run, 'test', 'enough');
    assert.equal((await finish(engine, run)).status, 'cancelled');
    const asked = (await engine.events(run)).find(({ event }) => event.type === 'run.cancelling');
    await engine.rollback({ run, to: asked?.gseq ?? 0, by: 'test' });
    const back = (await engine.events(run)).findLast(({ event }) => event.type === 'run.rolled_back')?.event;
    assert.deepEqual([(await engine.describe(run)).status, back?.type === 'run.rolled_back' && back.cancelling], ['interrupted', true]);
    await engine.resume(run, 'test');
    assert.equal((await finish(engine, run)).status, 'cancelled');
  });
});

describe('a run whose step calls a flow', () => {
  const source = (kit: Kit): string => `
flow: try/whole
version: "1.0.0"
steps:
  list: { uses: try/list, with: { count: 1 } }
  below: { needs: [list], uses: try/child@^1 }
  beside: { needs: [list], ${gated(kit, 'y')} }
output: "\${ below }"
`;

  it('and is forked while that is under way has one of its own, and each ends as it would have', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startTree(engine, kit, compileTree(source(kit), child(kit)));
    await until(() => kit.calls().length === 2);
    const fork = await engine.fork({ run, step: 'beside', input: null, outputs: {}, by: 'test' });
    await until(async () => (await engine.list({ parent: fork })).length === 1);
    opened(kit);
    assert.deepEqual([(await finish(engine, run)).output, (await finish(engine, fork)).output], [1, 1]);
    assert.deepEqual([await statusesOf(engine, run), await statusesOf(engine, fork)], [['succeeded'], ['succeeded']]);
  });

  it('leaves that one when it is forked by itself: its fork works for nobody', async (t) => {
    const kit = createKit(t);
    opened(kit);
    const engine = await kit.open();
    const run = await startTree(engine, kit, compileTree(source(kit), child(kit)));
    await finish(engine, run);
    const [below] = await engine.list({ parent: run });
    const fork = await engine.fork({ run: below?.run ?? '', step: 'work', input: null, outputs: {}, by: 'test' });
    const summary = await finish(engine, fork);
    assert.deepEqual([summary.output, summary.parent, summary.forkedFrom], [1, undefined, below?.run]);
    assert.equal((await engine.list({ parent: run })).length, 1);
  });

  it('and was paused with it is taken back, and calls it anew', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startTree(engine, kit, compileTree(source(kit), child(kit)));
    await until(() => kit.calls().length === 2);
    await engine.pause(run, 'test');
    opened(kit);
    await engine.rollback({ run, to: 'below', by: 'test' });
    await until(async () => (await statusesOf(engine, run))[0] !== 'paused');
    await engine.resume(run, 'test');
    assert.equal((await finish(engine, run)).output, 1);
    const statuses = await statusesOf(engine, run);
    assert.deepEqual([statuses.length, statuses.at(-1)], [2, 'succeeded']);
  });

  it('and is taken back over the end of it has the new one only', async (t) => {
    const kit = createKit(t);
    opened(kit);
    const engine = await kit.open();
    const run = await startTree(engine, kit, compileTree(source(kit), child(kit)));
    assert.equal((await finish(engine, run)).output, 1);
    await engine.rollback({ run, to: 'below', by: 'test' });
    await engine.resume(run, 'test');
    assert.equal((await finish(engine, run)).output, 1);
    assert.deepEqual(await statusesOf(engine, run), ['succeeded', 'succeeded']);
  });
});

describe('a run that is being rolled back', () => {
  const source = (kit: Kit): string => `
flow: try/turning
version: "1.0.0"
steps:
  first: { uses: try/list, with: { count: 1 } }
  held: { needs: [first], ${gated(kit, 'x')} }
output: done
`;

  it('is not resumed, paused, cancelled or rolled back by others until its calls have ended and that is done', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startTree(engine, kit, compileTree(source(kit)));
    await until(() => kit.calls().length === 1);
    await engine.pause(run, 'test');
    const turning = engine.rollback({ run, to: 'held', by: 'test' });
    const refused = { code: 'conflict', message: /being rolled back/ };
    await assert.rejects(engine.resume(run, 'test'), refused);
    await assert.rejects(engine.pause(run, 'test'), refused);
    await assert.rejects(engine.cancel(run, 'test', 'no use'), refused);
    await assert.rejects(engine.rollback({ run, to: 'first', by: 'test' }), refused);
    opened(kit);
    await turning;
    assert.equal((await engine.describe(run)).status, 'interrupted');
    await engine.resume(run, 'test');
    assert.equal((await finish(engine, run)).output, 'done');
  });

  it('is not moved to another definition, also where that was asked for before and waits for its calls', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startTree(engine, kit, compileTree(source(kit)));
    await until(() => kit.calls().length === 1);
    await engine.pause(run, 'test');
    const { flow } = compileTree(source(kit).replace('output: done', 'output: moved'));
    const move = async (): Promise<readonly (readonly string[])[]> =>
      (await engine.migrate({ run, flow, modules: [], dryRun: false, by: 'test' })).map(({ outcome, reasons }) => [outcome, ...reasons]);
    const before = move();
    const turning = engine.rollback({ run, to: 'held', by: 'test' });
    const after = move();
    opened(kit);
    await turning;
    const blocked = [['blocked', 'it is being rolled back']];
    assert.deepEqual([await before, await after], [blocked, blocked]);
    await engine.resume(run, 'test');
    assert.equal((await finish(engine, run)).output, 'done');
  });

  it('is not rolled back while it is about to go on', async (t) => {
    const kit = createKit(t);
    opened(kit);
    const engine = await kit.open();
    const run = await startTree(engine, kit, compileTree(source(kit)));
    await finish(engine, run);
    await engine.rollback({ run, to: 'held', by: 'test' });
    const going = engine.resume(run, 'test');
    await assert.rejects(engine.rollback({ run, to: 'first', by: 'test' }), { code: 'conflict' });
    await going;
    assert.equal((await finish(engine, run)).output, 'done');
  });
});
