/** A folder that changes between runs, from the command line: what is done again, why, and where a paragraph came from. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { book, prose } from './sample.ts';

const commandLine = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));
const novel = (seed: number): string => book(...[1, 2, 3].flatMap((number) => [`CHAPTER ${String(number)}`, prose(seed + number, 3)]));

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'books-again-'));
  await mkdir(join(root, 'in'));
  for (const [index, name] of ['ash', 'beech', 'cedar'].entries()) await writeFile(join(root, 'in', `${name}.txt`), novel(index * 20));
});
after(() => rm(root, { recursive: true }));

interface Ended {
  readonly exit: number;
  readonly output: string;
}

async function scriptorium(...args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, OPENAI_API_KEY: '', OPENAI_BASE_URL: '' };
  const all = [commandLine, ...args, '--home', join(root, 'home')];
  return new Promise((done) => {
    execFile(process.execPath, all, { env }, (error, stdout, stderr) =>
      done({ exit: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    );
  });
}

const run = (...more: readonly string[]): Promise<Ended> =>
  scriptorium('run', 'books', join(root, 'in'), '--out', join(root, 'out'), '--mode', 'best_effort', '--no-progress', ...more);

it('does again what changed, and says why; and knows where each paragraph stood', async () => {
  const first = await run();
  assert.equal(first.exit, 0, first.output);
  assert.doesNotMatch(first.output, /reused/);
  assert.match((await run()).output, /^ {2}3 reused$/m);

  await writeFile(join(root, 'in', 'beech.txt'), novel(99));
  await writeFile(join(root, 'in', 'alder.txt'), `${novel(77)}\n\n"It rose," she said.\n`);
  await writeFile(join(root, 'in', 'broken.json'), '{ "chapters": [');
  const third = await run('--json');
  const { reuse, output } = JSON.parse(third.output.slice(third.output.indexOf('{'), third.output.lastIndexOf('}') + 1)) as {
    readonly reuse: {
      readonly reused: number;
      readonly added: readonly string[];
      readonly changed: readonly { readonly key: string; readonly because: string }[];
    };
    readonly output: { readonly summary: { readonly path: string } };
  };
  assert.deepEqual(
    [reuse.reused, reuse.added.toSorted(), reuse.changed.map(({ key, because }) => [key, because])],
    [2, ['alder', 'broken'], [['beech', 'item']]],
  );

  // Of what failed only that is tried again: the file that was mended.
  await writeFile(
    join(root, 'in', 'broken.json'),
    JSON.stringify({
      chapters: [
        { title: 'I', content: prose(3) },
        { title: 'II', content: prose(4) },
      ],
    }),
  );
  const again = await scriptorium('retry', 'latest', '--failed', '--no-progress');
  assert.equal(again.exit, 0, again.output);
  assert.match(again.output, /^ {2}4 reused, 1 changed: file \(broken\)$/m);

  const batch = output.summary.path.split('/')[1] ?? '';
  const document = join(root, 'out', 'toc', batch, 'beech.json');
  const traced = await scriptorium('trace', document, '2/1');
  assert.equal(traced.exit, 0, traced.output);
  const line = novel(99).split('\n').indexOf('CHAPTER 2') + 5;
  assert.match(traced.output, new RegExp(`← .*in.beech\\.txt:${String(line)}:1 `));
  assert.match(traced.output, /nothing was taken out or changed here/);

  // The same books with another typography: only the one with quotation marks is another file.
  const compared = await scriptorium('compare', 'latest', '--set', 'typography=source', '--no-progress');
  assert.equal(compared.exit, 0, compared.output);
  assert.match(compared.output, /^input\.typography {2}"printed" {2}"source"$/m);
  assert.match(compared.output, /took \d+ results over\.$/m);
  assert.doesNotMatch(compared.output, /^books beech/m);
  assert.match(compared.output, /^books alder +output\.document: another file, \d+ → \d+ bytes$/m);
});
