/** Runs beside other runs, and runs that are taken back, on a real store. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { defineHandler, foldActor, ROOT } from '@scriptorium/core';
import type { Flow, ForkRequest, Handler, Recorded } from '@scriptorium/core';
import type { Engine } from '@scriptorium/engine';
import { compileFlow } from '@scriptorium/flow';
import { createKit, finish, startIn, until } from './kit.ts';
import type { Kit } from './kit.ts';

/** Calls in order, and whether the steps named may end. */
interface World {
  readonly calls: string[];
  readonly closed: Set<string>;
  readonly failing: Set<string>;
}

/** `do/echo` calls nothing outside, `do/send` does; neither is pure, so only a fork takes their results over. */
function handlersIn(world: World): readonly Handler[] {
  return (['do/echo', 'do/send'] as const).map((name) =>
    defineHandler<{ said: unknown; file?: boolean }>({
      name,
      version: '1.0.0',
      doc: 'Says what it was told.',
      input: { type: 'object', required: ['said'], properties: { said: true, file: { type: 'boolean' } } },
      output: { type: 'object', required: ['said'], properties: { said: true } },
      effects: name === 'do/send' ? 'write' : 'read',
      run: async ({ said, file = false }, { step, outputs, signal }) => {
        const name = step.key === undefined ? step.path : `${step.path} ${step.key}`;
        world.calls.push(name);
        while (world.closed.has(name) && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
        if (world.failing.has(name)) throw new Error('it does not work');
        if (file) await outputs.write(`${step.key ?? 'all'}.txt`, `${JSON.stringify(said)} ${world.calls.length}`);
        return { said: said as never };
      },
    }),
  );
}

const source = `
flow: try/beside
version: "1.0.0"
input: { word: { type: string, default: hello } }
steps:
  plan: { uses: do/echo, with: { said: [1, 2, 3] } }
  tone: { uses: do/echo, with: { said: "\${ input.word }" } }
  all:
    needs: [plan]
    each: { in: "\${ [1, 2, 3] }", as: n, key: "\${ 'k' + string(n) }", workers: 3 }
    steps:
      draft: { uses: do/echo, with: { said: "\${ n }", file: true } }
      polish: { uses: do/echo, with: { said: "\${ { 'n': draft.said, 'tone': tone.said } }", file: true } }
    output: "\${ polish.said }"
  send: { uses: do/send, with: { said: "\${ all.ok.size() }" } }
output: { sent: "\${ send.said }", tone: "\${ tone.said }" }
`;

function begin(context: Parameters<typeof createKit>[0]): { kit: Kit; world: World; flow: Flow; open: () => Promise<Engine> } {
  const kit = createKit(context);
  const world: World = { calls: [], closed: new Set(), failing: new Set() };
  const handlers = handlersIn(world);
  const callables = new Map(handlers.map((handler) => [handler.name, { ...handler, errors: [] }]));
  const { flow, diagnostics } = compileFlow(source, { file: 'beside.yaml', callables });
  if (flow === null) throw new Error(diagnostics.map(({ line, code, message }) => `${line} ${code} ${message}`).join('\n'));
  return { kit, world, flow, open: () => kit.open({ handlers }) };
}

function fork(engine: Engine, run: string, change: Partial<ForkRequest>): Promise<string> {
  return engine.fork({ run, step: null, input: null, outputs: {}, by: 'test', ...change });
}

function bodies(events: readonly Recorded[], actor: string): readonly string[] {
  return events.filter((recorded) => recorded.actor === actor).map(({ seq, at, event }) => JSON.stringify([seq, at, event]));
}

async function allEvents(engine: Engine, run: string): Promise<readonly Recorded[]> {
  return engine.events(run, 0, 100_000);
}

/** Of each actor, the fork's events before its own are the parent's first ones, byte for byte. */
async function assertPrefix(engine: Engine, parent: string, run: string): Promise<void> {
  const [theirs, ours] = [await allEvents(engine, parent), await allEvents(engine, run)];
  const own = ours.findIndex(({ event }) => event.type === 'run.forked');
  const shared = ours.slice(0, own);
  for (const actor of new Set(shared.map((recorded) => recorded.actor))) {
    const prefix = bodies(shared, actor);
    assert.deepEqual(prefix, bodies(theirs, actor).slice(0, prefix.length), actor);
  }
}

describe('a fork', () => {
  it('from a step shares what came before it, runs it again, and takes over what does not depend on it', async (t) => {
    const { kit, world, flow, open } = begin(t);
    const engine = await open();
    const parent = await startIn(engine, kit, flow, { word: 'hello' });
    const first = await finish(engine, parent);
    const before = await allEvents(engine, parent);
    world.calls.length = 0;
    const run = await fork(engine, parent, { step: 'plan' });
    const summary = await finish(engine, run);
    assert.deepEqual(summary.output, first.output);
    assert.deepEqual(world.calls, ['plan']);
    assert.deepEqual([summary.forkedFrom, first.forkedFrom], [parent, undefined]);
    assert.deepEqual(await allEvents(engine, parent), before);
    await assertPrefix(engine, parent, run);
    const reused = (await allEvents(engine, run)).flatMap(({ event }) => (event.type === 'attempt.reused' ? [event.reusedFrom] : []));
    assert.ok(reused.length >= 7 && reused.every((from) => from === parent), String(reused));
    const files = [];
    for await (const { path, reusedFrom } of engine.artifacts(run)) files.push([path, reusedFrom]);
    assert.equal(files.length, 6);
    assert.ok(files.every(([, from]) => from === parent));
    assert.equal((await engine.artifact(join(kit.out, 'draft', parent, 'k1.txt')))?.run, parent);
    assert.equal(
      readFileSync(join(kit.out, 'polish', run, 'k2.txt'), 'utf8'),
      readFileSync(join(kit.out, 'polish', parent, 'k2.txt'), 'utf8'),
    );
  });

  it('with another input runs only what reads it, and what reads that', async (t) => {
    const { kit, world, flow, open } = begin(t);
    const engine = await open();
    const parent = await startIn(engine, kit, flow, { word: 'hello' });
    await finish(engine, parent);
    world.calls.length = 0;
    const summary = await finish(engine, await fork(engine, parent, { input: { word: 'bye' } }));
    assert.deepEqual(summary.output, { sent: 3, tone: 'bye' });
    assert.deepEqual(world.calls.toSorted(), ['all/polish k1', 'all/polish k2', 'all/polish k3', 'tone']);
    assert.deepEqual(summary.input, { word: 'bye' });
    await assert.rejects(fork(engine, parent, { input: { word: 5 } }), { code: 'invalid' });
  });

  it('with another output of a step goes on from that', async (t) => {
    const { kit, world, flow, open } = begin(t);
    const engine = await open();
    const parent = await startIn(engine, kit, flow, { word: 'hello' });
    await finish(engine, parent);
    world.calls.length = 0;
    const summary = await finish(engine, await fork(engine, parent, { outputs: { tone: { said: 'soft' } } }));
    assert.deepEqual(summary.output, { sent: 3, tone: 'soft' });
    assert.deepEqual(
      world.calls.filter((name) => name === 'tone' || name === 'plan' || name.startsWith('all/draft')),
      [],
    );
    await assert.rejects(fork(engine, parent, { outputs: { tone: { no: 1 } } }), { code: 'invalid' });
    await assert.rejects(fork(engine, parent, { outputs: { 'all/draft': { said: 1 } } }), { code: 'invalid' });
  });

  it('of a run that goes on loses what was under way there, and both end', async (t) => {
    const { kit, world, flow, open } = begin(t);
    const engine = await open();
    world.closed.add('all/draft k1').add('all/polish k2');
    const parent = await startIn(engine, kit, flow, { word: 'hello' });
    await until(() => world.calls.includes('all/polish k2'));
    const run = await fork(engine, parent, { step: 'all/polish' });
    world.closed.clear();
    const [theirs, ours] = [await finish(engine, parent), await finish(engine, run)];
    assert.deepEqual([theirs.status, ours.status, ours.output], ['succeeded', 'succeeded', theirs.output]);
    const lost = (await allEvents(engine, run)).flatMap(({ event }) => (event.type === 'attempt.lost' ? [event.reason] : []));
    assert.ok(lost.length > 0 && lost.every((reason) => reason === 'rewound'));
    await assertPrefix(engine, parent, run);
  });

  it('that is interrupted at once goes on in the next engine, and its views are those of a fresh fold', async (t) => {
    const { kit, world, flow, open } = begin(t);
    const engine = await open();
    const parent = await startIn(engine, kit, flow, { word: 'hello' });
    await finish(engine, parent);
    world.closed.add('send');
    const run = await fork(engine, parent, { step: 'send' });
    await engine.stop();
    world.closed.clear();
    const next = await open();
    assert.equal((await next.describe(run)).status, 'interrupted');
    await next.resume(run, 'test');
    const { status, progress } = await finish(next, run);
    assert.deepEqual([status, progress.items.succeeded, progress.items.total], ['succeeded', 3, 3]);
    await next.rollback({ run, to: 'all', by: 'test' });
    assert.ok(existsSync(join(kit.out, 'draft', parent, 'k1.txt')), 'files of the parent stay where they are');
    const files = [];
    for await (const { path, reusedFrom } of next.artifacts(run)) files.push([path, reusedFrom]);
    assert.deepEqual(files, []);
  });
});

describe('a rollback', () => {
  it('of a failed run to before a step gives back the state of then, and the run ends well', async (t) => {
    const { kit, world, flow, open } = begin(t);
    const engine = await open();
    world.failing.add('send');
    const run = await startIn(engine, kit, flow, { word: 'hello' });
    assert.equal((await finish(engine, run)).status, 'failed');
    const before = await allEvents(engine, run);
    const report = await engine.rollback({ run, to: 'all', by: 'test' });
    const after = await allEvents(engine, run);
    assert.deepEqual(after.slice(0, before.length), before);
    assert.deepEqual(
      report.effects.map(({ step }) => step),
      ['send'],
    );
    assert.equal(report.files.length, 6);
    assert.equal(existsSync(join(kit.out, 'draft', run, 'k1.txt')), false);
    assert.ok(existsSync(join(kit.out, report.aside ?? '', 'draft', run, 'k1.txt')));
    const kept = before.filter(({ gseq, actor }) => gseq <= report.event && actor === ROOT);
    const rolled = after.filter(({ actor, seq }) => actor === ROOT && seq <= before.filter((one) => one.actor === ROOT).length + 1);
    const [then, now] = [foldActor(kept), foldActor(rolled)];
    assert.deepEqual([now?.open, now?.counts, now?.status], [then?.open, then?.counts, then?.status]);
    const summary = await engine.describe(run);
    assert.deepEqual([summary.status, summary.endedAt, summary.error, summary.progress.items.total], ['interrupted', null, null, 0]);
    world.failing.clear();
    world.calls.length = 0;
    await engine.resume(run, 'test');
    const done = await finish(engine, run);
    assert.deepEqual([done.status, done.output, done.progress.items.succeeded], ['succeeded', { sent: 3, tone: 'hello' }, 3]);
    assert.ok(!world.calls.includes('plan'));
    assert.ok(existsSync(join(kit.out, 'polish', run, 'k3.txt')));
  });

  it('to an event in the midst of the items keeps those that were done by then', async (t) => {
    const { kit, world, flow, open } = begin(t);
    const engine = await open();
    world.closed.add('all/draft k2').add('all/draft k3');
    const run = await startIn(engine, kit, flow, { word: 'hello' });
    await until(async () => (await allEvents(engine, run)).some(({ event }) => event.type === 'step.settled' && event.node === 'all'));
    const point = (await allEvents(engine, run)).findLast(({ event }) => event.type === 'step.settled' && event.node === 'all')?.gseq ?? 0;
    world.closed.clear();
    await finish(engine, run);
    await engine.rollback({ run, to: point, by: 'test' });
    assert.equal((await engine.describe(run)).progress.items.succeeded, 1);
    world.calls.length = 0;
    await engine.resume(run, 'test');
    assert.equal((await finish(engine, run)).status, 'succeeded');
    assert.ok(!world.calls.some((name) => name.endsWith('k1')), String(world.calls));
    const items = [];
    for await (const item of engine.results(run, 'all')) items.push(item.status);
    assert.deepEqual(items, ['succeeded', 'succeeded', 'succeeded']);
  });

  it('after a rollback, and its tables made anew, means the same', async (t) => {
    const { kit, world, flow, open } = begin(t);
    const engine = await open();
    const run = await startIn(engine, kit, flow, { word: 'hello' });
    await finish(engine, run);
    await engine.rollback({ run, to: 'send', by: 'test' });
    const again = await engine.rollback({ run, to: 'all', by: 'test' });
    await assert.rejects(engine.rollback({ run, to: again.event + 2, by: 'test' }), { code: 'not_found' });
    world.calls.length = 0;
    const described = await engine.describe(run);
    await engine.stop();
    const store = new DatabaseSync(join(kit.home, 'journal.db'));
    store.exec(`UPDATE meta SET value = 0 WHERE key = 'views'`);
    store.close();
    const next = await open();
    assert.deepEqual(await next.describe(run), described);
    await next.resume(run, 'test');
    assert.equal((await finish(next, run)).status, 'succeeded');
    assert.deepEqual(
      (await next.checkpoints(run)).map(({ step, what }) => `${step} ${what}`).filter((line) => line.startsWith('send')),
      ['send attempt.succeeded'],
    );
  });

  it('is refused while the run goes on, and where there is nothing to take back', async (t) => {
    const { kit, world, flow, open } = begin(t);
    const engine = await open();
    world.closed.add('plan');
    const run = await startIn(engine, kit, flow, { word: 'hello' });
    await until(() => world.calls.includes('plan'));
    await assert.rejects(engine.rollback({ run, to: 'plan', by: 'test' }), { code: 'conflict' });
    await engine.pause(run, 'test');
    world.closed.clear();
    await assert.rejects(engine.rollback({ run, to: 'send', by: 'test' }), { code: 'not_found' });
    await engine.rollback({ run, to: 'plan', by: 'test' });
    await engine.resume(run, 'test');
    assert.equal((await finish(engine, run)).status, 'succeeded');
  });
});
