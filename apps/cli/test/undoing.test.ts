import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createCommandLine } from './command-line.ts';

const flow = fileURLToPath(new URL('flows/saga/places.flow.yaml', import.meta.url));

interface Report {
  readonly status: string;
  readonly compensations: { readonly undone: number };
}

it('a run that is killed while it undoes goes on undoing when it is resumed, in reverse order and nothing twice', async (t) => {
  const cli = createCommandLine(t);
  const folder = join(cli.directory, 'places');
  mkdirSync(folder);
  const left = (): readonly string[] =>
    existsSync(join(folder, 'left')) ? readFileSync(join(folder, 'left'), 'utf8').split('\n').filter(Boolean) : [];

  writeFileSync(join(folder, 'hold-d'), '');
  const running = cli.start('run', flow, '--set', `folder=${folder}`, '--out', 'out');
  while (left().length < 2) await sleep(5);
  running.child.kill('SIGKILL');
  await running.done;
  assert.deepEqual(left(), ['whole', 'd']);
  rmSync(join(folder, 'hold-d'));
  const why = await cli.call('why', 'latest');
  assert.match(why.out, /interrupted/);

  const resumed = await cli.call('resume', 'latest');
  assert.notEqual(resumed.code, 0);
  assert.deepEqual(left(), ['whole', 'd', 'c', 'b', 'a']);
  assert.deepEqual(readdirSync(folder), ['left']);
  assert.match((await cli.call('status', 'latest')).out, /no_use/);
  const logs = await cli.call('logs', 'latest');
  assert.match(logs.out, /no_use: it was of no use.*; undoing what had been done/);
  assert.match(logs.out, /undoing places \[d\]/);
  const [run = ''] = readdirSync(join(cli.directory, 'out', 'logs'));
  const report = JSON.parse(readFileSync(join(cli.directory, 'out', 'logs', run, 'report.json'), 'utf8')) as Report;
  assert.deepEqual([report.status, report.compensations.undone], ['failed', 5]);
  assert.match((await cli.call('why', 'latest', 'whole')).out, /undone afterwards/);
  assert.match((await cli.call('graph', 'latest')).out, /undone by/);
});
