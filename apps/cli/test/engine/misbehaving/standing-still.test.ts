import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { blockedIn } from '@scriptorium/engine';

const main = fileURLToPath(new URL('./engine.ts', import.meta.url));

const source = `
flow: try/standing-still
version: "1.0.0"
input: { enough: { type: string } }
steps:
  first: { uses: mis/async, with: { do: nothing } }
  still: { uses: mis/async, needs: [first], with: { do: stand still, pids: "\${ input.enough }" } }
output: "\${ still }"
`;

it('a handler that an engine stands still for is named outside of it, and the run goes on once it gives way', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'scriptorium-still-'));
  const [home, enough] = [join(directory, 'store'), join(directory, 'enough')];
  const argv = ['--disable-warning=ExperimentalWarning', main, directory, source, JSON.stringify({ enough })];
  const engine = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => {
    engine.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  let said = '';
  for (const stream of [engine.stdout, engine.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(engine, 'close');

  while (blockedIn(home) === null && engine.exitCode === null) await sleep(50);
  const blocked = blockedIn(home);
  assert.ok(blocked !== null, said);
  assert.deepEqual([blocked.pid, blocked.calls.length], [engine.pid, 1]);
  assert.partialDeepStrictEqual(blocked.calls, [{ step: 'still', handler: 'mis/async' }]);

  writeFileSync(enough, '');
  assert.deepEqual(await ended, [0, null]);
  assert.equal(blockedIn(home), null);
  assert.match(said, /mis\/async \(step still of run \S+\) computes in the engine's own thread/);
  assert.match(said, /"status":"succeeded","output":\{"done":true\}/);
});
