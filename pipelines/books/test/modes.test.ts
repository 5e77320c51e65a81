/** One faulty batch in the three modes, from the command line: three exact outcomes, as golden reports in `modes/`. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { book, prose } from './sample.ts';

const commandLine = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));

const novel = (numbers: readonly number[], seed: number): string =>
  book(...numbers.flatMap((number, index) => [`CHAPTER ${String(number)}`, prose(seed + index, 4)]));

/** In the order in which one worker meets them. */
const batch: { readonly [name: string]: string } = {
  '01-good.txt': novel([1, 2, 3, 4, 5], 1),
  '02-empty.txt': '\n\n',
  '03-good.txt': novel([1, 2, 3, 4, 5], 9),
  '04-gap.txt': novel([1, 2, 4, 5, 6], 17),
  '05-good.txt': novel([1, 2, 3, 4, 5], 25),
  '06-broken.json': '{ "chapters": [ { "title": ',
  '07-good.txt': novel([1, 2, 3, 4, 5], 33),
  '08-broken.json': '{ "chapters": [ "',
  '09-twice.txt': novel([1, 2, 3, 3, 4], 41),
  '10-good.txt': novel([1, 2, 3, 4, 5], 49),
};

/** Of so few, one that is damaged is one of a tenth. */
const few: readonly string[] = ['01-good.txt', '06-broken.json', '07-good.txt'];

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'books-modes-'));
  await Promise.all(['in', 'few'].map((name) => mkdir(join(root, name))));
  for (const [name, text] of Object.entries(batch)) {
    await writeFile(join(root, 'in', name), text);
    if (few.includes(name)) await writeFile(join(root, 'few', name), text);
  }
});
after(() => rm(root, { recursive: true }));

interface BatchReport {
  readonly status: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly files: readonly {
    readonly id: string;
    readonly status: string;
    readonly reason: string | null;
    readonly error: { readonly code: string; readonly message: string } | null;
    readonly issues: readonly { readonly severity: string; readonly type: string }[];
  }[];
}

/** The report as one line a fact; times and ids of runs are left out. */
async function outcomeOf(mode: string, folder: string = 'in'): Promise<string> {
  const out = join(root, `out-${folder}-${mode}`);
  const home = join(root, `home-${folder}-${mode}`);
  const args = ['run', 'books', join(root, folder), '--out', out, '--home', home, '--mode', mode, '--workers', '1'];
  const env = { ...process.env, OPENAI_API_KEY: '', OPENAI_BASE_URL: '' };
  const exit = await new Promise<number>((done) => {
    execFile(process.execPath, [commandLine, ...args, '--no-progress'], { env }, (error) =>
      done(error === null ? 0 : Number(error.code ?? 1)),
    );
  });
  const [run = ''] = await readdir(join(out, 'logs'));
  const report = JSON.parse(await readFile(join(out, 'logs', run, 'report.json'), 'utf8')) as BatchReport;
  const summary = await readFile(join(out, 'report', run, 'books.json'), 'utf8').catch(() => null);
  const page = await readFile(join(out, 'logs', run, 'report.html'), 'utf8');
  const lines = [
    `exit ${String(exit)}`,
    `page ${/<h1>(.*?)<\/h1>/.exec(page)?.[1] ?? 'without a headline'}`,
    ...[...page.matchAll(/<span class="tag error">stopped<\/span> (.*?)<\/p>/g)].map(([, why = '']) => `page ${textOf(why)}`),
    ...[...page.matchAll(/<li><span class="tag error">failed<\/span> (.*?)<\/li>/g)].map(([, why = '']) => `page failed: ${textOf(why)}`),
    ...(summary === null ? ['no books.json'] : [`counts ${JSON.stringify((JSON.parse(summary) as { readonly counts: object }).counts)}`]),
    ...report.files.map(({ id, status, reason, error, issues }) =>
      [
        id,
        status,
        ...issues.map(({ severity, type }) => `${severity}:${type}`),
        ...(error === null ? [] : [`${error.code}: ${error.message.replace(/(?<=broken JSON):.*/, '')}`]),
        ...(reason === null ? [] : [`(${reason})`]),
      ].join(' '),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function textOf(markup: string): string {
  return markup
    .replace(/<\/?(?:p|b|a)\b[^>]*>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/(?<=broken JSON):.*?(?= \((?:unreadable|each))/, '')
    .replace(/\s+/g, ' ')
    .trim();
}

describe('one faulty batch', () => {
  for (const mode of ['strict', 'flexible', 'best_effort']) {
    it(`has its exact outcome in ${mode} mode`, async () => {
      const outcome = await outcomeOf(mode);
      const golden = new URL(`modes/${mode}.txt`, import.meta.url);
      assert.equal(outcome, await readFile(golden, 'utf8').catch(() => ''), `differs from test/modes/${mode}.txt`);
    });
  }

  it('of three books goes on in flexible mode, and says which one is damaged', async () => {
    assert.equal(await outcomeOf('flexible', 'few'), await readFile(new URL('modes/flexible-few.txt', import.meta.url), 'utf8'));
  });
});
