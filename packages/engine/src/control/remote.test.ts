import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { HostError } from '@scriptorium/core';
import type { Host } from '@scriptorium/core';
import { findAddress, methods, parseLine, readLines, writeLine } from './control-protocol.ts';
import type { Response } from './control-protocol.ts';
import { serveControl } from './control.ts';
import { overloaded } from '../overloaded.ts';
import type { ControlServer, Served } from './control.ts';
import { remoteHost } from './remote.ts';

const scratch = mkdtempSync(join(tmpdir(), 'remote-'));
const servers: ControlServer[] = [];
after(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(scratch, { recursive: true });
});

let stores = 0;
function newDir(name: string = ''): string {
  stores += 1;
  const dir = join(scratch, `s${stores}${name}`);
  mkdirSync(dir, { recursive: true });
  return dir;
}

/** A host that answers every call with its name and parameters, and counts what its streams gave. */
function echoHost(state: { given: number; closed: number } = { given: 0, closed: 0 }): Host {
  const echo =
    (method: string) =>
    async (...params: readonly unknown[]): Promise<never> =>
      ({ method, params: params.map((param) => param ?? 'default') }) as never;
  const numbers = (count: number) =>
    async function* (): AsyncGenerator<never> {
      try {
        for (let n = 0; n < count; n += 1) {
          state.given += 1;
          yield { n } as never;
        }
      } finally {
        state.closed += 1;
      }
    };
  return {
    ...(Object.fromEntries(Object.keys(methods).map((method) => [method, echo(method)])) as unknown as Host),
    describe: async (run) => {
      throw run === 'bug' ? new TypeError('oops') : new HostError('not_found', `there is no run ${run}`, 'See `scriptorium list`.');
    },
    pause: async () => undefined,
    artifact: async () => null,
    plan: numbers(3),
    artifacts: numbers(5_000),
    results: numbers(1_000_000),
    watch: async function* (run, { signal, everyMs } = {}) {
      yield { run, everyMs } as never;
      await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
      state.closed += 1;
    },
  };
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

function code(error: unknown): string {
  return error instanceof HostError ? error.code : `not a HostError: ${String(error)}`;
}

/** Serves the host until the tests have ended, also if one of them fails. */
async function serve(host: Served, dir: string): Promise<ControlServer> {
  const server = await serveControl(host, dir);
  servers.push(server);
  return server;
}

async function connected(state?: { given: number; closed: number }) {
  const dir = newDir();
  const server = await serve(echoHost(state), dir);
  const host = await remoteHost(dir);
  assert.ok(host);
  return { dir, server, host };
}

test('every method of a host can be called, with its parameters and defaults', async () => {
  const { server, host } = await connected();
  assert.deepEqual(await host.setLimit('p', { concurrent: 3 }, 'me'), { method: 'setLimit', params: ['p', { concurrent: 3 }, 'me'] });
  assert.deepEqual(await host.events('r', undefined, 5), { method: 'events', params: ['r', 'default', 5] });
  assert.deepEqual(await host.list(), { method: 'list', params: [] });
  assert.equal(await host.pause('r', 'me'), undefined);
  assert.equal(await host.artifact('/x'), null);
  assert.deepEqual(await collect(host.plan({} as never)), [{ n: 0 }, { n: 1 }, { n: 2 }]);
  await server.close();
});

test('calls and streams of one client go on side by side, each complete and in order', async () => {
  const { server, host } = await connected();
  const [first, second, limits] = await Promise.all([collect(host.artifacts('a')), collect(host.artifacts('b')), host.limits()]);
  assert.deepEqual(
    first.map((item) => (item as unknown as { n: number }).n),
    Array.from({ length: 5_000 }, (_, n) => n),
  );
  assert.deepEqual(second, first);
  assert.deepEqual(limits, { method: 'limits', params: [] });
  await server.close();
});

test('errors travel with code and fix', async () => {
  const { server, host } = await connected();
  await assert.rejects(
    host.describe('x'),
    (error) =>
      code(error) === 'not_found' &&
      (error as HostError).message === 'there is no run x' &&
      (error as HostError).fix === 'See `scriptorium list`.',
  );
  await assert.rejects(host.describe('bug'), (error) => code(error) === 'fatal' && /oops/.test(String(error)));
  await server.close();
});

test('more starts than can be open at once are refused, and all else is served', async () => {
  const dir = newDir();
  const held = Promise.withResolvers<string>();
  const server = await serve({ ...echoHost(), start: async () => held.promise }, dir);
  const host = await remoteHost(dir);
  assert.ok(host);
  const starts = Array.from({ length: 1_024 }, () => host.start({} as never));
  await assert.rejects(host.start({} as never), {
    code: 'overloaded',
    message: '1024 requests of this process wait for an answer',
    fix: 'Ask again when some have been answered.',
    retryAfterMs: 1_000,
  });
  assert.deepEqual(await host.limits(), { method: 'limits', params: [] });
  held.resolve('run');
  assert.deepEqual(new Set(await Promise.all(starts)), new Set(['run']));
  assert.equal(await host.start({} as never), 'run');
  await server.close();
});

test('a client that does not count what it has open is refused by the server, and one that names an id twice', async () => {
  const dir = newDir();
  const server = await serve({ ...echoHost(), start: () => new Promise(() => undefined) }, dir);
  const socket = createConnection(findAddress(dir));
  const errors: unknown[] = [];
  const heard = new Promise<void>((resolve) =>
    readLines(socket, (line) => {
      const response = parseLine(line) as Response;
      if ('error' in response && errors.push(response) === 2) resolve();
    }),
  );
  for (const id of [1, ...Array.from({ length: 1_025 }, (_, n) => n + 1)]) writeLine(socket, { id, method: 'start', params: [] });
  await heard;
  const codes = errors
    .map((line) => line as Extract<Response, { error: unknown }>)
    .map(({ id, error }) => [id, error.code, error.retryAfterMs]);
  assert.deepEqual(codes, [
    [1, 'invalid', undefined],
    [1_025, 'overloaded', 1_000],
  ]);
  socket.destroy();
  await server.close();
});

test('a start for which there is no room is refused by who asks, and nothing else of it is parsed', async () => {
  const asked: unknown[] = [];
  const dir = newDir();
  const refusalOf = (one: unknown) => {
    asked.push(one);
    return overloaded('there is no room', 'Come again.', 700);
  };
  const server = await serve({ ...echoHost(), refusalOf }, dir);
  const host = await remoteHost(dir);
  assert.ok(host);
  const options = { priority: 7 } as never;
  const refused = { code: 'overloaded', message: 'there is no room', fix: 'Come again.', retryAfterMs: 700 };
  await assert.rejects(host.start({ flow: {} as never, input: {}, options, by: 'me, "params":[', withinMs: 5 }), refused);
  await assert.rejects(host.start(null as never), { code: 'overloaded' });
  const socket = createConnection(findAddress(dir));
  const [greeting, error] = await new Promise<string[]>((resolve) => {
    const lines: string[] = [];
    readLines(socket, (line) => lines.push(line) === 2 && resolve(lines));
    socket.write('{"id":1,"method":"start","asked":{"by":"raw"},"params":[what is no JSON}\n');
  });
  assert.match(`${greeting}${error}`, /"scriptorium".*"id":1,"error":\{"code":"overloaded"/);
  assert.deepEqual(asked, [{ by: 'me, "params":[', priority: 7, withinMs: 5 }, { priority: 5, withinMs: 60_000 }, { by: 'raw' }]);
  socket.destroy();
  await server.close();
});

for (const asked of ['null', '7', '"me"']) {
  test(`a start with ${asked} in the place of who asks is looked at as any other`, async () => {
    const dir = newDir();
    const server = await serve({ ...echoHost(), refusalOf: () => assert.fail('it was asked about') }, dir);
    const socket = createConnection(findAddress(dir));
    const answer = new Promise<string>((resolve) => readLines(socket, (line) => line.includes('"id"') && resolve(line)));
    socket.write(`{"id":1,"method":"start","asked":${asked},"params":[{}]}\n`);
    assert.match(await answer, /"method":"start"/);
    socket.destroy();
    await server.close();
  });
}

test('a stream that is left early is ended, and never runs far ahead of its reader', async () => {
  const state = { given: 0, closed: 0 };
  const { server, host } = await connected(state);
  for await (const item of host.results('r', 's')) if ((item as unknown as { n: number }).n === 10) break;
  await host.limits();
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(state.given <= 300, `${state.given} items were sent`);
  assert.equal(state.closed, 1);
  await server.close();
});

test("a watch ends on the client's signal, and its server side too", async () => {
  const state = { given: 0, closed: 0 };
  const { server, host } = await connected(state);
  const controller = new AbortController();
  const seen: unknown[] = [];
  for await (const summary of host.watch('r', { everyMs: 7, signal: controller.signal })) {
    seen.push(summary);
    controller.abort();
  }
  await host.limits();
  assert.deepEqual(seen, [{ run: 'r', everyMs: 7 }]);
  assert.equal(state.closed, 1);
  await server.close();
});

test('a closing server ends watches with `unavailable` and leaves no socket', async () => {
  const { dir, server, host } = await connected();
  const watching = collect(host.watch('r'));
  watching.catch(() => undefined);
  await host.limits();
  await server.close();
  await assert.rejects(watching, (error) => code(error) === 'unavailable');
  await assert.rejects(host.limits(), (error) => code(error) === 'unavailable');
  await assert.rejects(collect(host.artifacts('r')), (error) => code(error) === 'unavailable');
  assert.equal(existsSync(findAddress(dir)), false);
  assert.equal(await remoteHost(dir), null);
});

test('nobody answers: null, also beside the socket of a dead engine', async () => {
  const dir = newDir();
  assert.equal(await remoteHost(dir), null);
  assert.equal(await remoteHost(join(dir, 'absent')), null);
  const child = await startServer(dir);
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.ok(existsSync(findAddress(dir)));
  assert.equal(await remoteHost(dir), null);
  const server = await serve(echoHost(), dir);
  assert.ok(await remoteHost(dir), 'the next engine listens in its place');
  await server.close();
});

test('SIGKILL of the server fails what is open at once', async () => {
  const dir = newDir();
  const child = await startServer(dir);
  const host = await remoteHost(dir);
  assert.ok(host);
  const ended = once(child, 'close');
  const seen: unknown[] = [];
  const watching = (async () => {
    for await (const summary of host.watch('r')) {
      seen.push(summary);
      child.kill('SIGKILL');
    }
  })();
  await assert.rejects(watching, (error) => code(error) === 'unavailable' && (error as HostError).fix !== undefined);
  assert.equal(seen.length, 1);
  await assert.rejects(host.limits(), (error) => code(error) === 'unavailable');
  await ended;
});

test('the socket is for its owner only, in a directory whose path is too long for sockets too', async () => {
  for (const dir of [newDir(), newDir('x'.repeat(120))]) {
    const server = await serve(echoHost(), dir);
    const address = findAddress(dir);
    assert.ok(Buffer.byteLength(address) <= 100, address);
    assert.equal(statSync(address).mode & 0o777, 0o600);
    const host = await remoteHost(dir);
    assert.deepEqual(await host?.limits(), { method: 'limits', params: [] });
    await server.close();
    assert.equal(existsSync(address), false);
  }
});

test('a server of another version is named', async () => {
  const dir = newDir();
  const server = createServer((socket) => socket.write('{"scriptorium":99}\n')).listen(findAddress(dir));
  await once(server, 'listening');
  await assert.rejects(remoteHost(dir), (error) => code(error) === 'invalid' && /version 99/.test(String(error)));
  server.close();
});

for (const [what, line] of [
  ['no JSON', 'hello'],
  ['an unknown method', '{"id":1,"method":"toString","params":[]}'],
  ['a method of every object', '{"id":1,"method":"__proto__","params":[]}'],
  ['no parameters', '{"id":1,"method":"limits"}'],
  ['no id', '{"method":"limits","params":[]}'],
] as const) {
  test(`a client that sends ${what} is disconnected, and others are served`, async () => {
    const { dir, server, host } = await connected();
    const socket = createConnection(findAddress(dir));
    socket.write(`${line}\n`);
    await once(socket.resume(), 'close');
    assert.deepEqual(await host.limits(), { method: 'limits', params: [] });
    await server.close();
  });
}

test('an idle client lets its process end', async () => {
  const dir = newDir();
  const server = await serve(echoHost(), dir);
  const code_ = `
    import { remoteHost } from ${JSON.stringify(fileURLToPath(new URL('./remote.ts', import.meta.url)))};
    const host = await remoteHost(${JSON.stringify(dir)});
    console.log(JSON.stringify(await host.limits()));`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', code_], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [exit] = (await once(child, 'exit')) as [number];
  assert.equal(exit, 0);
  await server.close();
});

/** Another process that serves a host whose `watch` gives one summary and then nothing. */
async function startServer(dir: string) {
  const script = join(scratch, 'server.ts');
  writeFileSync(
    script,
    `import { serveControl } from ${JSON.stringify(fileURLToPath(new URL('./control.ts', import.meta.url)))};
    const host = { watch: async function* () { yield { run: 'r' }; await new Promise(() => undefined); } };
    await serveControl(host as never, ${JSON.stringify(dir)});
    console.log('ready');
    setInterval(() => undefined, 1_000);`,
  );
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}
