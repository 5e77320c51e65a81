import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { systemClock } from '@scriptorium/engine';
import { compile, createKit, finish, startIn, until } from './kit.ts';

const DAY_MS = 86_400_000;

describe('waits for a time', () => {
  it('of items side by side are over when it has come', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const flow = compile(`
flow: try/pauses
version: "1.0.0"
steps:
  all:
    each: { in: "\${ [1, 2, 3] }", as: n, workers: 3 }
    steps:
      pause: { wait: { for: "\${ string(n * 5) + 'ms' }" } }
      past: { wait: { until: "2020-01-01T00:00:00Z" } }
      after: { needs: [pause, past], value: "\${ n }" }
    output: \${ after }
output: \${ all.ok.map(n, n) }
`);
    const run = await startIn(engine, kit, flow);
    const { status, output, progress } = await finish(engine, run);
    assert.deepEqual([status, output], ['succeeded', [1, 2, 3]]);
    assert.deepEqual([progress.items.succeeded, progress.items.waiting, progress.items.running], [3, 0, 0]);
  });

  it('go on when the engine is there again, after two months too', async (t) => {
    const kit = createKit(t);
    const flow = compile(`
flow: try/months
version: "1.0.0"
steps:
  pause: { wait: 60d }
  after: { needs: [pause], value: done }
output: \${ after }
`);
    let ahead = 0;
    const clock = { ...systemClock, now: (): number => Date.now() + ahead };
    const first = await kit.open({ clock });
    const run = await startIn(first, kit, flow);
    await until(async () => (await first.describe(run)).progress.items.waiting === 2);
    await first.stop();
    ahead = 59 * DAY_MS;
    const second = await kit.open({ clock });
    await second.resume(run, 'test');
    await until(async () => (await second.describe(run)).status === 'running');
    assert.equal((await second.describe(run)).progress.items.waiting, 2);
    await second.drain();
    ahead = 60 * DAY_MS;
    const third = await kit.open({ clock });
    await third.resume(run, 'test');
    const summary = await finish(third, run);
    assert.deepEqual([summary.status, summary.output], ['succeeded', 'done']);
    assert.equal((await third.events(run)).filter(({ event }) => event.type === 'wait.begun').length, 1);
    assert.match(readFileSync(join(kit.out, 'logs', run, 'run.log'), 'utf8'), /pause: waits until /);
  });
});
