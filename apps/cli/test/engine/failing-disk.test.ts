import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { HostError } from '@scriptorium/core';
import { JournalError, openEngine, openJournal } from '@scriptorium/engine';
import type { Journal } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { compile, createKit, finish, startIn } from './kit.ts';

const source = `
flow: try/quiet
version: "1.0.0"
steps:
  list: { uses: try/list, with: { count: 2 } }
  wait: { needs: [list], wait: { event: go }, timeout: 1m }
output: "\${ list.size() }"
`;

describe('a disk that fails', () => {
  it('given that logs cannot be written, then runs go on without them, and have them when somebody asks later', async (t) => {
    const kit = createKit(t);
    const logs = join(kit.out, 'logs');
    mkdirSync(kit.out, { recursive: true });
    writeFileSync(logs, 'a file where the logs should be');
    const first = await kit.open();
    const run = await startIn(first, kit, compile(source), {}, { report: true });
    await first.signal(run, { name: 'go', payload: null, id: null, by: 'test' });
    const { status, output } = await finish(first, run);
    assert.deepEqual([status, output], ['succeeded', 2]);
    rmSync(logs);
    await first.report(run);
    assert.ok(existsSync(join(logs, run, 'report.json')));
  });

  it('given that leftovers of a killed engine cannot be removed, then the run is not resumed, with the reason', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const run = await startIn(first, kit, compile(source));
    await first.abandon();
    const failing = (): Promise<never> =>
      Promise.reject(Object.assign(new Error('EIO: i/o error, unlink'), { code: 'EIO', syscall: 'unlink' }));
    const outputs = { link: failing, move: failing, removeLeftovers: failing };
    const second = await kit.open({ world: { outputs } });
    await assert.rejects(second.resume(run, 'test'), (error) => {
      assert.ok(error instanceof HostError);
      assert.deepEqual(
        [error.code, /EIO/.test(error.message), error.fix],
        ['unavailable', true, 'Check the disk of the outputs and its free space, then resume the run.'],
      );
      return true;
    });
    assert.equal((await second.describe(run)).status, 'interrupted');
    await second.stop();
    const third = await kit.open();
    await third.resume(run, 'test');
    await third.signal(run, { name: 'go', payload: null, id: null, by: 'test' });
    assert.equal((await finish(third, run)).status, 'succeeded');
    assert.ok(existsSync(dirname(kit.out)));
  });

  it('given that two ask for it at once, then a run is resumed once', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const run = await startIn(first, kit, compile(source));
    await first.abandon();
    const second = await kit.open();
    await Promise.all([second.resume(run, 'one'), second.resume(run, 'two')]);
    await second.signal(run, { name: 'go', payload: null, id: null, by: 'test' });
    assert.equal((await finish(second, run)).status, 'succeeded');
    const resumed = (await second.events(run)).filter(({ event }) => event.type === 'run.resumed');
    assert.equal(resumed.length, 1);
  });

  it('given that the store fails while it is opened, then that is what everybody is told', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    await startIn(first, kit, compile(source));
    await first.abandon();
    const failure = new JournalError('halted', 'the disk failed', 'Check the disk.');
    const openFailing = (path: string): Journal => {
      const journal = openJournal(path);
      let commits = 0;
      const commit: Journal['commit'] = (batch) => {
        if ((commits += 1) > 1) throw failure;
        return journal.commit(batch);
      };
      return { ...journal, commit };
    };
    const told: unknown[] = [];
    const options = { home: kit.home, modules: [], contracts: createContracts(), env: {} };
    await assert.rejects(
      openEngine({ ...options, world: { openJournal: openFailing }, onHalt: (error) => told.push(error) }),
      (error) => error === failure,
    );
    assert.deepEqual(told, [failure]);
  });

  it('given that the store fails for what no run has recorded yet, as for a definition, then the engine ends as for any other', async (t) => {
    const kit = createKit(t);
    const failure = new JournalError('halted', 'the disk failed', 'Check the disk.');
    const told: unknown[] = [];
    const openFailing = (path: string): Journal => {
      const journal = openJournal(path);
      const commit: Journal['commit'] = (batch) => {
        if ((batch.flows ?? []).length > 0) throw failure;
        return journal.commit(batch);
      };
      return { ...journal, commit };
    };
    const engine = await kit.open({ world: { openJournal: openFailing }, onHalt: (error) => told.push(error) });
    await assert.rejects(startIn(engine, kit, compile(source)), (error) => error === failure);
    assert.deepEqual(told, [failure]);
    await engine.abandon();
  });
});
