/** Work that misbehaves, on a real engine: each misdeed ends as the table says, and nothing else is harmed. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Json, RunSummary } from '@scriptorium/core';
import { openEngine, systemClock } from '@scriptorium/engine';
import type { Clock, Engine } from '@scriptorium/engine';
import { compileFlow, createContracts } from '@scriptorium/flow';
import { until } from '../kit.ts';
import { handlers } from './handlers.ts';

interface Misdeed {
  readonly do: string;
  readonly runs: 'async' | 'thread' | 'process';
  readonly [more: string]: Json;
}

interface Outcome {
  readonly summary: RunSummary;
  /** Code and message of the failure by item, or `done`. */
  readonly ends: ReadonlyMap<string, string>;
  readonly log: string;
}

const callables = new Map(handlers.map((handler) => [handler.name, handler]));
const secret = 'cnry-31a7/secret value+9';

const HOUR_MS = 3_600_000;
/** So many processes does one start that is told to start many. */
const MANY = 21;

/** All of them as items of one run, each beside one that does nothing. */
async function misbehave(t: TestContext, misdeeds: readonly Misdeed[], timeout = '60s', clock: Clock = systemClock): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'scriptorium-mis-'));
  const engine: Engine = await openEngine({
    home: join(directory, 'store'),
    modules: [{ url: new URL('./handlers.ts', import.meta.url).href, handlers }],
    contracts: createContracts(),
    env: { PATH: process.env['PATH'], CANARY: 'canary-of-the-parent', THE_SECRET: secret },
    world: { clock },
  });
  t.after(async () => {
    await engine.stop();
    rmSync(directory, { recursive: true });
  });
  const step = (runs: string): string => `
      ${runs}:
        uses: mis/${runs}
        if: \${ deed.runs == '${runs}' }
        timeout: ${timeout}
        with: { do: "\${ deed.do }", pids: "\${ deed.pids ?? '' }", ms: "\${ deed.ms ?? 0 }", secret: "secret:THE_SECRET" }`;
  const source = `
flow: try/misbehave
version: "1.0.0"
input: { deeds: { type: array, items: { type: object, required: [id, do, runs], properties: { id: { type: string }, do: { type: string }, runs: { type: string }, pids: { type: string }, ms: { type: integer } } } } }
steps:
  all:
    each: { in: "\${ input.deeds }", as: deed, key: "\${ deed.id }", workers: 4 }
    steps:${['async', 'thread', 'process'].map(step).join('')}
      good: { uses: mis/async, with: { do: nothing } }
`;
  const { flow, diagnostics } = compileFlow(source, { file: 'mis.flow.yaml', callables });
  if (flow === null) throw new Error(JSON.stringify(diagnostics));
  const out = join(directory, 'out');
  const options = { mode: 'best_effort', test: false, dryRun: false, limit: null, out, fresh: false, modules: [] } as const;
  const deeds = misdeeds.map((deed) => ({ id: `${deed.runs}: ${deed.do}`, ...deed }));
  const run = await engine.start({ flow, input: { deeds }, options, by: 'test' });
  let summary: RunSummary | undefined;
  for await (const one of engine.watch(run, { everyMs: 50 })) summary = one;
  if (summary === undefined) throw new Error('nothing to watch');
  const ends = new Map<string, string>();
  for await (const { key, status, error } of engine.results(run, 'all'))
    ends.set(key, error === null ? (status === 'succeeded' ? 'done' : status) : `${error.code}: ${error.message}`);
  // What a handler has left behind has had its time.
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { summary, ends, log: readFileSync(join(out, 'logs', run, 'run.log'), 'utf8') };
}

function check({ ends }: Outcome, table: { readonly [deed: string]: RegExp }): void {
  for (const [deed, expected] of Object.entries(table)) assert.match(ends.get(deed) ?? 'missing', expected, deed);
  assert.equal(ends.size, Object.keys(table).length);
}

const deed = (runs: Misdeed['runs'], what: string, more: { readonly [name: string]: Json } = {}): Misdeed => ({ do: what, runs, ...more });

describe('work that misbehaves', () => {
  it('whatever is thrown or returned is a failure of its item alone, wherever it runs', async (t) => {
    const odd = [
      'throw undefined',
      'throw a trap',
      'throw in circles',
      'throw secrets',
      'return a function',
      'return a circle',
      'return too much',
      'write later',
      'fail',
      'nothing',
    ];
    const where = ['async', 'thread', 'process'] as const;
    const outcome = await misbehave(
      t,
      where.flatMap((runs) => odd.map((what) => deed(runs, what))),
    );
    const rows = (runs: string): { readonly [name: string]: RegExp } => ({
      [`${runs}: throw undefined`]: /^unexpected: something that is not an error was thrown: undefined$/,
      [`${runs}: throw a trap`]: /^unexpected: .*cannot be looked at$/,
      [`${runs}: throw in circles`]: /^unexpected: Error: one$/,
      [`${runs}: throw secrets`]: /^unexpected: AggregateError: several with \*\*\*THE_SECRET\*\*\*$/,
      [`${runs}: return a function`]: /^contract\.output: .*\/done: a function is not JSON$/,
      [`${runs}: return a circle`]: /^contract\.output: .*deeper than 64 levels$/,
      [`${runs}: return too much`]: /^contract\.output: .*more than 67108864 characters; write it as a file$/,
      [`${runs}: write later`]: /^done$/,
      [`${runs}: fail`]: /^mis\.fault: it was told to$/,
      [`${runs}: nothing`]: /^done$/,
    });
    check(outcome, { ...rows('async'), ...rows('thread'), ...rows('process') });
    assert.match(outcome.log, /one of them: Error: first[\s\S]*caused by: Error: deep \*\*\*THE_SECRET\*\*\*/);
    assert.doesNotMatch(outcome.log, /a late write passed/);
    assert.ok(!outcome.log.includes(secret));
  });

  it('what ends its process or its thread loses that call, and is set aside after some', async (t) => {
    const outcome = await misbehave(t, [
      deed('process', 'abort'),
      deed('process', 'exit'),
      deed('thread', 'exit'),
      deed('process', 'keep a socket'),
      deed('process', 'nothing'),
    ]);
    check(outcome, {
      'process: abort': /^quarantined: .*4 attempts.*the process of mis\/process was ended by SIGABRT/,
      'process: exit': /^quarantined: .*4 attempts.*the process of mis\/process ended with exit code 0/,
      'thread: exit': /^quarantined: .*4 attempts/,
      'process: keep a socket': /^done$/,
      'process: nothing': /^done$/,
    });
  });

  it('what eats memory in a process fails with resource.memory, and the engine lives', async (t) => {
    const bombs = ['grow an array', 'grow numbers', 'grow a map', 'grow buffers'];
    const outcome = await misbehave(t, [...bombs.map((what) => deed('process', what)), deed('process', 'nothing')]);
    check(outcome, {
      ...Object.fromEntries(bombs.map((what) => [`process: ${what}`, /^resource\.memory: .*(256 MB|ran out of memory)/])),
      'process: nothing': /^done$/,
    });
  });

  it('what does not end is ended by its timeout, with all that it started', async (t) => {
    const pids = join(mkdtempSync(join(tmpdir(), 'scriptorium-pids-')), 'pids');
    t.after(() => rmSync(join(pids, '..'), { recursive: true }));
    const endless = [
      deed('thread', 'spin'),
      deed('process', 'spin'),
      deed('process', 'stop'),
      deed('process', 'ignore the end'),
      deed('async', 'ignore the end'),
      deed('async', 'answer late', { ms: 1_500 }),
    ];
    const started = (): readonly string[] => (existsSync(pids) ? readFileSync(pids, 'utf8').split('\n').slice(0, -1) : []);
    // However long it takes to start them, their time is over then.
    const after: Clock['after'] = (ms, fire) => {
      if (ms < HOUR_MS) return systemClock.after(ms, fire);
      const looking = setInterval(() => started().length === MANY && fire(), 20);
      return () => clearInterval(looking);
    };
    const many = misbehave(t, [deed('process', 'start many', { pids })], '1h', { ...systemClock, after });
    const timeout = /^timeout: the attempt took longer than 1000 ms$/;
    check(await misbehave(t, endless, '1s'), {
      'thread: spin': timeout,
      'process: spin': timeout,
      'process: stop': timeout,
      'process: ignore the end': timeout,
      'async: ignore the end': timeout,
      'async: answer late': timeout,
    });
    check(await many, { 'process: start many': /^timeout: the attempt took longer than 3600000 ms$/ });
    await until(() => started().every((pid) => !existsSync(`/proc/${pid}/exe`)));
  });

  it('what is printed in a process is in the log, without secrets and not without end', async (t) => {
    const outcome = await misbehave(t, [deed('process', 'print secrets'), deed('process', 'print without end')]);
    check(outcome, { 'process: print secrets': /^done$/, 'process: print without end': /^done$/ });
    assert.match(outcome.log, /to standard output: \*\*\*THE_SECRET\*\*\*/);
    assert.match(outcome.log, /to standard error: \*\*\*THE_SECRET\*\*\*/);
    assert.match(outcome.log, /without an end/);
    assert.match(outcome.log, /90000 more lines were dropped/);
    assert.ok(!outcome.log.includes(secret));
  });

  it('a process sees of the environment what every program sees, and works in an empty directory that goes with it', async (t) => {
    const { status, output } = await lastOf(
      t,
      'steps:\n  tell: { uses: mis/process, with: { do: tell the environment } }\noutput: ${ tell }',
    );
    assert.equal(status, 'succeeded');
    const { env, cwd } = output as { env: { readonly [name: string]: string }; cwd: string };
    const known = ['PATH', 'TMPDIR', 'NODE_COMPILE_CACHE', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE'];
    assert.deepEqual(
      Object.keys(env).filter((name) => !known.includes(name)),
      [],
    );
    assert.match(cwd, /scriptorium-call-/);
    assert.ok(!existsSync(cwd));
  });

  it('what a handler in the engine leaves behind is told to the log of its run, and the engine lives', async (t) => {
    const { status, log, said } = await lastOf(t, 'steps:\n  leave: { uses: mis/async, with: { do: reject later } }\noutput: null');
    assert.equal(status, 'succeeded');
    assert.match(said, /alive/);
    assert.match(log, /ERROR leave: mis\/async left something behind that failed later: Error: out of nowhere/);
    assert.match(log, /ERROR leave: mis\/async left something behind that failed later: Error: out of a timer/);
  });

  it('an engine that is killed takes all processes with it, whatever they do', async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'scriptorium-killed-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const pids = join(directory, 'pids');
    const noted = (argv: string): string => `{ uses: core/exec, with: { argv: ${argv} } }`;
    const engine = launch(
      directory,
      `steps:
  spin: { uses: mis/process, with: { do: note and spin, pids: ${JSON.stringify(pids)} } }
  many: { uses: mis/process, with: { do: start many, pids: ${JSON.stringify(pids)} } }
  shell: ${noted(`[sh, -c, "sleep 600 & echo $! >> $0; echo $$ >> $0; trap '' TERM; wait", ${JSON.stringify(pids)}]`)}
  stopped: ${noted(`[sh, -c, "echo $$ >> $0; kill -STOP $$", ${JSON.stringify(pids)}]`)}
output: null`,
    );
    const listed = (): readonly string[] => (existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n') : []);
    await until(() => listed().length === 25);
    engine.child.kill('SIGKILL');
    const killed = performance.now();
    await until(() => listed().every((pid) => !existsSync(`/proc/${pid}/exe`)));
    t.diagnostic(`${listed().length} processes were gone ${Math.ceil(performance.now() - killed)} ms after the engine`);
  });
});

interface Last {
  readonly status: string;
  readonly output: Json;
  readonly log: string;
  readonly said: string;
}

/** How a run of these steps ends on an engine in a process of its own. */
async function lastOf(t: TestContext, steps: string): Promise<Last> {
  const directory = mkdtempSync(join(tmpdir(), 'scriptorium-alone-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const said = await launch(directory, steps).ended;
  const [first = ''] = said.split('\n');
  const logs = join(directory, 'out', 'logs');
  // Of a run that there is nothing to tell of there is no log.
  const [run] = existsSync(logs) ? readdirSync(logs) : [];
  const log = run === undefined ? '' : readFileSync(join(logs, run, 'run.log'), 'utf8');
  return { ...(JSON.parse(first) as Pick<Last, 'status' | 'output'>), log, said };
}

function launch(directory: string, steps: string): { readonly child: ChildProcess; readonly ended: Promise<string> } {
  const source = `flow: try/alone\nversion: "1.0.0"\n${steps}\n`;
  const main = fileURLToPath(new URL('./engine.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, directory, source], { env: process.env });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  return { child, ended: new Promise((resolve) => child.once('close', () => resolve(said))) };
}
