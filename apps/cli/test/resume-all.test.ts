/** All that was interrupted goes on with one command, and what cannot is told. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createCommandLine, wordsFlow } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

interface Outcome {
  readonly resumed: readonly { readonly run: string; readonly status: string }[];
  readonly left: readonly { readonly run: string; readonly reason: string; readonly fix?: string }[];
}

/** A run of a flow with handlers of its own, which take a while to be loaded, drained in the midst of it. */
async function interruptedRun(cli: CommandLine, name: string, loadMs: number): Promise<string> {
  mkdirSync(join(cli.directory, name));
  const flow = readFileSync(wordsFlow, 'utf8').replace('flow: words/batch', `flow: words/${name}`);
  writeFileSync(join(cli.directory, name, 'words.flow.yaml'), flow);
  const url = new URL('flows/handlers.ts', import.meta.url).href;
  writeFileSync(
    join(cli.directory, name, 'handlers.mjs'),
    `export { handlers } from ${JSON.stringify(url)};
await new Promise((resolve) => setTimeout(resolve, ${loadMs}));
`,
  );
  cli.hold(6);
  const running = cli.start('run', join(name, 'words.flow.yaml'), '12', '--fresh', '--out', 'out', '--progress', 'plain');
  await running.shows(/ 6\/12/);
  running.child.kill('SIGINT');
  await running.shows(/Draining/);
  cli.release();
  assert.equal((await running.done).code, 130);
  return (JSON.parse((await cli.call('status', 'latest', '--json')).out) as { run: string }).run;
}

describe('resume --all', () => {
  it('goes on with what it can, the oldest first, lists the others with the reason, and takes them up when they can go on', async (t) => {
    const cli = createCommandLine(t);
    const first = await interruptedRun(cli, 'first', 0);
    const second = await interruptedRun(cli, 'second', 500);
    const third = await interruptedRun(cli, 'third', 0);
    const module = join(cli.directory, 'first', 'handlers.mjs');
    renameSync(module, `${module}.away`);
    const narrow = await cli.call('resume', '--all', '--flow', 'words/first');
    assert.deepEqual([narrow.code, new RegExp(`^1 run cannot go on:\n  ${first}  .*cannot be loaded`).test(narrow.out)], [6, true]);
    const some = await cli.call('resume', '--all', '--json');
    const { resumed, left } = JSON.parse(some.out) as Outcome;
    assert.equal(some.code, 6, some.err);
    assert.deepEqual(
      resumed,
      [second, third].map((run) => ({ run, status: 'succeeded' })),
    );
    assert.deepEqual(
      left.map(({ run, fix }) => [run, fix]),
      [[first, 'Put the module back, then resume the run.']],
    );
    renameSync(`${module}.away`, module);
    const rest = await cli.call('resume', '--all');
    assert.deepEqual([rest.code, rest.out], [0, '1 run resumed: 1 succeeded.\n']);
    assert.deepEqual(await cli.call('resume', '--all').then(({ code, out }) => [code, out]), [0, 'No run is interrupted.\n']);
  });

  it('is not said together with a run, and one of both is said', async (t) => {
    const cli = createCommandLine(t);
    for (const words of [[], ['latest', '--all'], ['latest', '--flow', 'words/batch']])
      assert.equal((await cli.call('resume', ...words)).code, 2);
  });
});
