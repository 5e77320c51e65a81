import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { HostError, ROOT } from '@scriptorium/core';
import type { RunSummary } from '@scriptorium/core';
import { openJournal } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { compileTree, createKit, finish, startTree, until } from './kit.ts';
import type { Kit } from './kit.ts';

/** A flow of three writes, the second of which waits until the file `gate` exists. */
const child = ({ log, out }: Kit): string => `
flow: try/child
version: "1.2.0"
input: { name: { type: string }, bad: { type: boolean, default: false } }
limits: { writes: { concurrent: 2 } }
define: { write: { uses: try/write, limit: writes, with: { log: ${JSON.stringify(log)} } } }
steps:
  first: { like: write, with: { text: "\${ input.name } one" } }
  judged: { uses: try/fail, with: { bad: "\${ input.bad && first.file.bytes > 0 }" } }
  second: { like: write, needs: [judged], with: { text: two, gate: ${JSON.stringify(join(out, '..', 'gate'))} } }
  third: { like: write, needs: [second], with: { text: three } }
output: { name: "\${ input.name }", bytes: "\${ first.file.bytes }" }
`;

const parent = (steps: string): string => `
flow: try/parent
version: "1.0.0"
input: { names: { type: array, items: { type: string }, default: [a] } }
steps:
${steps.replaceAll(/^/gm, '  ')}
`;

const openGate = (kit: Kit): void => writeFileSync(join(kit.out, '..', 'gate'), '');

async function childrenOf(engine: Engine, run: string): Promise<readonly RunSummary[]> {
  return (await engine.list({ parent: run })).toReversed();
}

/** Starts of the handler per step, over all processes. */
function starts(kit: Kit): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { what, step } of kit.calls()) if (what === 'start') counts[step] = (counts[step] ?? 0) + 1;
  return counts;
}

const secondAtWork = (kit: Kit, count = 1): boolean => (starts(kit)['second'] ?? 0) >= count;

describe('a step that calls a flow', () => {
  it('is a run of its own, with progress and outputs of its own, whose output is the result of the step', async (t) => {
    const kit = createKit(t);
    openGate(kit);
    const engine = await kit.open();
    const tree = compileTree(
      parent('one: { uses: try/child@^1, with: { name: a } }\ntwo: { value: "${ one.name + string(one.bytes) }" }'),
      child(kit),
    );
    const run = await startTree(engine, kit, tree);
    const summary = await finish(engine, run);
    assert.deepEqual([summary.status, summary.output], ['succeeded', { one: { name: 'a', bytes: 5 }, two: 'a5' }]);
    const [only, ...more] = await childrenOf(engine, run);
    assert.deepEqual([more.length, only?.status, only?.flow.version, only?.output], [0, 'succeeded', '1.2.0', { name: 'a', bytes: 5 }]);
    assert.deepEqual(only?.parent, { run, step: 'one', key: null, depth: 1 });
    assert.deepEqual([only?.progress.items.succeeded, summary.progress.items.succeeded], [4, 2]);
    assert.ok(only?.run.startsWith(`${run}.`));
    assert.deepEqual(
      (await engine.list()).map((one) => one.run),
      [run],
    );
    assert.equal((await engine.list({ children: true })).length, 2);
    assert.equal((await engine.describe('latest')).run, run);
    assert.equal((await engine.describe(run.slice(0, -1))).run, run);
    const started = (await engine.events(run)).find(({ event }) => event.type === 'run.started')?.event;
    assert.deepEqual(started?.type === 'run.started' && started.flows, { 'try/child@^1': tree.called['try/child@^1']?.hash });
  });

  it('fails with the code of the run that failed, and where it came from; catch takes it; a retry is a new run', async (t) => {
    const kit = createKit(t);
    openGate(kit);
    const engine = await kit.open();
    const steps = `bad:
  uses: try/child
  with: { name: a, bad: true }
  retry: { max: 1, delay: 1ms, errors: [broken] }
  catch: [{ errors: [broken], value: { code: "\${ error.code }", message: "\${ error.message }" } }]`;
    const run = await startTree(engine, kit, compileTree(parent(steps), child(kit)));
    const summary = await finish(engine, run);
    const runs = await childrenOf(engine, run);
    assert.deepEqual(
      runs.map(({ status, error }) => [status, error?.code]),
      [
        ['failed', 'broken'],
        ['failed', 'broken'],
      ],
    );
    const message = `try/child (run ${runs[1]?.run}): this item is broken`;
    assert.deepEqual([summary.status, summary.output], ['succeeded', { bad: { code: 'broken', message } }]);
  });

  it('works in each item of an each, all through the same pools', async (t) => {
    const kit = createKit(t);
    openGate(kit);
    const engine = await kit.open();
    const steps = `many: { each: { in: "\${ input.names }", as: name, key: "\${ name }", workers: 8 }, uses: try/child, with: { name: "\${ name }" } }
names: { value: "\${ many.ok.map(one, one.name) }" }`;
    const names = Array.from({ length: 24 }, (_, n) => `n${n}`);
    const run = await startTree(engine, kit, compileTree(parent(steps), child(kit)), { names });
    const summary = await finish(engine, run);
    assert.deepEqual([summary.status, (summary.output as { names: unknown }).names], ['succeeded', names]);
    const runs = await engine.list({ parent: run, limit: 100 });
    assert.deepEqual([runs.length, new Set(runs.map(({ parent: of }) => of?.key)).size], [24, 24]);
    let [at, most] = [0, 0];
    for (const { what } of kit.calls().toSorted((a, b) => a.at - b.at)) {
      at += what === 'start' ? 1 : -1;
      most = Math.max(most, at);
    }
    assert.ok(most <= 2, `${most} at once through a pool of 2`);
  });
});

describe('a run below a run', () => {
  const nested = (kit: Kit): readonly string[] => [
    child(kit),
    'flow: try/middle\nversion: "1.0.0"\ninput: { name: { type: string } }\nsteps:\n  before: { value: 1 }\n  low: { uses: try/child, with: { name: "${ input.name }" } }\noutput: ${ low.name }\n',
  ];
  const top = parent('mid: { uses: try/middle, with: { name: x } }\nafter: { value: "${ mid + mid }" }');

  it('goes on where it was after the engine was stopped or drained, three levels deep, and repeats nothing that had completed', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const run = await startTree(first, kit, compileTree(top, ...nested(kit)));
    await until(() => secondAtWork(kit));
    await first.stop();
    const second = await kit.open();
    const [middle] = await childrenOf(second, run);
    const [low] = await childrenOf(second, middle?.run ?? '');
    assert.deepEqual([(await second.describe(run)).status, middle?.status, low?.status], ['interrupted', 'interrupted', 'interrupted']);
    await assert.rejects(second.resume(low?.run ?? '', 'test'), (error: unknown) => {
      assert.ok(error instanceof HostError);
      assert.deepEqual(
        [error.code, error.message.includes(`step low of run ${middle?.run}, which is interrupted`)],
        ['conflict', true],
        error.message,
      );
      assert.match(error.fix ?? '', new RegExp(`resume ${run}`));
      return true;
    });
    await second.resume(run, 'test');
    await until(() => secondAtWork(kit, 2));
    const drained = second.drain();
    openGate(kit);
    await drained;
    const third = await kit.open();
    await third.resume(run, 'test');
    const summary = await finish(third, run);
    assert.deepEqual([summary.status, summary.output], ['succeeded', { mid: 'x', after: 'xx' }]);
    assert.deepEqual([(await childrenOf(third, run)).length, (await childrenOf(third, middle?.run ?? '')).length], [1, 1]);
    assert.deepEqual(starts(kit), { first: 1, second: 2, third: 1 });
    const events = await third.events(run);
    assert.equal(events.filter(({ event }) => event.type === 'attempt.lost').length, 0);
  });

  it('is not run again when the engine ended after it and before its parent heard of it', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const run = await startTree(
      first,
      kit,
      compileTree(parent('low: { uses: try/child, with: { name: x } }\nafter: { value: "${ low.name }" }'), child(kit)),
    );
    await until(() => secondAtWork(kit));
    await first.stop();
    const journal = openJournal(join(kit.home, 'journal.db'));
    const [low] = journal.childRuns(run);
    const seq = (journal.actors(low?.run ?? '')[0]?.seq ?? 0) + 1;
    const event = { type: 'run.settled', status: 'succeeded', output: { v: { name: 'told', bytes: 1 } }, error: null } as const;
    journal.commit({ events: [{ run: low?.run ?? '', actor: ROOT, seq, at: Date.now(), event }] });
    journal.close();
    const engine = await kit.open();
    await engine.resume(run, 'test');
    assert.deepEqual((await finish(engine, run)).output, { low: { name: 'told', bytes: 1 }, after: 'told' });
    assert.deepEqual([starts(kit)['second'], (await childrenOf(engine, run)).length], [1, 1]);
  });

  it('is paused, resumed and cancelled with its parent', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startTree(engine, kit, compileTree(top, ...nested(kit)));
    await until(() => secondAtWork(kit));
    await engine.pause(run, 'test');
    const statuses = async (): Promise<readonly string[]> => (await engine.list({ children: true })).map(({ status }) => status);
    assert.deepEqual(await statuses(), ['paused', 'paused', 'paused']);
    const [middle] = await childrenOf(engine, run);
    await assert.rejects(engine.resume(middle?.run ?? '', 'test'), /works for the step mid of run .*, which is paused/);
    await engine.resume(run, 'test');
    assert.deepEqual(await statuses(), ['running', 'running', 'running']);
    await engine.cancel(run, 'test', 'enough');
    const summary = await finish(engine, run);
    assert.equal(summary.status, 'cancelled');
    assert.deepEqual(await statuses(), ['cancelled', 'cancelled', 'cancelled']);
  });

  it('is cancelled with a parent that is interrupted, or after the time of its step is over', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const run = await startTree(first, kit, compileTree(top, ...nested(kit)));
    await until(() => secondAtWork(kit));
    await first.stop();
    const engine = await kit.open();
    await engine.cancel(run, 'test', 'enough');
    assert.equal((await finish(engine, run)).status, 'cancelled');
    assert.deepEqual(
      (await engine.list({ children: true })).map(({ status }) => status),
      ['cancelled', 'cancelled', 'cancelled'],
    );
    const late = parent('low: { uses: try/child, with: { name: x }, timeout: 50ms, catch: [{ errors: [timeout], value: late }] }');
    const other = await startTree(engine, kit, compileTree(late, child(kit)));
    assert.deepEqual((await finish(engine, other)).output, { low: 'late' });
    assert.deepEqual(
      (await childrenOf(engine, other)).map(({ status }) => status),
      ['cancelled'],
    );
  });

  it('may be cancelled on its own: its step fails with that', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const steps = 'low: { uses: try/child, with: { name: x }, catch: [{ errors: [cancelled], value: given up }] }';
    const run = await startTree(engine, kit, compileTree(parent(steps), child(kit)));
    await until(() => secondAtWork(kit));
    const [low] = await childrenOf(engine, run);
    await engine.cancel(low?.run ?? '', 'test', 'not needed');
    assert.deepEqual((await finish(engine, run)).output, { low: 'given up' });
  });
});

describe('a detached run', () => {
  it('is one for each step and goes on when its parent has ended or was cancelled', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const steps = `left: { each: { in: "\${ input.names }", as: name }, uses: try/child, with: { name: "\${ name }" }, detached: true }
runs: { value: "\${ left.ok.map(one, one.run) }" }`;
    const run = await startTree(engine, kit, compileTree(parent(steps), child(kit)), { names: ['a', 'b'] });
    const summary = await finish(engine, run);
    const left = await childrenOf(engine, run);
    assert.deepEqual([summary.status, (summary.output as { runs: unknown }).runs], ['succeeded', left.map((one) => one.run)]);
    assert.deepEqual(
      left.map(({ parent: of, status }) => [of?.detached, status]),
      [
        [true, 'running'],
        [true, 'running'],
      ],
    );
    assert.equal((await engine.list()).length, 3);
    await until(() => secondAtWork(kit, 2));
    await engine.stop();
    const again = await kit.open();
    openGate(kit);
    for (const { run: one } of left) {
      await again.resume(one, 'test');
      assert.equal((await finish(again, one)).status, 'succeeded');
    }
  });
});

describe('recursion', () => {
  const tower = (bound: string): string => `
flow: try/tower
version: "1.0.0"
input: { n: { type: integer } }
steps:
  below:
    if: \${ ${bound} }
    uses: try/tower
    with: { n: "\${ input.n - 1 }" }
    returns: { type: object, required: [height], properties: { height: { type: integer } } }
    catch: [{ errors: [recursion.exceeded], value: { height: 0 } }]
output: { height: "\${ 1 + (below?.height ?? 0) }" }
`;

  it('goes as deep as its own bound, and never deeper than the engine allows', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const bounded = compileTree(tower('input.n > 1'));
    const low = await finish(engine, await startTree(engine, kit, bounded, { n: 5 }));
    assert.deepEqual([low.status, low.output], ['succeeded', { height: 5 }]);
    const high = await finish(engine, await startTree(engine, kit, compileTree(tower('input.n > -1000')), { n: 1 }));
    assert.deepEqual([high.status, high.output], ['succeeded', { height: 33 }]);
  });
});

describe('a dry run', () => {
  it('plans through the flows that are called outside an each', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const tree = compileTree(parent('one: { uses: try/child, with: { name: a } }\nafter: { value: "${ one.name }" }'), child(kit));
    const steps: string[] = [];
    const { flow, called } = tree;
    const options = { mode: 'flexible', test: false, dryRun: true, limit: null, out: kit.out, fresh: false, modules: [] } as const;
    for await (const { step, action } of engine.plan({ flow, called, input: { names: [] }, options, by: 'test' }))
      steps.push(`${action} ${step}`);
    assert.deepEqual(steps.slice(0, 2), ['run one', 'run one/first']);
    assert.ok(steps.includes('run after'), steps.join());
    assert.equal((await engine.list({ children: true })).length, 0);
  });
});
