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

interface Workshop extends CommandLine {
  /** Runs commands as a person types them. */
  readonly type: (...commands: readonly string[]) => Promise<Outcome>;
}

/** The command line under its plain name, as it is where it was put on the path. */
function workshop(t: TestContext): Workshop {
  const probe = createCommandLine(t);
  const bin = join(probe.directory, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'scriptorium'), `#!/bin/sh\nexec '${process.execPath}' --disable-warning=ExperimentalWarning '${main}' "$@"\n`);
  chmodSync(join(bin, 'scriptorium'), 0o755);
  const path = [bin, process.env['PATH']].join(delimiter);
  const cli = createCommandLine(t, { PATH: path });
  const type = (...commands: readonly string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      // A test that runs tests must not tell the inner ones that they are inside of it.
      const { NODE_COMPILE_CACHE } = process.env;
      const env = { PATH: path, HOME: cli.directory, NO_COLOR: '1', SCRIPTORIUM_RESERVE: 'none', NODE_COMPILE_CACHE };
      const child = spawn('sh', ['-ec', commands.join('\n')], { cwd: cli.directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let [out, err] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
      child.on('close', (code) => resolve({ code, out, err }));
    });
  return { ...cli, type };
}

/** The commands in one terminal; those of the other one as soon as there is something to answer. */
async function typeAll(type: Workshop['type'], commands: readonly string[], meanwhile: readonly string[]): Promise<Outcome> {
  let ended = false;
  const first = type(...commands).finally(() => (ended = true));
  const waits = meanwhile.slice(0, 2);
  for (let told = ''; meanwhile.length > 0 && !ended && !/answer|approve/.test(told); told = (await type(...waits)).out)
    await setTimeout(100);
  if (meanwhile.length > 0) assert.equal((await type(...meanwhile)).code, 0);
  return first;
}

/** What follows the name of the program. */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word).slice(1);
}

describe('new', () => {
  for (const name of own) {
    it(
      `${name}: is checked without a finding, formatted, runs and passes its tests by the commands that are printed`,
      { timeout: 120_000 },
      async (t) => {
        const { call, type } = workshop(t);
        const { code, out, err } = await call('new', name, 'a project', '--json');
        assert.equal(code, 0, err);
        const { files, commands, meanwhile } = JSON.parse(out) as Made;
        assert.ok(files.includes('README.md') && files.some((file) => file.endsWith('.test.ts')), files.join());
        const typed = await typeAll(type, commands, meanwhile);
        assert.equal(typed.code, 0, typed.out + typed.err);
        assert.match(typed.out, /is fine: 0 errors, 0 warnings/);
        assert.match(typed.out, / succeeded in /);
        assert.match(typed.out, /fail 0/);
        const flow = files.find((file) => file.endsWith('.flow.yaml'));
        if (flow !== undefined) assert.equal((await call('fmt', join('a project', flow), '--check')).code, 0);
      },
    );

    it(`${name}: given other parameters, then they stand in its files, and it still runs`, { timeout: 120_000 }, async (t) => {
      const before = process.cwd();
      t.after(() => process.chdir(before));
      const { call, directory } = createCommandLine(t);
      // Programs that a flow names are found from where it is run.
      process.chdir(directory);
      const sets = chosen[name] ?? [];
      const { code, out, err } = await call('new', name, '.', '--json', ...sets.flatMap((set) => ['--set', set]));
      assert.equal(code, 0, err);
      const { parameters, files, commands, meanwhile } = JSON.parse(out) as Made;
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
      const typed = await typeAll(
        async (...lines) => {
          let last: Outcome = { code: 0, out: '', err: '' };
          for (const line of lines) if (last.code === 0) last = await call(...wordsOf(line));
          return last;
        },
        commands.filter((command) => command !== 'npm test'),
        meanwhile,
      );
      assert.equal(typed.code, 0, typed.out + typed.err);
    });
  }

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
