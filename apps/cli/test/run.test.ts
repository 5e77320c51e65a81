import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { createContracts } from '@scriptorium/flow';
import type { Json, Schema } from '@scriptorium/core';
import { brokenFlow, createCommandLine, wordsFlow } from './command-line.ts';

const schemaOf = (url: string): Schema => JSON.parse(readFileSync(new URL(url, import.meta.url), 'utf8')) as Schema;
const reportSchema = schemaOf('../../../packages/engine/src/reports/report.schema.json');
const progressSchema = schemaOf('../src/progress/progress.schema.json');

interface RunJson {
  readonly run: string;
  readonly status: string;
  readonly exitCode: number;
  readonly input: { readonly folder: string };
  readonly options: { readonly mode: string; readonly limit: number | null };
  readonly output: { readonly done: number };
  readonly places: { readonly report: string; readonly outputs: string };
  readonly progress: { readonly items: { readonly succeeded: number; readonly failed: number; readonly reused: number } };
}

describe('run', () => {
  it('given a flow file, then results are on standard output, progress is on standard error, and files are in place', async (t) => {
    const { call, directory } = createCommandLine(t);
    const { code, out, err } = await call('run', wordsFlow, '6', '--out', 'out');
    assert.equal(code, 0, err);
    assert.match(out, /✔ words\/batch 1\.0\.0 succeeded in .* · \d{8}-\d{6}-\w{6} · flexible\n {2}6 items · 6 succeeded/);
    assert.match(err, /^run \d{8}-\d{6}-\w{6}\n/);
    assert.match(err, /\] succeeded 100 % {2}6\/6 .*\| write 6, shout 6\n$/);
    assert.equal(err, stripVTControlCharacters(err));
    const [batch = ''] = readdirSync(join(directory, 'out', 'shout'));
    assert.equal(readFileSync(join(directory, 'out', 'shout', batch, 'w003.txt'), 'utf8'), 'WORD 3\n');
    assert.ok(out.includes(join(directory, 'out', 'logs', batch, 'report.json')));
  });

  it('given failed items within the tolerance, then it ends with 3, says why and what next, and the report adds up', async (t) => {
    const { call } = createCommandLine(t);
    const { code, out } = await call('run', wordsFlow, '--set', 'failing=[1,4]', '--out', 'out', '--json', '--no-progress');
    const result = JSON.parse(out) as RunJson;
    assert.deepEqual([code, result.exitCode, result.status, result.progress.items.failed], [3, 3, 'succeeded', 2]);
    const report = JSON.parse(readFileSync(result.places.report, 'utf8')) as {
      summary: Record<string, Json>;
      files: readonly { id: string; status: string; reason: string | null }[];
    };
    assert.deepEqual(createContracts().compile(reportSchema)(report), []);
    const { stages: _, ...counts } = report.summary;
    assert.deepEqual(counts, {
      total: 10,
      succeeded: 4,
      succeededWithIssues: 3,
      failed: 2,
      skipped: 1,
      cancelled: 0,
      interrupted: 0,
      degraded: 0,
    });
    assert.deepEqual(
      report.files.map(({ id }) => id),
      Array.from({ length: 10 }, (_, n) => `w00${n}`),
    );
    assert.deepEqual(report.files[9], { ...report.files[9], status: 'SKIPPED', reason: 'it is a fifth' });
    const words = await call('status');
    assert.match(
      words.out,
      /✗ 2× words\/write bad_number: the number <n> is bad\n.*w001: the number 1 is bad\n.*fix: Take another number\./,
    );
    assert.match(words.out, new RegExp(`scriptorium retry ${result.run} --failed`));
  });

  it('given strict mode, then the first failed item fails the run with 1', async (t) => {
    const { call } = createCommandLine(t);
    const { code, out } = await call('run', wordsFlow, '--set', 'failing=[0]', '--out', 'out', '--mode', 'strict', '--json');
    assert.deepEqual([code, (JSON.parse(out) as RunJson).status], [1, 'failed']);
  });

  it('given --test, then its profile holds, it is strict, and nothing is written outside of the test root', async (t) => {
    const { call, directory } = createCommandLine(t);
    const { code, out } = await call('run', wordsFlow, '--out', 'out', '--test', '--json');
    const result = JSON.parse(out) as RunJson;
    assert.deepEqual([code, result.options.mode, result.options.limit, result.output.done], [0, 'strict', 3, 3]);
    assert.deepEqual(readdirSync(directory).toSorted(), ['.scriptorium', 'out_test']);
    assert.equal(result.places.outputs, join(directory, 'out_test'));
  });

  it('given --dry-run of the book pipeline, then nothing is written, whether or not there is a store', async (t) => {
    const { call, directory } = createCommandLine(t);
    const books = join(directory, 'books');
    mkdirSync(books);
    writeFileSync(
      join(books, 'one.txt'),
      'CHAPTER I\n\nIt was a long way to the harbour, and nobody had thought of the lamps.\n\nCHAPTER II\n\nThe lamps were found.\n',
    );
    const files = (): readonly string[] =>
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => `${path} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`)
        .toSorted();
    const plan = async (): Promise<string> => {
      const before = files();
      const { code, out, err } = await call('run', 'books', books, '--out', 'out', '--dry-run');
      assert.equal(code, 0, err);
      assert.deepEqual(files(), before);
      return out;
    };
    assert.match(await plan(), /report +run +writes files/);
    assert.equal((await call('run', 'books', books, '--out', 'out')).code, 0);
    assert.match(await plan(), /one +books\/topology +reuse +same input/);
  });

  it('given --dry-run, then every item and stage is listed with a reason and nothing is written', async (t) => {
    const { call, directory } = createCommandLine(t);
    const { code, out, err } = await call('run', wordsFlow, '3', '--out', 'out', '--dry-run');
    assert.equal(code, 0, err);
    for (const item of ['w000', 'w001', 'w002']) assert.match(out, new RegExp(`${item} +words/write +run +no earlier result`));
    assert.match(out, /w002 +words\/shout +run +after words\/write/);
    assert.match(err, /7 steps: 7 would run/);
    assert.deepEqual(readdirSync(directory), [], 'not even a store is left');
    const json = await call('run', wordsFlow, '1', '--out', 'out', '--dry-run', '--json');
    assert.deepEqual(
      json.out
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { step: string }).step),
      ['names', 'words/write', 'words/shout'],
    );
  });

  it('given --progress json, then every line follows the schema, from a snapshot to an end', async (t) => {
    const { call } = createCommandLine(t);
    const { code, err } = await call('run', wordsFlow, '20', '--out', 'out', '--progress', 'json', '--set', 'ms=30');
    assert.equal(code, 0);
    const lines = err
      .trimEnd()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { type: string; seq: number });
    const check = createContracts().compile(progressSchema);
    for (const line of lines) assert.deepEqual(check(line), []);
    assert.deepEqual([lines[0]?.type, lines.at(-1)?.type], ['snapshot', 'end']);
    assert.deepEqual(
      lines.map(({ seq }) => seq),
      lines.map((_, index) => index),
    );
  });

  it('given inputs that are paths, then they are absolute in the run', async (t) => {
    const { call, directory } = createCommandLine(t);
    const { out } = await call('run', wordsFlow, '--out', 'out', '--set', 'folder=some/where', '--json');
    assert.equal((JSON.parse(out) as RunJson).input.folder, join(directory, 'some', 'where'));
  });
});

describe('what is refused before anything starts', () => {
  const cases: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['no --out', ['run', wordsFlow], 2, /it is not said where the outputs go\nfix: Add --out <dir>/],
    ['an unknown command', ['rum'], 2, /unknown command 'rum'[\s\S]*Did you mean run/],
    ['an unknown flow', ['run', 'boks', '--out', 'o'], 5, /there is no flow 'boks'\nfix: Name a registered flow \(books, stories\)/],
    [
      'too many inputs',
      ['run', wordsFlow, '1', '1', '[]', '1', '.', 'more', '--out', 'o'],
      2,
      /'more' is one value too many: words\/batch takes at most 5/,
    ],
    ['a misspelt input', ['run', wordsFlow, '--set', 'cuont=3', '--out', 'o'], 2, /there is no input 'cuont'.*did you mean 'count'\?/],
    ['an input of the wrong type', ['run', wordsFlow, 'many', '--out', 'o'], 2, /count .*integer/],
    ['a --set without a value', ['run', wordsFlow, '--set', 'count', '--out', 'o'], 2, /'count' is not of the form name=value/],
    [
      'a mode that does not exist',
      ['run', wordsFlow, '--mode', 'lax', '--out', 'o'],
      2,
      /Allowed choices are strict, flexible, best_effort/,
    ],
    [
      'a stage without a pool',
      ['run', wordsFlow, '--workers', 'shout=3', '--out', 'o'],
      2,
      /'shout' of words\/batch has no limit[\s\S]*steps with a limit: write/,
    ],
    [
      'a definition with errors',
      ['run', brokenFlow, '--out', 'o'],
      2,
      /broken\.flow\.yaml:4:\d+: error: [\s\S]*did you mean 'words\/names'[\s\S]*has 1 error; nothing was started/,
    ],
    [
      'a limit without a change',
      ['limits', 'set', 'disk'],
      2,
      /Give --concurrent <n>, --rate <n>\/s, --tokens <n>\/m, --close, or several of them/,
    ],
    ['a rate that is none', ['limits', 'set', 'disk', '--rate', 'fast'], 2, /'fast' is no rate/],
    ['a pool that does not exist', ['limits', 'set', 'dsk', '-c', '1'], 5, /no pool 'dsk'/],
  ];
  for (const [what, words, code, pattern] of cases) {
    it(`${what}: exit code ${code}, in words and with a way out`, async (t) => {
      const outcome = await createCommandLine(t).call(...words);
      assert.equal(outcome.code, code, outcome.err);
      assert.match(outcome.err, pattern);
      assert.equal(outcome.out, '');
      assert.ok(!/\n\s+at /.test(outcome.err), 'a stack was shown');
    });
  }
});
