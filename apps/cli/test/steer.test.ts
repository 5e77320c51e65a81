import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { createCommandLine, wordsFlow } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

interface Status {
  readonly run: string;
  readonly status: string;
  readonly places: { readonly trace: string };
  readonly progress: {
    readonly items: { readonly total: number; readonly succeeded: number; readonly failed: number; readonly reused: number };
    readonly stages: readonly { readonly id: string; readonly reused: number }[];
  };
}

async function statusOf({ call }: CommandLine, run = 'latest'): Promise<Status> {
  return JSON.parse((await call('status', run, '--json')).out) as Status;
}

describe('a run that is interrupted', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`${signal}: drains, says how to resume, ends with 130; resuming runs no completed step again`, async (t) => {
      const cli = createCommandLine(t);
      cli.hold(4);
      const running = cli.start('run', wordsFlow, '40', '--out', 'out', '--progress', 'plain');
      await running.shows(/ 4\/40/);
      running.child.kill(signal);
      await running.shows(/Draining/);
      cli.release();
      const { code, out, err } = await running.done;
      assert.equal(code, 130, err);
      assert.match(err, /Draining: .* Resume with: \S*scriptorium resume/);
      assert.match(out, /‖ words\/batch 1\.0\.0 interrupted[\s\S]*scriptorium resume \S+ {2}go on where it stopped/);
      const { run, status, progress, places } = await statusOf(cli);
      assert.deepEqual([status, progress.items.total], ['interrupted', 40]);
      assert.ok(existsSync(join(cli.directory, 'out', 'logs', run, 'report.json')), 'the report is written when a run is interrupted');
      const resumed = await cli.call('resume', run.slice(0, 17));
      assert.equal(resumed.code, 0, resumed.err);
      const attempts = readFileSync(places.trace, 'utf8')
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((line) => line.split(','));
      const succeeded = attempts.filter((fields) => fields[8] === 'succeeded').map((fields) => `${fields[1]} ${fields[3]}`);
      assert.equal(succeeded.length, new Set(succeeded).size);
      assert.equal(succeeded.length, 81);
    });
  }

  it('SIGINT twice: aborts what runs, without waiting for it', { timeout: 60_000 }, async (t) => {
    const cli = createCommandLine(t);
    const running = cli.start('run', wordsFlow, '3', '600000', '--out', 'out', '--progress', 'plain');
    await running.shows(/running.*3 running/);
    running.child.kill('SIGINT');
    await running.shows(/Draining/);
    running.child.kill('SIGINT');
    const { code, err } = await running.done;
    assert.deepEqual([code, /Stopping at once/.test(err)], [130, true]);
    const { status, places } = await statusOf(cli);
    assert.equal(status, 'interrupted');
    assert.equal(readFileSync(places.trace, 'utf8').match(/,lost,stopped,/g)?.length, 3);
  });

  it('SIGKILL: the next command finds it interrupted, with a report', async (t) => {
    const cli = createCommandLine(t);
    cli.hold(3);
    const running = cli.start('run', wordsFlow, '30', '--out', 'out', '--progress', 'plain');
    await running.shows(/ 3\/30/);
    running.child.kill('SIGKILL');
    await running.done;
    cli.release();
    const { status, run } = await statusOf(cli);
    assert.equal(status, 'interrupted');
    assert.ok(existsSync(join(cli.directory, 'out', 'logs', run, 'report.json')));
    assert.equal((await cli.call('resume', 'latest')).code, 0);
    const log = await cli.call('logs', run);
    assert.match(log.out, /run interrupted: the engine ended without warning/);
    assert.match(log.out, /attempt 2, because the engine ended during the one before/);
  });
});

describe('after a run', () => {
  it('retry --failed: works on what failed, reuses the rest, and says so when there is nothing', async (t) => {
    const cli = createCommandLine(t);
    assert.equal((await cli.call('run', wordsFlow, '--set', 'failing=[2]', '--out', 'out')).code, 3);
    const failed = await statusOf(cli);
    const again = await cli.call('retry', failed.run, '--failed', '--json');
    assert.equal(again.code, 3, again.err);
    assert.equal((JSON.parse(again.out) as Status).progress.items.reused, 9);
    assert.equal((await cli.call('run', wordsFlow, '--out', 'out')).code, 0);
    const nothing = await cli.call('retry', 'latest', '--failed');
    assert.deepEqual([nothing.code, nothing.err], [0, `Nothing to retry: every item of run ${(await statusOf(cli)).run} succeeded.\n`]);
  });

  it('trace, report, logs, list: tell where files came from and what happened', async (t) => {
    const cli = createCommandLine(t);
    await cli.call('run', wordsFlow, '2', '--set', 'failing=[1]', '--out', 'out');
    const { run } = await statusOf(cli);
    const trace = await cli.call('trace', join('out', 'shout', run, 'w000.txt'));
    assert.match(
      trace.out,
      new RegExp(`w000\\.txt\\n +shout of w000 by words/shout@1\\.0\\.0 · run ${run}[\\s\\S]*← .*write.*w000\\.txt\\n +write of w000`),
    );
    const report = await cli.call('report', '--json');
    assert.equal((JSON.parse(report.out) as { summary: { total: number } }).summary.total, 2);
    const errors = await cli.call('logs', '--errors');
    assert.match(errors.out, /ERROR words\/write \[w001\]: failed: bad_number: the number 1 is bad → Take another number\./);
    assert.ok(!errors.out.includes('run started'));
    assert.equal((await cli.call('logs', '-n', '1')).out.split('\n').length, 2);
    const list = await cli.call('list', '--json');
    assert.deepEqual(
      (JSON.parse(list.out) as Status[]).map((one) => one.run),
      [run],
    );
    assert.match((await cli.call('list')).out, new RegExp(`${run} +words/batch 1\\.0\\.0 +succeeded +flexible +100 % +2/2 +1 `));
  });
});

describe('definitions and surroundings', () => {
  it('check and graph', async (t) => {
    const { call } = createCommandLine(t);
    assert.match((await call('check', wordsFlow)).out, /words\/batch 1\.0\.0 is fine: 0 errors/);
    assert.match((await call('graph', wordsFlow)).out, /^flowchart TD\n/);
  });

  it('doctor: says what is there and never shows a key', async (t) => {
    const { call } = createCommandLine(t, { OPENAI_API_KEY: 'sk-secret-value' });
    const { code, out } = await call('doctor');
    assert.equal(code, 0, out);
    assert.match(out, /OPENAI_API_KEY is set/);
    assert.ok(!out.includes('sk-secret-value'));
  });

  it('doctor: reads the whole store, and says where it is damaged', async (t) => {
    const { call, directory } = createCommandLine(t);
    await call('run', wordsFlow, '2', '--out', 'out', '--no-progress');
    assert.match((await call('doctor')).out, /✔ store +whole: \S+ with \d+ events/);
    const db = new DatabaseSync(join(directory, '.scriptorium', 'journal.db'));
    db.exec(`UPDATE events SET body = replace(body, 'w001', 'w00x') WHERE body LIKE '%w001%'`);
    db.close();
    const { code, out } = await call('doctor');
    assert.equal(code, 4);
    assert.match(out, /✗ store +(event \d+|one of the events \d+ to \d+) .* is not what was written\n +fix: Put a backup in its place/);
  });

  it('--help: names the commands and the exit codes', async (t) => {
    const { call } = createCommandLine(t);
    const { code, out } = await call('--help');
    assert.equal(code, 0);
    for (const word of [
      'run',
      'status',
      'watch',
      'list',
      'pause',
      'resume',
      'cancel',
      'limits',
      'logs',
      'report',
      'trace',
      'retry',
      'check',
      'graph',
      'doctor',
      'demo',
      'books',
      'Exit codes',
    ])
      assert.match(out, new RegExp(`\\b${word}\\b`));
  });
});
