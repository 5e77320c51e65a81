/** Runs that meet another definition of their flow, or other code, on a real store. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import type { Flow, Handler, MigrationReport, RunSummary } from '@scriptorium/core';
import type { Engine } from '@scriptorium/engine';
import { compile, createKit, finish, startIn, until } from './kit.ts';
import type { Kit } from './kit.ts';
import { handlers } from './handlers.ts';

const flowOf = (kit: Kit, version: string, more: { migrate?: string; end?: string; retry?: string } = {}): Flow =>
  compile(`
flow: try/letters
version: "${version}"
${more.migrate ?? ''}
steps:
  list: { uses: try/list, with: { count: 2 } }
  files:
    each: { in: "\${ list }", as: file, key: "\${ file.id }", workers: 2 }
    steps:
      write: { uses: try/write, with: { text: "\${ file.id }", log: ${JSON.stringify(kit.log)}, gate: ${JSON.stringify(`${kit.log}.gate`)} }${more.retry ?? ''} }
    output: "\${ write.file.path }"
  ${more.end ?? 'end'}: { value: "\${ files.ok.size() }" }
output: "\${ ${more.end ?? 'end'} }"
`);

/** So many runs whose items are all being written, in an engine that is then killed. */
async function interrupted(kit: Kit, count: number): Promise<readonly string[]> {
  const engine = await kit.open();
  const runs: string[] = [];
  for (let index = 0; index < count; index += 1) runs.push(await startIn(engine, kit, flowOf(kit, '1.0.0'), {}, { fresh: true }));
  await until(() => kit.calls().length >= count * 2);
  await engine.stop();
  return runs;
}

function migrate(engine: Engine, flow: Flow, dryRun = false): Promise<readonly MigrationReport[]> {
  return engine.migrate({ flow, modules: [], dryRun, by: 'test' });
}

const renaming = 'migrate: [{ from: ^1.0.0, map: { end: fin } }]';

describe('a hundred interrupted runs', () => {
  it('are planned, moved with a report, and found unaffected the next time', async (t) => {
    const kit = createKit(t);
    const runs = await interrupted(kit, 100);
    const engine = await kit.open();
    const newer = flowOf(kit, '2.0.0', { migrate: renaming, end: 'fin', retry: ', retry: { max: 1 }' });
    const planned = await migrate(engine, newer, true);
    assert.deepEqual(
      planned.map(({ run, outcome, adopted }) => [run, outcome, adopted]),
      runs.map((run) => [run, 'migratable', ['files/write']]),
    );
    assert.equal((await engine.describe(runs[0] ?? '')).flow.version, '1.0.0');
    const moved = await migrate(engine, newer);
    assert.ok(moved.every(({ outcome, version }) => outcome === 'migrated' && version === '1.0.0'));
    assert.ok((await migrate(engine, newer)).every(({ outcome }) => outcome === 'unaffected'));
    writeFileSync(`${kit.log}.gate`, '');
    const [first = ''] = runs;
    const summary = await engine.describe(first);
    assert.deepEqual([summary.status, summary.flow.version, summary.flow.hash], ['interrupted', '2.0.0', newer.hash]);
    await engine.resume(first, 'test');
    assert.deepEqual((await finish(engine, first)).output, 2);
  });

  it('of which some were moved when the engine was killed are moved as a whole by the next one', async (t) => {
    const kit = createKit(t);
    const runs = await interrupted(kit, 10);
    const newer = flowOf(kit, '2.0.0', { migrate: renaming, end: 'fin' });
    const engine = await kit.open();
    await migrate(engine, newer, true);
    await engine.migrate({ flow: newer, modules: [], run: runs[3] ?? '', dryRun: false, by: 'test' });
    await engine.abandon();
    const outcomes = (await migrate(await kit.open(), newer)).map(({ outcome }) => outcome);
    assert.deepEqual([outcomes.filter((one) => one === 'migrated').length, outcomes[3]], [9, 'unaffected']);
  });
});

describe('a run', () => {
  it('that is paused lets what runs end, is moved with its items, and goes on with the new definition', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, flowOf(kit, '1.0.0'));
    await until(() => kit.calls().length >= 2);
    const newer = flowOf(kit, '2.0.0', { migrate: renaming, end: 'fin' });
    const [running] = await migrate(engine, newer);
    assert.deepEqual([running?.outcome, running?.reasons], ['blocked', ['it is running: pause it first']]);
    await engine.pause(run, 'test');
    writeFileSync(`${kit.log}.gate`, '');
    const [moved] = await migrate(engine, newer);
    assert.equal(moved?.outcome, 'migrated');
    assert.equal((await engine.describe(run)).status, 'paused');
    await engine.resume(run, 'test');
    const summary = await finish(engine, run);
    assert.deepEqual([summary.status, summary.output, summary.progress.items.succeeded], ['succeeded', 2, 2]);
    assert.equal(kit.calls().filter(({ what }) => what === 'start').length, 2);
    const hashes = (await engine.events(run)).flatMap(({ event }) =>
      event.type === 'run.migrated' ? [event.before, event.flow.hash] : [],
    );
    assert.deepEqual(hashes, [flowOf(kit, '1.0.0').hash, newer.hash]);
    const report = JSON.parse(readFileSync(join(kit.out, 'logs', run, 'report.json'), 'utf8')) as { summary: { succeeded: number } };
    assert.equal(report.summary.succeeded, 2);
  });

  it('whose definition no `migrate` covers stays with it', async (t) => {
    const kit = createKit(t);
    await interrupted(kit, 1);
    const engine = await kit.open();
    const [report] = await migrate(engine, flowOf(kit, '2.0.0', { migrate: 'migrate: [{ from: ^1.4.0, map: { end: fin } }]', end: 'fin' }));
    assert.equal(report?.outcome, 'pinned');
    assert.match(report?.reasons[0] ?? '', /covers 1\.0\.0/);
  });
});

const gateless = (kit: Kit): void => writeFileSync(`${kit.log}.gate`, '');

function withVersion(name: string, version: string): readonly Handler[] {
  return handlers.map((handler) => (handler.name === name ? { ...handler, version } : handler));
}

async function parkedBy(engine: Engine, run: string): Promise<RunSummary> {
  await assert.rejects(engine.resume(run, 'test'), { code: 'conflict', message: /is parked/ });
  return engine.describe(run);
}

describe('a run whose code', () => {
  it('is gone is parked with what is missing, not failed, and goes on when it is back', async (t) => {
    const kit = createKit(t);
    const [run = ''] = await interrupted(kit, 1);
    gateless(kit);
    const without = await kit.open({ handlers: handlers.filter(({ name }) => name !== 'try/write') });
    assert.equal((await parkedBy(without, run)).status, 'parked');
    await parkedBy(without, run);
    const parked = (await without.events(run)).filter(({ event }) => event.type === 'run.parked');
    assert.deepEqual(
      parked.map(({ event }) => event.type === 'run.parked' && event.reason),
      ['it calls try/write, which no loaded module has'],
    );
    assert.deepEqual(
      (await without.list({ status: 'parked' })).map((one) => one.run),
      [run],
    );
    await without.stop();
    const back = await kit.open();
    assert.equal((await back.describe(run)).status, 'parked');
    await back.resume(run, 'test');
    assert.equal((await finish(back, run)).status, 'succeeded');
  });

  it('is of another major version is parked, and of a smaller difference goes on and says so', async (t) => {
    const kit = createKit(t);
    const [run = ''] = await interrupted(kit, 1);
    gateless(kit);
    const other = await kit.open({ handlers: withVersion('try/write', '2.0.0') });
    assert.equal((await parkedBy(other, run)).status, 'parked');
    await other.stop();
    const newer = await kit.open({ handlers: withVersion('try/write', '1.1.0') });
    await newer.resume(run, 'test');
    assert.equal((await finish(newer, run)).status, 'succeeded');
    const changed = (await newer.events(run)).flatMap(({ event }) => (event.type === 'run.code_changed' ? event.changed : []));
    assert.deepEqual(changed, [{ handler: 'try/write', before: '1.0.0', after: '1.1.0' }]);
  });

  it('has no definition any more is listed as parked, and can be cancelled', async (t) => {
    const kit = createKit(t, { faults: ['definition_missing'] });
    const [run = ''] = await interrupted(kit, 1);
    const store = new DatabaseSync(join(kit.home, 'journal.db'));
    store.exec('DELETE FROM flows');
    store.close();
    const engine = await kit.open();
    assert.equal((await parkedBy(engine, run)).status, 'parked');
    assert.equal((await engine.list())[0]?.status, 'parked');
    await engine.cancel(run, 'test', 'no use');
    assert.equal((await engine.describe(run)).status, 'cancelled');
  });

  it('has no definition any more when the engine is killed is parked by the next one', async (t) => {
    const kit = createKit(t, { faults: ['definition_missing'] });
    const engine = await kit.open();
    const run = await startIn(engine, kit, flowOf(kit, '1.0.0'));
    await until(() => kit.calls().length >= 2);
    await engine.abandon();
    const store = new DatabaseSync(join(kit.home, 'journal.db'));
    store.exec('DELETE FROM flows');
    store.close();
    const next = await kit.open();
    const { status } = await next.describe(run);
    const types = (await next.events(run)).slice(-2).map(({ event }) => event.type);
    assert.deepEqual([status, types], ['parked', ['run.interrupted', 'run.parked']]);
    const [report] = await migrate(next, flowOf(kit, '2.0.0', { migrate: renaming, end: 'fin' }));
    assert.deepEqual([report?.outcome, /not in the store/.test(report?.reasons[0] ?? '')], ['blocked', true]);
  });

  it('is of another major version is moved to a definition that is made for it', async (t) => {
    const kit = createKit(t);
    const [run = ''] = await interrupted(kit, 1);
    gateless(kit);
    const engine = await kit.open({ handlers: withVersion('try/write', '2.0.0') });
    assert.equal((await parkedBy(engine, run)).status, 'parked');
    const [report] = await migrate(engine, flowOf(kit, '2.0.0', { migrate: renaming, end: 'fin' }));
    assert.deepEqual([report?.outcome, (await engine.describe(run)).status], ['migrated', 'parked']);
    await engine.resume(run, 'test');
    assert.equal((await finish(engine, run)).output, 2);
  });
});
