/** Versions as users meet them: definitions compared, runs moved, parked, forked and taken back. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createCommandLine, wordsFlow } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

/** The flow of the tests in a directory of its own, with changes, beside handlers that may be others. */
function place(cli: CommandLine, file: string, ...changes: readonly (readonly [was: string, is: string])[]): void {
  let text = readFileSync(wordsFlow, 'utf8');
  for (const [was, is] of changes) {
    assert.ok(text.includes(was), `the flow has no ${was}`);
    text = text.replaceAll(was, is);
  }
  writeFileSync(join(cli.directory, file), text);
  placeHandlers(cli, 'handler');
}

function placeHandlers({ directory }: CommandLine, each: string): void {
  const url = new URL('flows/handlers.ts', import.meta.url).href;
  writeFileSync(
    join(directory, 'handlers.mjs'),
    `import { handlers as all } from ${JSON.stringify(url)};\nexport const handlers = all.map((handler) => ${each});\n`,
  );
}

async function interruptedRun(cli: CommandLine): Promise<void> {
  cli.hold(6);
  const running = cli.start('run', 'v1.flow.yaml', '12', '--out', 'out', '--progress', 'plain');
  await running.shows(/ 6\/12/);
  running.child.kill('SIGINT');
  await running.shows(/Draining/);
  cli.release();
  assert.equal((await running.done).code, 130);
}

const renamed = [
  ['version: "1.0.0"', 'version: "2.0.0"\nmigrate: [{ from: ^1.0.0, map: { words/shout: words/cry } }]'],
  ['      shout: {', '      cry: {'],
  ['${ shout.', '${ cry.'],
] as const;

describe('a new version of a flow', () => {
  it('is compared, planned for a run that is interrupted, and taken by it', async (t) => {
    const cli = createCommandLine(t);
    place(cli, 'v1.flow.yaml');
    place(cli, 'low.flow.yaml', ['limit: disk, with', 'limit: disk, timeout: 1m, with']);
    place(cli, 'v2.flow.yaml', ...renamed);
    const low = await cli.call('diff', 'v1.flow.yaml', 'low.flow.yaml');
    assert.deepEqual(
      [low.code, /patch +words\/write +timeout/.test(low.out), /at least 1\.0\.1, not 1\.0\.0/.test(low.out)],
      [2, true, true],
      low.out,
    );
    await interruptedRun(cli);
    const compared = await cli.call('diff', 'latest', 'v2.flow.yaml', '--json');
    const { bump, problems } = JSON.parse(compared.out) as { bump: string; problems: readonly string[] };
    assert.deepEqual([compared.code, bump, problems], [0, 'major', []]);
    const planned = await cli.call('migrate', 'v2.flow.yaml', '--dry-run');
    assert.equal(planned.code, 0, planned.err);
    assert.match(planned.out, /migratable +.*words\/shout → words\/cry[\s\S]*Nothing was changed/);
    const moved = await cli.call('migrate', 'v2.flow.yaml', '--json');
    assert.equal((JSON.parse(moved.out) as { runs: readonly { outcome: string }[] }).runs[0]?.outcome, 'migrated');
    assert.match((await cli.call('migrate', 'v2.flow.yaml')).out, /unaffected/);
    const resumed = await cli.call('resume', 'latest');
    assert.deepEqual(
      [resumed.code, /cry +12\/12/.test(resumed.out), /shout/.test(resumed.out)],
      [0, true, false],
      resumed.err + resumed.out,
    );
    const report = JSON.parse((await cli.call('report', 'latest', '--json')).out) as {
      flow: { version: string };
      summary: { total: number; interrupted: number; failed: number; stages: { [stage: string]: { succeeded: number } } };
    };
    const { total, interrupted, failed, stages } = report.summary;
    assert.deepEqual([report.flow.version, total, interrupted, failed, stages['words/cry']?.succeeded], ['2.0.0', 12, 0, 0, 12]);
    assert.equal((await cli.call('why', 'latest', 'cry')).code, 0);
  });
});

describe('a run whose handlers are of another version', () => {
  it('is parked, says so wherever it is seen, and goes on when they are back', async (t) => {
    const cli = createCommandLine(t);
    place(cli, 'v1.flow.yaml');
    await interruptedRun(cli);
    placeHandlers(cli, `handler.name === 'words/shout' ? { ...handler, version: '9.0.0' } : handler`);
    // A process keeps the code that it has loaded: other handlers need another process.
    const refused = await cli.start('resume', 'latest').done;
    assert.equal(refused.code, 6);
    assert.match(
      refused.err,
      /parked: it began with words\/shout 1\.\d+\.\d+, and words\/shout is of version 9\.0\.0 now[\s\S]*Put version/,
    );
    assert.match((await cli.call('list', '--status', 'parked')).out, /parked/);
    assert.match((await cli.call('status')).out, /parked[\s\S]*why \S+/);
    assert.match((await cli.call('why', 'latest')).out, /The run is parked: it began with words\/shout/);
    placeHandlers(cli, 'handler');
    assert.equal((await cli.call('resume', 'latest')).code, 0);
  });
});

describe('a run that has ended', () => {
  it('is forked with another input, and compared with its fork', async (t) => {
    const cli = createCommandLine(t);
    assert.equal((await cli.call('run', wordsFlow, '3', '1', '--out', 'out')).code, 0);
    const { run: parent } = JSON.parse((await cli.call('status', '--json')).out) as { run: string };
    const forked = await cli.call('fork', parent, '--set', 'input.count=4');
    assert.deepEqual([forked.code, /beside /.test(forked.err)], [0, true], forked.err);
    const status = JSON.parse((await cli.call('status', '--json')).out) as {
      run: string;
      progress: { items: { total: number; reused: number } };
    };
    assert.deepEqual([status.progress.items.total, status.progress.items.reused], [4, 3]);
    assert.match((await cli.call('status')).out, new RegExp(`a fork of run ${parent}\\n`));
    assert.match((await cli.call('list')).out, new RegExp(`${status.run} .* fork of ${parent}\\n`));
    const compared = JSON.parse((await cli.call('diff', parent, status.run, '--json')).out) as {
      input: readonly unknown[];
      items: { changed: readonly { key: string }[] };
    };
    assert.deepEqual([compared.input, compared.items.changed.length], [[{ path: 'input.count', a: 3, b: 4 }], 1]);
    const again = await cli.call('fork', parent, '--from', 'words');
    assert.equal(again.code, 0, again.err);
    const wrong = await cli.call('fork', parent, '--set', 'names=[');
    assert.deepEqual([wrong.code, /neither input/.test(wrong.err)], [2, true]);
    assert.equal((await cli.call('fork', parent, '--from', 'nowhere')).code, 5);
  });

  it('is taken back to before a step, and runs on from there', async (t) => {
    const cli = createCommandLine(t);
    assert.equal((await cli.call('run', wordsFlow, '3', '1', '--out', 'out')).code, 0);
    const points = await cli.call('checkpoints', 'latest');
    assert.match(points.out, /\d+ +.* names +attempt\.succeeded/);
    const back = await cli.call('rollback', 'latest', '--to', 'words');
    assert.deepEqual([back.code, /6 files .*_set_aside/.test(back.out), /resume/.test(back.out)], [0, true, true], back.out + back.err);
    assert.match((await cli.call('why', 'latest')).out, /rolled back to event \d+/);
    assert.equal((await cli.call('resume', 'latest')).code, 0);
    const { status, run } = JSON.parse((await cli.call('status', '--json')).out) as { status: string; run: string };
    assert.equal(status, 'succeeded');
    assert.ok(existsSync(join(cli.directory, 'out', 'logs', run, 'report.json')));
    assert.equal((await cli.call('rollback', 'latest', '--to', '999999')).code, 5);
  });
});
