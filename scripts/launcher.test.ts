/** The launcher and its installer in a checkout of their own, with an npm that records what it is asked to do. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { root } from './sources.ts';

const skip = process.platform === 'win32' ? 'the POSIX launcher' : false;

test('the first use installs in one line, then runs the command line with its arguments and its exit code', { skip }, async (t) => {
  const checkout = createCheckout(t);

  const first = await launch(checkout, ['7', 'a b']);
  const second = await launch(checkout, ['0', 'c']);

  assert.deepEqual(first, { code: 7, stdout: 'ran a b\n', stderr: 'Installing what is missing (once)…\n' });
  assert.deepEqual(second, { code: 0, stdout: 'ran c\n', stderr: '' });
  assert.equal(installations(checkout), 1);
});

test('it works through a link and from any folder', { skip }, async (t) => {
  const checkout = createCheckout(t);
  const elsewhere = join(checkout, 'else where');
  mkdirSync(elsewhere);
  symlinkSync('../scriptorium', join(elsewhere, 'scr'));

  const { stdout } = await launch(checkout, ['0', 'x'], { program: './scr', cwd: elsewhere });

  assert.equal(stdout, 'ran x\n');
});

test('a changed lock file is installed again, unless npm has already done so', { skip }, async (t) => {
  const checkout = createCheckout(t);
  await launch(checkout, ['0']);

  writeLock(checkout, { 'node_modules/a': { version: '1.0.1' } });
  await launch(checkout, ['0']);
  assert.equal(installations(checkout), 2);

  writeLock(checkout, { 'node_modules/a': { version: '1.0.2' }, 'node_modules/b': { version: '1.0.0', optional: true } });
  writeFileSync(
    join(checkout, 'node_modules', '.package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.2' } } }),
  );
  const { stderr } = await launch(checkout, ['0']);
  assert.equal(installations(checkout), 2);
  assert.equal(stderr, '');
});

test('two first uses at once install once', { skip }, async (t) => {
  const checkout = createCheckout(t);

  const both = await Promise.all([launch(checkout, ['1', 'x']), launch(checkout, ['2', 'y'])]);

  assert.deepEqual(
    both.map(({ code }) => code),
    [1, 2],
  );
  assert.equal(installations(checkout), 1);
});

test('the lock of an installer that died is taken over', { skip }, async (t) => {
  const checkout = createCheckout(t);
  const lock = join(checkout, '.scriptorium', 'install.lock');
  mkdirSync(join(checkout, '.scriptorium'));
  writeFileSync(lock, '');
  utimesSync(lock, new Date(0), new Date(0));

  const { code } = await launch(checkout, ['0']);

  assert.equal(code, 0);
  assert.equal(existsSync(lock), false);
});

test('a failed installation shows what npm said, and the next use tries again', { skip }, async (t) => {
  const checkout = createCheckout(t);
  writeFileSync(join(checkout, 'npm-fails'), '');

  const failed = await launch(checkout, ['0']);
  rmSync(join(checkout, 'npm-fails'));
  const mended = await launch(checkout, ['0']);

  assert.equal(failed.code, 4);
  assert.match(failed.stderr, /no such registry\nscriptorium: `npm ci` failed, see above/);
  assert.equal(mended.code, 0);
});

test('a host without npm, or without Node, gets one sentence', { skip }, async (t) => {
  const withoutNpm = createCheckout(t);
  rmSync(join(withoutNpm, 'bin', 'npm'));
  const withoutNode = createCheckout(t);
  rmSync(join(withoutNode, 'bin', 'node'));

  const noNpm = await launch(withoutNpm, ['0']);
  const noNode = await launch(withoutNode, ['0']);

  assert.equal(noNpm.code, 4);
  assert.match(noNpm.stderr, /^Installing.*\nscriptorium: npm is needed .*\.\n$/);
  assert.equal(noNode.code, 4);
  assert.match(noNode.stderr, /^scriptorium: Node 20 or newer and npm are needed .*\.\n$/);
});

test('a signal reaches the command line itself', { skip }, async (t) => {
  const checkout = createCheckout(t);
  const child = spawn('./scriptorium', ['wait'], { cwd: checkout, env: environment(checkout) });
  await new Promise((resolve) => child.stdout.once('data', resolve));

  child.kill('SIGTERM');

  const code = await new Promise((resolve) => child.once('exit', resolve));
  assert.equal(code, 9);
});

/** A checkout whose only programs on the PATH are those the launcher may rely on. */
function createCheckout(t: TestContext): string {
  const checkout = mkdtempSync(join(tmpdir(), 'launcher-'));
  t.after(() => rmSync(checkout, { recursive: true }));
  for (const folder of ['scripts', 'bin', 'apps/cli/src']) mkdirSync(join(checkout, folder), { recursive: true });
  for (const file of ['scriptorium', 'scripts/start.mjs', 'scripts/install.mjs']) copyFileSync(join(root, file), join(checkout, file));
  writeLock(checkout, { 'node_modules/a': { version: '1.0.0' } });
  writeFileSync(
    join(checkout, 'apps/cli/src/main.ts'),
    `const [code, ...rest]: string[] = process.argv.slice(2);
    if (code === 'wait') { process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000); }
    else process.exitCode = Number(code);
    console.log('ran ' + rest.join(' '));`,
  );
  writeFileSync(
    join(checkout, 'bin', 'npm'),
    `#!/bin/sh
    if [ -e npm-fails ]; then echo 'no such registry' >&2; exit 1; fi
    echo "$@" >> installations
    sleep 0.3
    mkdir -p node_modules/.bin
    ln -sf '${process.execPath}' node_modules/.bin/node
    cp package-lock.json node_modules/.package-lock.json`,
  );
  chmodSync(join(checkout, 'bin', 'npm'), 0o755);
  symlinkSync(process.execPath, join(checkout, 'bin', 'node'));
  for (const program of ['sh', 'cmp', 'readlink', 'dirname', 'sleep', 'mkdir', 'ln', 'cp'])
    symlinkSync(find(program), join(checkout, 'bin', program));
  return checkout;
}

function find(program: string): string {
  const folder = (process.env['PATH'] ?? '').split(delimiter).find((place) => existsSync(join(place, program)));
  assert.ok(folder, `${program} is on the PATH`);
  return join(folder, program);
}

function writeLock(checkout: string, packages: { readonly [path: string]: object }): void {
  writeFileSync(join(checkout, 'package-lock.json'), JSON.stringify({ packages }));
}

function installations(checkout: string): number {
  appendFileSync(join(checkout, 'installations'), '');
  return readFileSync(join(checkout, 'installations'), 'utf8').split('\n').length - 1;
}

function environment(checkout: string): NodeJS.ProcessEnv {
  return { PATH: join(checkout, 'bin'), HOME: checkout };
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function launch(
  checkout: string,
  argv: readonly string[],
  from: { readonly program?: string; readonly cwd?: string } = {},
): Promise<Ended> {
  const child = spawn(from.program ?? './scriptorium', argv, { cwd: from.cwd ?? checkout, env: environment(checkout) });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  return { code, stdout, stderr };
}
