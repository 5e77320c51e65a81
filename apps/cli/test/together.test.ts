import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createCommandLine, wordsFlow } from './command-line.ts';

interface Pool {
  readonly pool: string;
  readonly limit: { readonly concurrent: number };
}

describe('several terminals on one store', () => {
  it('a run can be seen, tuned, paused and resumed from another terminal while it goes on', async (t) => {
    const cli = createCommandLine(t);
    cli.hold(4);
    const running = cli.start('run', wordsFlow, '40', '--set', 'workers=40', '--out', 'out', '--progress', 'plain', '--json');
    await running.shows(/ 4\/40/);
    const status = await cli.call('status', '--json');
    const { run } = JSON.parse(status.out) as { run: string };
    assert.equal((JSON.parse(status.out) as { status: string }).status, 'running');
    assert.equal((await cli.call('limits', 'set', 'disk', '--concurrent', '2')).out, 'disk: 4 at once → 2 at once\n');
    await running.shows(/Pool disk: 4 at once → 2 at once\n/);
    assert.equal((JSON.parse((await cli.call('limits', '--json')).out) as Pool[])[0]?.limit.concurrent, 2);
    assert.match((await cli.call('pause', 'latest')).out, new RegExp(`Run ${run} is paused`));
    await running.shows(/\] paused /);
    assert.equal((JSON.parse((await cli.call('status', run, '--json')).out) as { status: string }).status, 'paused');
    assert.match((await cli.call('resume', run)).out, /goes on in the engine's process/);
    await running.shows(/Paused: [\s\S]*Resumed\./);
    cli.release();
    const { code, out } = await running.done;
    const result = JSON.parse(out) as { progress: { items: { succeeded: number } }; places: { log: string } };
    assert.deepEqual([code, result.progress.items.succeeded], [0, 40]);
    const log = readFileSync(result.places.log, 'utf8');
    for (const line of [/run paused by cli:/, /run resumed by cli:/, /disk changed .*4.*2/]) assert.match(log, line);
  });

  it('watch follows a run of another process; Ctrl-C ends the watching only', async (t) => {
    const cli = createCommandLine(t);
    cli.hold(3);
    const running = cli.start('run', wordsFlow, '--out', 'out', '--progress', 'plain');
    await running.shows(/ 3\/10/);
    const watching = cli.start('watch', '--progress', 'plain');
    await watching.shows(/running .*\/10/);
    watching.child.kill('SIGINT');
    const left = await watching.done;
    assert.deepEqual([left.code, /goes on in another process/.test(left.err)], [0, true]);
    const staying = cli.start('watch', '--progress', 'plain');
    await staying.shows(/running .*\/10/);
    cli.release();
    const stayed = await staying.done;
    assert.match(stayed.out, /✔ words\/batch 1\.0\.0 succeeded/);
    assert.deepEqual([stayed.code, (await running.done).code], [0, 0]);
  });

  it('cancel ends a run of another process, which ends with 1', async (t) => {
    const cli = createCommandLine(t);
    cli.hold(3);
    const running = cli.start('run', wordsFlow, '--out', 'out', '--progress', 'plain');
    await running.shows(/ 3\/10/);
    assert.match((await cli.call('cancel', 'latest', '--reason', 'enough')).out, /is cancelled; what was completed stays/);
    const { code, out } = await running.done;
    assert.equal(code, 1);
    assert.match(out, /✗ words\/batch 1\.0\.0 cancelled/);
    assert.match((await cli.call('pause', 'latest')).err, /has ended: cancelled/);
  });

  it('when the process of the engine ends, another one that asked for a run goes on with it', async (t) => {
    const cli = createCommandLine(t);
    cli.hold(3);
    const first = cli.start('run', wordsFlow, '--out', 'first', '--progress', 'plain');
    await first.shows(/ 3\/10/);
    const second = cli.start('run', wordsFlow, '40', '90', '--out', 'second', '--progress', 'plain', '--json');
    await second.shows(/ running .*\/40/);
    cli.release();
    assert.equal((await first.done).code, 0);
    const { code, out, err } = await second.done;
    assert.equal(code, 0, err);
    assert.equal((JSON.parse(out) as { progress: { items: { succeeded: number } } }).progress.items.succeeded, 40);
  });
});
