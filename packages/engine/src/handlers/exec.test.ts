import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@scriptorium/core';
import { call, env, scratch } from '../../test/core-call.ts';
import type { Tried } from '../../test/core-call.ts';

const node = process.execPath;

function run(input: JsonObject, signal?: AbortSignal): Promise<Tried> {
  return call('core/exec', input, signal);
}

function script(code: string, ...args: readonly string[]): JsonObject {
  return { argv: [node, '--eval', code, ...args] };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** For what never comes. */
const NEVER_MS = 60_000;

/** Waits for the end of a process. */
async function gone(pid: number): Promise<void> {
  const deadline = performance.now() + NEVER_MS;
  while (isAlive(pid)) {
    assert.ok(performance.now() < deadline, `the process ${pid} goes on`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a program may write text', async () => {
  const { output } = await run({ argv: [node, '-e', 'process.stdout.write("not {json}\\n")'], stdout: 'text' });
  assert.deepEqual(output, { text: 'not {json}\n' });
});

test('a program gets JSON on its standard input and answers with JSON', async () => {
  const echo = `process.stdin.setEncoding('utf8').on('data', (t) => (globalThis.t = (globalThis.t ?? '') + t)).on('end', () => { console.error('seen'); console.log(JSON.stringify({ got: JSON.parse(t) })); });`;
  const { output, logs } = await run({ ...script(echo), input: { text: 'ü', n: [1] } });
  assert.deepEqual(output, { got: { text: 'ü', n: [1] } });
  assert.deepEqual(logs, [{ level: 'info', message: 'seen' }]);
});

test('of an excerpt the beginning is kept, without keys of the environment, also in what it says beside', async () => {
  const key = env['SERVICE_TOKEN'];
  const long = await run({
    ...script(`console.error(process.argv[1]); console.log(process.argv[1] + 'x'.repeat(500))`, `the ${key}`),
    excerpt: 50,
  });
  assert.deepEqual(long.output, { text: `the [redacted]${'x'.repeat(36)}`, characters: 505 + String(key).length });
  assert.deepEqual(long.logs, [{ level: 'info', message: 'the [redacted]' }]);
  const short = await run({ ...script(`console.log(JSON.stringify([process.argv[1]]))`, `the ${key}`), excerpt: 50 });
  assert.deepEqual(short.output, ['the [redacted]']);
  const failed = await run({ ...script(`console.error(process.argv[1]); process.exit(3)`, `the ${key}`), excerpt: 50 });
  assert.deepEqual([failed.code, failed.details], ['exec.failed', { exitCode: 3, stderr: 'the [redacted]' }]);
});

test('no output is null, and input that nobody reads is no failure', async () => {
  assert.equal((await run({ ...script(''), input: 'x'.repeat(1_000_000) })).output, null);
});

test('arguments are arguments, whatever they contain', async () => {
  const nasty = ['; touch /tmp/x', '$(id)', '`id`', '&& ls', '*', '"', "'", '', 'a b', '--'];
  assert.deepEqual((await run(script('console.log(JSON.stringify(process.argv.slice(1)))', '--', ...nasty))).output, nasty);
});

test('the environment is an allow-list', async () => {
  const show = script('console.log(JSON.stringify(process.env))');
  assert.deepEqual((await run(show)).output, { PATH: env['PATH'], HOME: '/somewhere' });
  assert.partialDeepStrictEqual((await run({ ...show, env: ['WANTED', 'UNSET'] })).output, { WANTED: 'given' });
});

test("the working directory is the step's", async () => {
  mkdirSync(join(scratch, 'work'));
  assert.equal(
    (await run({ ...script('console.log(JSON.stringify(process.cwd()))'), cwd: join(scratch, 'work') })).output,
    join(scratch, 'work'),
  );
  assert.equal((await run({ ...script(''), cwd: join(scratch, 'absent') })).code, 'exec.not_found');
});

test('another exit code fails with the end of standard error', async () => {
  const { code, message, details } = await run(script(`console.error('first'); console.error('cannot frobnicate'); process.exit(3)`));
  assert.equal(code, 'exec.failed');
  assert.match(message ?? '', /ended with exit code 3: first\ncannot frobnicate/);
  assert.deepEqual(details, { exitCode: 3, stderr: 'first\ncannot frobnicate' });
  assert.deepEqual((await run(script(`process.kill(process.pid, 'SIGUSR2')`))).details?.['signal'], 'SIGUSR2');
});

test('what is not there, or may not be executed, is told with a fix', async () => {
  writeFileSync(join(scratch, 'plain.txt'), 'text', { mode: 0o600 });
  for (const name of ['no-such-program-at-all', join(scratch, 'plain.txt'), scratch, './absent']) {
    const { code, fix } = await run({ argv: [name] });
    assert.equal(code, 'exec.not_found', name);
    assert.match(fix ?? '', /PATH/);
  }
});

test('output that is no JSON or too large is refused', async () => {
  assert.match((await run(script(`console.log('hello')`))).message ?? '', /is not JSON.*begins with "hello"/);
  const { code, message } = await run({
    ...script(`setInterval(() => process.stdout.write('x'.repeat(10000)), 1)`),
    maxOutputBytes: 50_000,
  });
  assert.equal(code, 'exec.output');
  assert.match(message ?? '', /more than 50000 bytes/);
});

test("its own timeout and the step's abort end the whole process group", async () => {
  // A shell has begun long before it is asked to end, on any machine.
  const family = { argv: ['sh', '-c', 'sleep 600 & echo $! >&2; wait'] };
  const timed = await run({ ...family, timeoutMs: 700 });
  assert.equal(timed.code, 'timeout');
  await gone(Number(timed.logs[0]?.message));
  const cancelled = await run(family, AbortSignal.timeout(700));
  assert.equal(cancelled.code, 'cancelled');
  await gone(Number(cancelled.logs[0]?.message));
});

test('a program that ignores SIGTERM is killed', async () => {
  const stubborn = { argv: ['sh', '-c', "trap '' TERM; echo $$ >&2; while :; do sleep 1; done"] };
  const { code, logs } = await run({ ...stubborn, timeoutMs: 500 });
  assert.equal(code, 'timeout');
  await gone(Number(logs[0]?.message));
});

test('what a program leaves running is ended with it', async () => {
  const leaves = `const child = require('node:child_process').spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    child.unref(); console.log(child.pid); process.exit(0);`;
  const { output } = await run(script(leaves));
  await gone(Number(output));
});

test('a program tells what it has used on standard error; a line that says nothing of the kind is a warning', async () => {
  const tells = `console.error('scriptorium:spend {"usd":0.02,"tokens":900}'); console.error('scriptorium:spend much'); console.log('1');`;
  const { output, logs, spent } = await run(script(tells));
  assert.deepEqual([output, spent], [1, [{ usd: 0.02, tokens: 900 }]]);
  assert.deepEqual(
    logs.map(({ level, message }) => [level, message.slice(0, 22)]),
    [['warn', 'scriptorium:spend much']],
  );
});

test('SIGKILL of the engine ends the program', { skip: !existsSync('/usr/bin/setpriv') }, async () => {
  const engine = `
    import { handlers } from ${JSON.stringify(fileURLToPath(new URL('core-handlers.ts', import.meta.url)))};
    const context = { env: process.env, signal: new AbortController().signal, log: (level: string, message: string) => console.log(message) };
    await handlers[0].run({ argv: [process.execPath, '--eval', 'console.error(String(process.pid)); setInterval(() => {}, 1000)'] } as never, context as never);`;
  const child = spawn(node, ['--input-type=module-typescript', '--eval', engine], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [pid] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  assert.ok(isAlive(Number(pid)));
  child.kill('SIGKILL');
  await once(child, 'close');
  await gone(Number(pid));
});

test('core/fail raises the code that it is given', async () => {
  assert.partialDeepStrictEqual(await call('core/fail', { error: 'invalid_book', message: '3 issues' }), {
    code: 'invalid_book',
    message: '3 issues',
  });
});
