import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { blockedFile, blockedIn, blockedText } from './loop-watch.ts';

const home = mkdtempSync(join(tmpdir(), 'scriptorium-blocked-'));
after(() => rmSync(home, { recursive: true }));

test(
  'a handler that computes in the thread of its engine is named until it has ended, and the engine goes on',
  { timeout: 60_000 },
  async (context) => {
    const engine = fork(new URL('./loop-watch.fixture.ts', import.meta.url), [home], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    context.after(() => void engine.kill('SIGKILL'));
    let said = '';
    engine.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = once(engine, 'exit');

    while (blockedIn(home) === null && engine.exitCode === null) await sleep(20);
    const blocked = blockedIn(home);
    assert.ok(blocked !== null, said);
    const { pid, calls } = blocked;
    assert.equal(pid, engine.pid);
    assert.deepEqual(calls, [{ run: 'run', step: 'blocking', handler: 'fixture/block' }]);
    assert.match(blockedText(blocked), /^fixture\/block \(step blocking of run run\) computes/);

    const gone = once(engine, 'message');
    writeFileSync(join(home, 'seen'), '');
    engine.send('enough');
    assert.deepEqual(await gone, ['turned', undefined]);
    while (existsSync(blockedFile(home)) && engine.exitCode === null) await sleep(20);
    assert.equal(existsSync(blockedFile(home)), false);

    engine.disconnect();
    assert.deepEqual(await ended, [0, null]);
    assert.match(said, /fixture\/block \(step blocking of run run\).*runs: 'thread'/);
  },
);
