/** Every template makes a project that is checked, run and tested as `new` says, in a folder that knows nothing of this checkout. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createCommandLine } from './command-line.ts';
import type { CommandLine, Outcome } from './command-line.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const directory = new URL('../../../templates/', import.meta.url);
const names = readdirSync(directory).toSorted();
/** The others are agents alone, and tried in `agents/patterns.test.ts`. */
const own = names.filter((name) => !name.startsWith('agents-'));

/** Another value for each parameter, so that every place of it is set. */
const chosen: { readonly [template: string]: readonly string[] } = {
  batch: ['flow=acme/texts', 'workers=2', 'retries=5', 'tolerate=50%'],
  programs: ['flow=acme/programs', 'workers=2', 'match=*.txt'],
  'map-reduce': ['flow=acme/words', 'lines=2', 'workers=2', 'top=3'],
  'review-loop': ['flow=acme/review', 'rounds=2', 'good=3'],
  saga: ['flow=acme/trip', 'retries=5', 'money=500'],
  approval: ['flow=acme/notice', 'patience=2d', 'rounds=2'],
  story: ['idea=a lamp that is afraid of the dark', 'chapters=2'],
};

interface Made {
  readonly parameters: { readonly [name: string]: unknown };
  readonly files: readonly string[];
  readonly commands: readonly string[];
  readonly meanwhile: readonly string[];
}

interface Started {
  readonly done: Promise<Outcome>;
  /** Resolves when it has told of a question. */
  readonly asks: Promise<void>;
}

/** Makes a project as the words after its name say, and enters it: programs that a flow names are found from where it is run. */
async function makeProject(t: TestContext, name: string, ...words: readonly string[]): Promise<Made & CommandLine> {
  const before = process.cwd();
  t.after(() => process.chdir(before));
  const cli = createCommandLine(t);
  process.chdir(cli.directory);
  const { code, out, err } = await cli.call('new', name, '.', '--json', ...words);
  assert.equal(code, 0, err);
  return { ...cli, ...(JSON.parse(out) as Made) };
}

/** Types the commands in this process, where a start takes no time, and those of the other terminal when there is something to answer. */
async function typeAll({ call, commands, meanwhile }: Made & CommandLine): Promise<string> {
  let ended = false;
  const first = typeEach(call, commands).finally(() => (ended = true));
  const answer = async (): Promise<void> => {
    // There is no store before the run has begun.
    while (meanwhile.length > 0 && !ended && !/approve/.test((await call('waits')).out)) await setTimeout(50);
    await typeEach(call, meanwhile);
  };
  const [told] = await Promise.all([first, answer()]);
  return told;
}

/** All but `npm test`: the tests of all projects are run together. */
async function typeEach(call: CommandLine['call'], commands: readonly string[]): Promise<string> {
  let told = '';
  for (const command of commands.filter((each) => each !== 'npm test')) {
    const { code, out, err } = await call(...wordsOf(command));
    told += out + err;
    assert.equal(code, 0, told);
  }
  return told;
}

/** What follows the name of the program. */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word).slice(1);
}

/** A program that does not know that a test has started it: one that runs tests would tell them that they are inside of it. */
function start(program: string, words: readonly string[], cwd: string, path = process.env['PATH']): Started {
  const { NODE_COMPILE_CACHE } = process.env;
  const env = { PATH: path, HOME: cwd, NO_COLOR: '1', SCRIPTORIUM_RESERVE: 'none', NODE_COMPILE_CACHE };
  const child = spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const outcome = { code: null as number | null, out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.err += text));
  const done = new Promise<Outcome>((resolve) => child.on('close', (code) => resolve({ ...outcome, code })));
  const asks = new Promise<void>((resolve) => child.stderr.on('data', () => void (outcome.err.includes('answer it with') && resolve())));
  return { done, asks };
}

describe('new', () => {
  for (const name of own) {
    it(`${name}: is checked without a finding, formatted, and runs by the commands that are printed`, async (t) => {
      const made = await makeProject(t, name);
      const told = await typeAll(made);
      assert.match(told, /is fine: 0 errors, 0 warnings/);
      assert.match(told, / succeeded in /);
      const flow = made.files.find((file) => file.endsWith('.flow.yaml'));
      if (flow !== undefined) assert.equal((await made.call('fmt', flow, '--check')).code, 0);
    });

    it(`${name}: given other parameters, then they stand in its files, and it still runs`, async (t) => {
      const sets = chosen[name] ?? [];
      const made = await makeProject(t, name, ...sets.flatMap((set) => ['--set', set]));
      const { parameters, files, directory } = made;
      assert.deepEqual(
        Object.keys(parameters).toSorted(),
        sets.map((set) => set.split('=')[0] ?? '').toSorted(),
        'each parameter is tried',
      );
      const yaml = files.filter((file) => file.endsWith('.yaml')).map((file) => readFileSync(join(directory, file), 'utf8'));
      for (const value of Object.values(parameters))
        assert.ok(
          yaml.some((text) => text.includes(String(value))),
          String(value),
        );
      await typeAll(made);
    });
  }

  it('the tests of every project pass', async (t) => {
    const { call, directory } = createCommandLine(t);
    for (const name of own) {
      const { files } = JSON.parse((await call('new', name, '--json')).out) as Made;
      assert.ok(files.includes('README.md') && files.includes(`${name}.test.ts`), files.join());
    }
    // As `npm test` does, but all of them in one process.
    const tests = own.map((name) => join(name, `${name}.test.ts`));
    const { code, out } = await start(process.execPath, ['--test', '--test-isolation=none', ...tests], directory).done;
    assert.equal(code, 0, out);
    assert.ok(Number(/^ℹ pass (\d+)$/m.exec(out)?.[1]) >= 2 * own.length, out);
  });

  it('the commands that are printed run in two shells, by the plain name of the program, in a folder with a blank', async (t) => {
    const { call, directory } = createCommandLine(t);
    const made = await call('new', 'approval', 'a project', '--json');
    const { commands, meanwhile } = JSON.parse(made.out) as Made;
    const bin = join(directory, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'scriptorium'), `#!/bin/sh\nexec '${process.execPath}' --disable-warning=ExperimentalWarning '${main}' "$@"\n`);
    chmodSync(join(bin, 'scriptorium'), 0o755);
    const path = [bin, process.env['PATH']].join(delimiter);
    const type = (lines: readonly string[]): Started => start('sh', ['-ec', lines.join('\n')], directory, path);
    const first = type(commands);
    await Promise.race([first.asks, first.done]);
    const second = await type(meanwhile).done;
    assert.equal(second.code, 0, second.err);
    const { code, out, err } = await first.done;
    assert.equal(code, 0, out + err);
    assert.match(out, /is fine: 0 errors, 0 warnings[^]*fail 0[^]* succeeded in /);
  });

  it('without a template lists them with their parameters, types, defaults and meanings', async (t) => {
    const { call } = createCommandLine(t);
    const { code, out } = await call('new');
    assert.equal(code, 0);
    for (const name of names) assert.match(out, new RegExp(`^${name}: `, 'm'));
    assert.match(out, /^ {2}workers +integer, minimum 1, maximum 1000 +4 +files in flight$/m);
    assert.equal((await call('new', '--list')).out, out);
  });

  for (const [what, words, code, said] of [
    ['a template that is not there', ['new', 'bach'], 5, /there is no template 'bach' — did you mean 'batch'\?/],
    [
      'a parameter that is not there',
      ['new', 'batch', '--set', 'wrokers=2'],
      2,
      /there is no parameter 'wrokers' .*did you mean 'workers'\?/,
    ],
    ['a value of another type', ['new', 'batch', '--set', 'workers=many'], 2, /workers must be integer/],
    ['a value out of bounds', ['new', 'batch', '--set', 'workers=0'], 2, /workers must be >= 1/],
  ] as const) {
    it(`given ${what}, then nothing is made`, async (t) => {
      const { call, directory } = createCommandLine(t);
      const outcome = await call(...words);
      assert.equal(outcome.code, code);
      assert.match(outcome.err, said);
      assert.deepEqual(readdirSync(directory), []);
    });
  }

  it('given a directory that has something in it, then it is left alone', async (t) => {
    const { call, directory } = createCommandLine(t);
    mkdirSync(join(directory, 'batch'));
    writeFileSync(join(directory, 'batch', 'mine.txt'), 'mine');
    const { code, err } = await call('new', 'batch');
    assert.equal(code, 6);
    assert.match(err, /is not empty/);
    assert.deepEqual(readdirSync(join(directory, 'batch')), ['mine.txt']);
  });
});
