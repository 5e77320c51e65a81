/** Twelve archives that want to write elsewhere, or to fill the memory, in one batch beside a book: each fails alone. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { book, prose } from './sample.ts';
import { rawZip, type RawEntry } from './zip.ts';

const commandLine = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));
const unix = 3 << 8;
const link = { data: '../outside', madeBy: unix, attributes: 0o120777 * 65_536 } as const;
const zeros = Buffer.alloc(4_000_000);

const hostile: { readonly [name: string]: readonly [code: string, entries: readonly RawEntry[]] } = {
  climbs: ['archive.path', [{ name: '../outside/climbs' }]],
  'climbs-late': ['archive.path', [{ name: 'OEBPS/../../../outside/late' }]],
  absolute: ['archive.path', [{ name: '/tmp/scriptorium-outside' }]],
  backslash: ['archive.path', [{ name: '..\\outside\\backslash' }]],
  drive: ['archive.path', [{ name: 'C:/outside' }]],
  'zero-byte': ['archive.path', [{ name: 'OEBPS/a\0../../outside' }]],
  link: ['archive.link', [{ name: 'OEBPS', ...link }]],
  'through-link': ['archive.link', [{ name: 'out', ...link }, { name: 'out/file' }]],
  bomb: ['archive.bomb', [{ name: 'zeros', data: zeros }]],
  'bomb-by-claim': ['archive.bomb', [{ name: 'huge', bytes: 4_000_000_000 }]],
  twice: ['archive.duplicate', [{ name: 'a.xhtml' }, { name: 'a.xhtml', data: 'another' }]],
  liar: ['archive.bomb', [{ name: 'META-INF/container.xml', data: 'x'.repeat(5_000), bytes: 10 }]],
};

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'books-hostile-'));
  await mkdir(join(root, 'in'));
  await mkdir(join(root, 'outside'));
  for (const [name, [, entries]] of Object.entries(hostile)) await writeFile(join(root, 'in', `${name}.epub`), rawZip(entries));
  await writeFile(join(root, 'in', 'good.txt'), book(...[1, 2, 3].flatMap((number) => [`CHAPTER ${number}`, prose(number, 4)])));
});
after(() => rm(root, { recursive: true }));

it('with its code, the book is read, and nothing lies outside', async () => {
  const args = ['run', 'books', join(root, 'in'), '--out', join(root, 'out'), '--home', join(root, 'home'), '--mode', 'best_effort'];
  const env = { ...process.env, OPENAI_API_KEY: '', OPENAI_BASE_URL: '' };
  await new Promise<void>((done) => {
    execFile(process.execPath, [commandLine, ...args, '--no-progress'], { env, cwd: root }, () => done());
  });
  const [run = ''] = await readdir(join(root, 'out', 'logs'));
  const { files } = JSON.parse(await readFile(join(root, 'out', 'logs', run, 'report.json'), 'utf8')) as {
    readonly files: readonly { readonly id: string; readonly status: string; readonly error: { readonly code: string } | null }[];
  };
  const ends = Object.fromEntries(files.map(({ id, status, error }) => [id, error?.code ?? status]));
  const expected = Object.entries(hostile).map(([name, [code]]) => [name, code]);
  assert.deepEqual(ends, { ...Object.fromEntries(expected), good: 'SUCCESS' });
  assert.deepEqual((await readdir(root)).toSorted(), ['home', 'in', 'out', 'outside']);
  assert.deepEqual(await readdir(join(root, 'outside')), []);
  assert.deepEqual(
    (await readdir(tmpdir())).filter((name) => name.includes('scriptorium-outside')),
    [],
  );
});
