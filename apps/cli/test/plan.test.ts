import assert from 'node:assert/strict';
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { RunPlan } from '@scriptorium/advisor';
import { createCommandLine, wordsFlow } from './command-line.ts';

const configured = ({ options }: RunPlan): RunPlan['options'][number] =>
  options.find(({ is }) => is === 'configured') ?? assert.fail('no option');

describe('plan', () => {
  it('given no history, then wide ranges by the default model and no trace; after runs, narrower ones that rest on them', async (t) => {
    const { call, directory } = createCommandLine(t);
    mkdirSync(join(directory, 'empty'));
    const words = [wordsFlow, '12', '5', '--set', 'folder=empty', '--out', 'out', '--fresh'];
    const plan = async (): Promise<RunPlan> => {
      const { code, out, err } = await call('plan', ...words, '--json');
      assert.equal(code, 0, err);
      return JSON.parse(out) as RunPlan;
    };

    const cold = await plan();
    assert.deepEqual([cold.version, cold.basis.type, cold.items], [1, 'cold start: default model', 12]);
    assert.deepEqual(readdirSync(directory), ['empty']);

    const runs = [];
    for (let run = 0; run < 3; run += 1) {
      const { code, out, err } = await call('run', ...words, '--json', '--no-progress');
      assert.equal(code, 0, err);
      runs.unshift((JSON.parse(out) as { readonly run: string }).run);
    }
    const warm = await plan();
    assert.deepEqual(warm.basis, { type: 'history', runs });
    const span = (made: RunPlan): number => configured(made).ms.high / configured(made).ms.low;
    assert.ok(span(warm) < span(cold), `${span(warm)} and ${span(cold)}`);
    assert.deepEqual(
      warm.steps.map(({ step, run, calls, measured }) => [step, run, calls.expected, measured]),
      [
        ['names', 1, 1, 3],
        ['words/write', 12, 12, 36],
        ['words/shout', 12, 12, 36],
      ],
    );
    // `word n` in small and in large letters.
    assert.equal(Math.round(warm.storage?.expected ?? 0), 2 * (10 * 7 + 2 * 8));
    assert.ok(warm.recommendations.every(({ command }) => command.startsWith('run ') || command.startsWith('limits ')));
  });

  it('given what can be reused, then it says so, and the options have the command to type', async (t) => {
    const { call, directory } = createCommandLine(t);
    mkdirSync(join(directory, 'empty'));
    const words = [wordsFlow, '20', '--set', 'folder=empty', '--workers', '3', '--out', 'out'];
    assert.equal((await call('run', ...words, '--no-progress')).code, 0);
    const { code, out, err } = await call('plan', ...words);
    assert.equal(code, 0, err);
    assert.match(out, /words\/write +0 +20 +0 +0 +0 .*same input and words\/write@1\.0\.0/);
    assert.match(out, /^3 \(configured\) /m);
    const options = (JSON.parse((await call('plan', ...words, '--fresh', '--json')).out) as RunPlan).options;
    const commandOf = (workers: number): string | null | undefined => options.find((option) => option.workers === workers)?.command;
    assert.match(commandOf(3) ?? '', / 20 --set folder=empty --workers 3 --out out --fresh$/);
    assert.match(commandOf(6) ?? '', / 20 --set folder=empty --set workers=6 --out out --fresh$/);
  });

  it('given a disk that is short of the estimated storage, then it refuses with 4', async (t) => {
    const { call, directory } = createCommandLine(t);
    const { bavail, bsize } = statfsSync(directory);
    mkdirSync(join(directory, 'large'));
    const file = openSync(join(directory, 'large', 'hole'), 'w');
    try {
      ftruncateSync(file, bavail * bsize);
    } catch {
      return t.skip('this disk knows no files with holes');
    } finally {
      closeSync(file);
    }
    const { code, err } = await call('plan', wordsFlow, '2', '--set', 'folder=large', '--out', 'out');
    assert.equal(code, 4, err);
    assert.match(err, /the disk of .*out has .* free, and the run is estimated to write/);
    assert.ok(!existsSync(join(directory, '.scriptorium')));
  });
});
