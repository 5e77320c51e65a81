import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openJournal } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import type { BreakerStatus, Event } from '@scriptorium/core';
import { startFailingServer } from './failing-server.ts';
import type { FailingServer } from './failing-server.ts';
import { createVirtualClock } from '@scriptorium/testing/virtual-clock';
import { compile, createKit, finish, play, startIn, until } from './kit.ts';
import type { Kit } from './kit.ts';

const CONCURRENT = 8;
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Calls of one server in one pool; `step` is what else the step says. */
const source = (url: string, breaker: string, count: number, step = ''): string => `
flow: try/breaking
version: "1.0.0"
limits: { service: { concurrent: ${CONCURRENT}, breaker: ${breaker} } }
steps:
  list: { uses: try/list, with: { count: ${count} } }
  calls: { each: { in: "\${ list }", as: one, key: "\${ one.id }", workers: ${count} }, uses: try/fetch, limit: service, with: { url: "${url}" }${step} }
output: \${ calls.ok.size() }
`;

const patient = ', retry: { max: 100, delay: 20ms, cap: 50ms, errors: [overloaded] }';

async function failing(t: TestContext): Promise<FailingServer> {
  const server = await startFailingServer();
  t.after(server.close);
  return server;
}

async function breakerOf(engine: Engine): Promise<BreakerStatus | undefined> {
  return (await engine.limits()).find(({ pool }) => pool === 'service')?.breaker;
}

/** All events of a store, in order. */
function eventsOf(
  kit: Kit,
): readonly { readonly event: Event | ({ readonly type: 'breaker.changed' } & BreakerStatus); readonly actor: string }[] {
  const journal = openJournal(join(kit.home, 'journal.db'));
  try {
    return journal.readFrom(1, 1_000_000) as never;
  } finally {
    journal.close();
  }
}

interface Walk {
  /** How many calls started in each state of the breaker, in order. */
  readonly starts: readonly { readonly state: string; readonly ramp: number | null; readonly count: number; readonly mostAtOnce: number }[];
}

/** Goes through the journal and counts what started between two changes of the breaker, and how many of those ran at once. */
function walk(kit: Kit): Walk {
  const starts: { state: string; ramp: number | null; count: number; mostAtOnce: number }[] = [];
  let current = { state: 'closed', ramp: null as number | null, count: 0, mostAtOnce: 0 };
  const running = new Set<string>();
  for (const { actor, event } of eventsOf(kit)) {
    if (event.type === 'breaker.changed') {
      starts.push(current);
      current = { state: event.state, ramp: event.ramp, count: 0, mostAtOnce: 0 };
    }
    if (!('node' in event) || event.node !== 'calls') continue;
    if (event.type === 'attempt.started') {
      running.add(`${actor} ${event.item} ${event.attempt}`);
      current.count += 1;
      current.mostAtOnce = Math.max(current.mostAtOnce, running.size);
    }
    if (event.type === 'attempt.failed' || event.type === 'attempt.succeeded') running.delete(`${actor} ${event.item} ${event.attempt}`);
  }
  return { starts: [...starts, current] };
}

describe('a service that is down for a while', () => {
  it('is tried by single calls only, and is not overrun when it is back', { timeout: 60_000 }, async (t) => {
    const kit = createKit(t);
    const server = await failing(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, compile(source(server.url, '{ failures: 3, cooldown: 300ms }', 150, patient)));
    await until(async () => (await server.calls()).length >= 20);
    await server.turn('down');
    await until(() => (logOf(kit).match(/the cool-down is over/g)?.length ?? 0) >= 3);
    await server.turn('up');
    const { output } = await finish(engine, run);
    assert.equal(output, 150);
    await engine.drain();

    const { starts } = walk(kit);
    const tried = starts.filter(({ state }) => state === 'half_open');
    assert.ok(tried.length >= 3, `${tried.length} calls tried it`);
    for (const { state, count } of starts) if (state === 'open') assert.equal(count, 0, 'nothing starts while the breaker is open');
    for (const { count } of tried) assert.equal(count, 1, 'one call tries the service');
    const ramp = starts.filter((part) => part.state === 'closed' && part.ramp !== null);
    assert.deepEqual(
      ramp.map((part) => part.ramp),
      [1, 2, 4],
    );
    for (const { ramp: width, mostAtOnce } of ramp) assert.ok(mostAtOnce <= (width ?? 0), `${mostAtOnce} at once, ${width} allowed`);

    const calls = await server.calls();
    const down = calls.filter(({ isUp }) => !isUp).length;
    const failures = 3 + CONCURRENT;
    assert.ok(down <= failures + tried.length, `${down} calls while it was down, ${tried.length} of them to try it`);
    assert.ok(calls.every(({ open }) => open <= CONCURRENT));
    const log = readFileSync(join(kit.out, 'logs', run, 'run.log'), 'utf8');
    assert.match(log, /WARN {2}pool service: its breaker opened after 3 failures in a row \(the last: overloaded\); nothing starts before/);
    assert.match(log, /INFO {2}pool service: its breaker is closed, at most 1 at once for now/);
  });

  it('is left alone until the same instant when the engine is killed and another takes over', { timeout: 60_000 }, async (t) => {
    const kit = createKit(t, { faults: ['clock_behind'] });
    const server = await failing(t);
    await server.turn('down');
    const child = runInProcess(t, kit, source(server.url, '{ failures: 3, cooldown: 10m }', 20, patient));
    await until(async () => (await server.calls()).length >= 3);
    await until(() => /its breaker opened/.test(logOf(kit)));
    child.kill('SIGKILL');
    await once(child, 'close');
    await server.turn('up');

    const recorded = eventsOf(kit).find(({ event }) => event.type === 'breaker.changed')?.event;
    const clock = createVirtualClock(Date.now());
    const engine = await kit.open({ world: { clock } });
    const breaker = await breakerOf(engine);
    assert.ok(recorded?.type === 'breaker.changed' && breaker !== undefined && recorded.until !== null);
    assert.deepEqual([breaker.state, breaker.until], ['open', recorded.until]);
    const before = (await server.calls()).length;
    const [{ run } = { run: '' }] = await engine.list();
    await engine.resume(run, 'test');
    for (let due = clock.next(); due === null || due < recorded.until; due = clock.next()) {
      clock.moveTo(due ?? 0);
      await setImmediate();
    }
    assert.equal((await server.calls()).length, before, 'no call before the end of the cool-down');
    await play(engine, clock);
    assert.equal((await engine.describe(run)).output, 20);
    const after = (await server.calls()).slice(before);
    assert.deepEqual([after[0]?.open, after.length], [1, 20]);
  });
});

describe('while a breaker is open', () => {
  const forever = '{ failures: 2, cooldown: 10m }';

  it('a step that names `limit.open` goes on with its catch at once, and one that does not waits until it is closed by hand', async (t) => {
    const kit = createKit(t);
    const server = await failing(t);
    await server.turn('down');
    const engine = await kit.open();
    const fallback = ', catch: [ { errors: [overloaded, limit.open], value: "${ error.code }" } ]';
    const eager = await startIn(engine, kit, compile(source(server.url, forever, 60, fallback)));
    const { output, progress } = await finish(engine, eager);
    assert.deepEqual([output, progress.items.degraded], [60, 60]);
    assert.ok((await server.calls()).length <= CONCURRENT + 2);
    const refused = (await engine.events(eager, 0, 10_000)).filter(
      ({ event }) => event.type === 'attempt.failed' && event.error.code === 'limit.open',
    );
    assert.ok(refused.length >= 60 - CONCURRENT - 2, `${refused.length} refused`);

    const waiting = await startIn(engine, kit, compile(source(server.url, forever, 5, patient)), {}, { fresh: true });
    await until(async () => (await engine.limits())[0]?.waiting === 5);
    const calls = (await server.calls()).length;
    await server.turn('up');
    assert.deepEqual((await engine.closeBreaker('service', 'cli:me')).breaker, {
      state: 'closed',
      until: null,
      failures: 0,
      code: null,
      ramp: 1,
    });
    assert.equal((await finish(engine, waiting)).output, 5);
    assert.equal((await server.calls()).length, calls + 5);
    await engine.drain();
    const byHand = eventsOf(kit).filter(({ event }) => event.type === 'breaker.changed' && 'by' in event && event.by === 'cli:me');
    assert.equal(byHand.length, 1);
  });

  it('a retry that has no more time fails with what failed before, without another start', async (t) => {
    const kit = createKit(t);
    const server = await failing(t);
    await server.turn('down');
    const clock = createVirtualClock(1_000_000);
    const engine = await kit.open({ world: { clock } });
    const hasty = ', retry: { max: 9, delay: 10ms, within: 400ms, errors: [overloaded] }';
    const run = await startIn(engine, kit, compile(source(server.url, '{ failures: 1, cooldown: 10m }', 1, hasty)));
    await play(engine, clock);
    const { error } = await engine.describe(run);
    assert.match(error?.message ?? '', /overloaded/);
    const types = (await engine.events(run))
      .filter(({ event }) => 'node' in event && event.node === 'calls')
      .map(({ event }) => event.type);
    assert.equal(types.filter((type) => type === 'attempt.started').length, 1);
    assert.equal(types.filter((type) => type === 'retry.expired').length, 1);
  });

  it('there is nothing to close where there is no breaker', async (t) => {
    const kit = createKit(t);
    const server = await failing(t);
    const engine = await kit.open();
    const flow = compile(source(server.url, forever, 1).replace(/, breaker: \{[^}]*\}/, ''));
    await finish(engine, await startIn(engine, kit, flow));
    await assert.rejects(engine.closeBreaker('service', 'me'), { code: 'conflict', message: "the pool 'service' has no breaker" });
    await assert.rejects(engine.closeBreaker('nothing', 'me'), { code: 'not_found' });
  });

  it('a limit that was changed by hand keeps the numbers of the hand and the breaker of the flow', async (t) => {
    const kit = createKit(t);
    const server = await failing(t);
    const engine = await kit.open();
    await finish(engine, await startIn(engine, kit, compile(source(server.url, '{ failures: 7, cooldown: 1m }', 1))));
    await engine.setLimit('service', { concurrent: 3 }, 'me');
    await finish(engine, await startIn(engine, kit, compile(source(server.url, forever, 1))));
    const limit = { concurrent: 3, breaker: { failures: 2, cooldown: 600_000 } };
    assert.deepEqual((await engine.limits())[0]?.limit, limit);
    await engine.drain();
    assert.deepEqual((await (await kit.open()).limits())[0]?.limit, limit);
  });
});

describe('on the command line', () => {
  it('limits, status and the run itself tell of an open breaker, and --close ends it', { timeout: 60_000 }, async (t) => {
    const kit = createKit(t);
    const server = await failing(t);
    await server.turn('down');
    let shown = '';
    const child = runInProcess(t, kit, source(server.url, '{ failures: 3, cooldown: 10m }', 10, patient));
    child.stderr?.on('data', (data: Buffer) => (shown += data.toString()));
    await until(() => /Pool service: its breaker is open for \d+ min/.test(shown));
    assert.match(
      await command(kit, 'limits'),
      /service +8 +any +0 +10 +open for \d+ min( \d+ s)? more, until [\d:]{8} \(\d+ failures in a row, the last: overloaded\)/,
    );
    assert.match(await command(kit, 'status'), /! pool service: its breaker is open for/);
    const [pool] = JSON.parse(await command(kit, 'limits', '--json')) as { readonly breaker: BreakerStatus }[];
    assert.deepEqual([pool?.breaker.state, typeof pool?.breaker.until], ['open', 'number']);
    await server.turn('up');
    assert.match(
      await command(kit, 'limits', 'set', 'service', '--close'),
      /^service: the breaker is closed, at most 1 at once for now\n$/,
    );
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 0);
    assert.match(logOf(kit), /pool service: its breaker is closed by cli:/);
  });
});

/** `scriptorium run` of a flow file in a process of its own. */
function runInProcess(t: TestContext, kit: Kit, text: string): ReturnType<typeof spawn> {
  const file = join(dirname(kit.out), 'flow', 'test.flow.yaml');
  mkdirSync(dirname(file), { recursive: true });
  const handlers = new URL('./handlers.ts', import.meta.url).href;
  writeFileSync(join(dirname(file), 'handlers.ts'), `export { handlers } from ${JSON.stringify(handlers)};\n`);
  writeFileSync(file, text);
  const child = start(kit, 'run', file, '--out', kit.out, '--progress', 'plain');
  t.after(() => child.kill('SIGKILL'));
  return child;
}

function start(kit: Kit, ...words: readonly string[]): ReturnType<typeof spawn> {
  const argv = ['--disable-warning=ExperimentalWarning', main, ...words, '--home', kit.home];
  return spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What a command prints. */
async function command(kit: Kit, ...words: readonly string[]): Promise<string> {
  const child = start(kit, ...words);
  let [out, err] = ['', ''];
  child.stdout?.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (err += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0, err);
  return out;
}

function logOf(kit: Kit): string {
  const logs = join(kit.out, 'logs');
  try {
    return readdirSync(logs)
      .map((run) => readFileSync(join(logs, run, 'run.log'), 'utf8'))
      .join('');
  } catch {
    return '';
  }
}
