import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createVirtualClock } from '@scriptorium/testing/virtual-clock';
import { compile, createKit, finish, play, startIn, until } from './kit.ts';
import type { Kit } from './kit.ts';

const pipeline = (log: string, ms = 0, more = ''): string => `
flow: try/pipeline
version: "1.0.0"
input: { count: { type: integer, default: 5 }, workers: { type: integer, default: 4 } }
limits: { slow: { concurrent: 2 } }
steps:
  list: { uses: try/list, with: { count: "\${ input.count }" } }
  files:
    each: { in: "\${ list }", as: file, key: "\${ file.id }", workers: "\${ input.workers }" }
    steps:
      write: { uses: try/write, limit: slow, with: { text: "text \${ file.n }", log: ${JSON.stringify(log)}, ms: ${ms} } }
      upper: { uses: try/upper, with: { file: "\${ write.file }", log: ${JSON.stringify(log)} } }
    output: { file: "\${ upper.file }" }
output: { done: "\${ files.ok.size() }", paths: "\${ files.ok.map(f, f.file.path) }" }
${more}`;

const withDefaults = (_kit: Kit, count: number, workers = 4): { count: number; workers: number } => ({ count, workers });

/** How many calls of a step overlapped at most, when one of those that started then did. */
function overlap(kit: Kit, step: string, from = 0): number {
  let now = 0;
  let most = 0;
  for (const call of kit.calls().filter((one) => one.step === step)) {
    now += call.what === 'start' ? 1 : -1;
    if (call.what === 'start' && call.at >= from) most = Math.max(most, now);
  }
  return most;
}

describe('a run on the embedded engine', () => {
  it('places artifacts by stage and batch, records their lineage, and leaves report, trace and log', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, compile(pipeline(kit.log)), withDefaults(kit, 5));
    const summary = await finish(engine, run);
    assert.equal(summary.status, 'succeeded');
    assert.deepEqual(summary.output, { done: 5, paths: [0, 1, 2, 3, 4].map((n) => `upper/${run}/i${n}.txt`) });
    assert.equal(readFileSync(join(kit.out, 'upper', run, 'i3.txt'), 'utf8'), 'TEXT 3');
    const info = await engine.artifact(join(kit.out, 'upper', run, 'i3.txt'));
    const source = await engine.artifact(join(kit.out, 'write', run, 'i3.txt'));
    assert.deepEqual([info?.key, info?.handler, info?.from], ['i3', 'try/upper@1.0.0', [source?.hash]]);
    assert.deepEqual(readdirSync(join(kit.out, 'logs', run)).toSorted(), ['report.json', 'report.schema.json', 'run.log', 'trace.csv']);
    const report = JSON.parse(readFileSync(join(kit.out, 'logs', run, 'report.json'), 'utf8')) as {
      summary: { total: number; succeeded: number };
    };
    assert.deepEqual([report.summary.total, report.summary.succeeded], [5, 5]);
  });

  it('writes below the test root only, when it is a test', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, compile(pipeline(kit.log)), withDefaults(kit, 2), { test: true });
    await finish(engine, run);
    assert.equal(existsSync(kit.out), false);
    assert.equal(readFileSync(join(`${kit.out}_test`, 'upper', run, 'i1.txt'), 'utf8'), 'TEXT 1');
    assert.ok(existsSync(join(`${kit.out}_test`, 'logs', run, 'report.json')));
  });

  it('takes over what an earlier run did on the same input, files and all, unless told not to', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const flow = compile(pipeline(kit.log));
    await finish(engine, await startIn(engine, kit, flow, withDefaults(kit, 5), { limit: 2 }));
    const full = await startIn(engine, kit, flow, withDefaults(kit, 5));
    const summary = await finish(engine, full);
    assert.equal(summary.progress.items.succeeded, 5);
    assert.deepEqual(
      kit
        .calls()
        .filter(({ what, step }) => what === 'start' && step === 'files/write')
        .map(({ key }) => key)
        .toSorted(),
      ['i0', 'i1', 'i2', 'i3', 'i4'],
    );
    assert.equal(readFileSync(join(kit.out, 'upper', full, 'i0.txt'), 'utf8'), 'TEXT 0');
    assert.deepEqual((summary.output as { paths: string[] }).paths[0], `upper/${full}/i0.txt`);
    await finish(engine, await startIn(engine, kit, flow, withDefaults(kit, 5), { fresh: true }));
    assert.equal(kit.calls().filter(({ what, step }) => what === 'start' && step === 'files/write').length, 10);
  });

  it('does again what was changed behind its back', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const flow = compile(pipeline(kit.log));
    const first = await startIn(engine, kit, flow, withDefaults(kit, 2));
    await finish(engine, first);
    rmSync(join(kit.out, 'upper', first, 'i1.txt'));
    await finish(engine, await startIn(engine, kit, flow, withDefaults(kit, 2)));
    const again = kit
      .calls()
      .filter(({ what, step }) => what === 'start' && step === 'files/upper')
      .map(({ key }) => key);
    assert.deepEqual(again.toSorted(), ['i0', 'i1', 'i1']);
  });

  it('lists in a dry run what would run and why, and calls and writes nothing', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const flow = compile(pipeline(kit.log));
    await finish(engine, await startIn(engine, kit, flow, withDefaults(kit, 3), { limit: 1 }));
    const calls = kit.calls().length;
    const before = (await engine.list()).length;
    const steps = [];
    const options = { mode: 'flexible', test: false, dryRun: true, limit: null, out: kit.out, fresh: false, modules: [] } as const;
    for await (const step of engine.plan({ flow, input: withDefaults(kit, 3), options, by: 'test' })) steps.push(step);
    assert.deepEqual(
      steps
        .filter(({ key }) => key !== null)
        .map(({ key, step, action }) => `${key} ${step} ${action}`)
        .toSorted(),
      [
        'i0 files/upper reuse',
        'i0 files/write reuse',
        'i1 files/upper run',
        'i1 files/write run',
        'i2 files/upper run',
        'i2 files/write run',
      ],
    );
    assert.match(steps.find(({ key, step }) => key === 'i1' && step === 'files/upper')?.reason ?? '', /after files\/write/);
    assert.equal(kit.calls().length, calls);
    assert.equal((await engine.list()).length, before);
  });
});

describe('pools', () => {
  it('are shared by all runs, change while they work, and the change is a fact with its author', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const flow = compile(pipeline(kit.log, 30));
    const runs = [
      await startIn(engine, kit, flow, withDefaults(kit, 20, 20)),
      await startIn(engine, kit, flow, withDefaults(kit, 20, 20), { fresh: true }),
    ];
    await until(() => kit.calls().length >= 12);
    assert.equal(overlap(kit, 'files/write'), 2);
    const change = await engine.setLimit('slow', { concurrent: 6 }, 'cli:me');
    assert.deepEqual(change, { pool: 'slow', from: { concurrent: 2 }, to: { concurrent: 6 } });
    await Promise.all(runs.map((run) => finish(engine, run)));
    assert.equal(overlap(kit, 'files/write'), 6);
    assert.deepEqual(
      (await engine.limits()).map(({ pool, limit, used }) => ({ pool, limit, used })),
      [{ pool: 'slow', limit: { concurrent: 6 }, used: 0 }],
    );
    await engine.drain();
    const reopened = await kit.open();
    assert.deepEqual((await reopened.limits())[0]?.limit, { concurrent: 6 });
  });

  it('that are lowered drain', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, compile(pipeline(kit.log, 40)), withDefaults(kit, 16, 16));
    await until(() => kit.calls().length >= 4);
    await engine.setLimit('slow', { concurrent: 1 }, 'cli:me');
    const from = performance.timeOrigin + performance.now();
    await finish(engine, run);
    assert.equal(overlap(kit, 'files/write', from), 1);
    assert.equal((await engine.describe(run)).progress.items.succeeded, 16);
  });
});

describe('a live run', () => {
  it('starts nothing while it is paused, and goes on when it is resumed', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, compile(pipeline(kit.log, 10)), withDefaults(kit, 30));
    await until(() => kit.calls().length >= 8);
    await engine.pause(run, 'test');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const events = await engine.events(run, 0, 10_000);
    const paused = events.findIndex(({ event }) => event.type === 'run.paused');
    assert.deepEqual(
      events.slice(paused).filter(({ event }) => event.type === 'attempt.started'),
      [],
    );
    assert.equal((await engine.describe(run)).status, 'paused');
    await engine.resume(run, 'test');
    assert.equal((await finish(engine, run)).progress.items.succeeded, 30);
  });

  it('that is cancelled ends with every item accounted for', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, compile(pipeline(kit.log, 10)), withDefaults(kit, 30));
    await until(() => kit.calls().length >= 8);
    await engine.cancel(run, 'test', 'enough');
    const { status, progress } = await finish(engine, run);
    const { succeeded, cancelled, running, waiting } = progress.items;
    assert.equal(status, 'cancelled');
    assert.deepEqual([succeeded + cancelled, running, waiting], [30, 0, 0]);
    await assert.rejects(engine.cancel(run, 'test', 'again'), { code: 'conflict' });
  });

  it('that had ended before its report was written gets it from the next engine', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const run = await startIn(first, kit, compile(pipeline(kit.log)), withDefaults(kit, 2));
    await finish(first, run);
    await first.drain();
    rmSync(join(kit.out, 'logs', run, 'report.json'));
    await kit.open();
    const report = JSON.parse(readFileSync(join(kit.out, 'logs', run, 'report.json'), 'utf8')) as { status: string };
    assert.equal(report.status, 'succeeded');
  });

  it('that is interrupted with more events than are reported at the end gets its report from the next engine', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const run = await startIn(first, kit, compile(pipeline(kit.log, 10)), withDefaults(kit, 30));
    const path = join(kit.out, 'logs', run, 'report.json');
    await until(() => kit.calls().length >= 4);
    await first.drain();
    const early = JSON.parse(readFileSync(path, 'utf8')) as { summary: { succeeded: number } };
    const second = await kit.open({ reportedAtEnd: 10 });
    await second.resume(run, 'test');
    await until(() => kit.calls().length >= 40);
    await second.stop();
    assert.equal(existsSync(path), false, 'what the earlier report says is no longer so');
    const third = await kit.open();
    const late = JSON.parse(readFileSync(path, 'utf8')) as { interrupted: boolean; summary: { succeeded: number } };
    assert.deepEqual([late.interrupted, late.summary.succeeded > early.summary.succeeded], [true, true]);
    await third.drain();
  });

  it('that is drained goes on in the next engine without repeating anything', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const run = await startIn(first, kit, compile(pipeline(kit.log, 10)), withDefaults(kit, 30));
    await until(() => kit.calls().length >= 12);
    await first.drain();
    const second = await kit.open();
    const interrupted = await second.describe(run);
    assert.equal(interrupted.status, 'interrupted');
    assert.ok(interrupted.progress.items.succeeded > 0 && interrupted.progress.items.succeeded < 30);
    await second.resume(run, 'test');
    const done = await finish(second, run);
    assert.equal(done.progress.items.succeeded, 30);
    const starts = kit
      .calls()
      .filter(({ what }) => what === 'start')
      .map(({ step, key }) => `${step} ${key}`);
    assert.equal(starts.length, 60);
    assert.equal(new Set(starts).size, 60);
  });
});

describe('trouble', () => {
  const faulty = (tolerate: string): string => `
flow: try/faulty
version: "1.0.0"
steps:
  list: { uses: try/list, with: { count: 10 } }
  items:
    each: { in: "\${ list }", as: file, key: "\${ file.id }", tolerate: ${JSON.stringify(tolerate)} }
    uses: try/fail
    with: { bad: "\${ file.n % 5 == 2 }" }
output: { ok: "\${ items.ok.size() }", failed: "\${ items.failed.map(f, f.key) }" }
`;

  it('is tolerated as mode and step say', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const outcome = async (tolerate: string, mode: 'strict' | 'flexible' | 'best_effort'): Promise<unknown> => {
      const { status, output, error } = await finish(engine, await startIn(engine, kit, compile(faulty(tolerate)), {}, { mode }));
      return status === 'succeeded' ? output : [status, error?.code];
    };
    assert.deepEqual(await outcome('20%', 'flexible'), { ok: 8, failed: ['i2', 'i7'] });
    assert.deepEqual(await outcome('10%', 'flexible'), ['failed', 'each.failed']);
    assert.deepEqual(await outcome('20%', 'strict'), ['failed', 'each.failed']);
    assert.deepEqual(await outcome('0%', 'best_effort'), { ok: 8, failed: ['i2', 'i7'] });
  });

  it('that ends the worker is tried again and then set aside; others go on', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const flow = compile(`
flow: try/dying
version: "1.0.0"
steps:
  die: { uses: try/die, with: { n: 1 }, catch: [ { errors: [quarantined], value: "set aside" } ] }
output: \${ die }
`);
    const run = await startIn(engine, kit, flow);
    const { status, output } = await finish(engine, run);
    assert.deepEqual([status, output], ['succeeded', 'set aside']);
    const lost = (await engine.events(run)).filter(({ event }) => event.type === 'attempt.lost');
    assert.equal(lost.length, 4);
  });

  it('with time: a scope that takes too long is cancelled and fails, one that is done in time leaves no deadline behind', async (t) => {
    const kit = createKit(t);
    const clock = createVirtualClock(1_000_000);
    const engine = await kit.open({ world: { clock } });
    const flow = compile(`
flow: try/late
version: "1.0.0"
steps:
  list: { uses: try/list, with: { count: 4 } }
  items:
    each: { in: "\${ list }", as: file, key: "\${ file.id }", tolerate: 1 }
    timeout: 400ms
    steps:
      write: { uses: try/write, with: { text: x, log: ${JSON.stringify(kit.log)}, gate: "\${ file.n == 2 ? '${kit.log}.gate' : '${kit.log}' }" } }
output: \${ items.failed.map(f, f.key + " " + f.error.code) }
`);
    const run = await startIn(engine, kit, flow);
    await until(async () => (await engine.describe(run)).progress.items.succeeded === 3);
    await until(() => kit.calls().length === 7);
    clock.moveTo(clock.now() + 400);
    await play(engine, clock);
    const { status, output } = await engine.describe(run);
    assert.deepEqual([status, output], ['succeeded', ['i2 timeout']]);
    const events = await engine.events(run);
    assert.equal(events.filter(({ event }) => event.type === 'step.timed_out').length, 1);
    assert.equal(events.filter(({ event }) => event.type === 'attempt.lost' && event.reason === 'cancelled').length, 1);
  });

  it('with a prerequisite: the run is refused before it exists', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const flow = compile(`
flow: try/needy
version: "1.0.0"
input: { file: { type: string } }
steps:
  need: { uses: try/require, with: { file: "\${ input.file }" } }
  list: { uses: try/list, needs: [need], with: { count: 3 } }
output: \${ list.size() }
`);
    await assert.rejects(startIn(engine, kit, flow, { file: join(kit.home, 'none') }), {
      code: 'fatal',
      message: /need: .*none does not exist/,
      fix: 'Make it.',
    });
    assert.deepEqual(await engine.list(), []);
    assert.equal(existsSync(kit.out), false);
    const { status } = await finish(engine, await startIn(engine, kit, flow, { file: join(kit.home, 'journal.db') }));
    assert.equal(status, 'succeeded');
  });

  it('with names: two items that write the same file do not overwrite each other unseen', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const flow = compile(`
flow: try/clash
version: "1.0.0"
steps:
  list: { uses: try/list, with: { count: 3 } }
  items:
    each: { in: "\${ list }", as: file, key: "\${ file.id }", workers: 1 }
    uses: try/same
    with: { text: "\${ file.id }" }
output: \${ items.ok.size() }
`);
    const { status, error } = await finish(engine, await startIn(engine, kit, flow));
    assert.deepEqual([status, error?.code], ['failed', 'each.failed']);
    assert.match(error?.message ?? '', /contract\.output: items\/\S+\/same\.txt was written by items \[i0\] of this run already/);
  });

  it('with the store: a second engine on it is refused', async (t) => {
    const kit = createKit(t);
    await kit.open();
    await assert.rejects(kit.open(), { code: 'unavailable' });
  });

  it('with the request: what cannot run does not start', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const flow = compile(pipeline(kit.log));
    await assert.rejects(startIn(engine, kit, flow, { count: 'many' }), { code: 'invalid' });
    await assert.rejects(engine.describe('nothing'), { code: 'not_found' });
    assert.deepEqual(await engine.list(), []);
  });
});
