/** An engine that has as many runs as it may. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compile, createKit, finish, startIn } from './kit.ts';

const flow = compile(`
flow: try/waiting
version: "1.0.0"
input: { n: { type: integer } }
steps:
  heard: { wait: { event: heard } }
output: "\${ input.n }"
`);

describe('an engine that has as many runs as it may', () => {
  it('refuses more before it looks at them, and keeps each that it has acknowledged', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open({ maxRuns: 3 });
    const asked = await Promise.allSettled([0, 1, 2].map((n) => startIn(engine, kit, flow, { n })));
    const runs = asked.map((one) => (one.status === 'fulfilled' ? one.value : assert.fail(String(one.reason))));
    for (const request of [null, { flow: 'none' }, undefined])
      await assert.rejects(engine.start(request as never), {
        code: 'overloaded',
        message: 'the engine works on 3 runs, and may have no more',
        fix: 'Start it when others have ended.',
        retryAfterMs: 10_000,
      });
    const signal = { name: 'heard', payload: null, id: null, by: 'test' };
    await engine.signal(runs[0] ?? '', signal);
    assert.equal((await finish(engine, runs[0] ?? '')).output, 0);
    await assert.rejects(engine.start({ flow: 'none' } as never), { code: 'invalid' });
    await engine.abandon();
    const again = await kit.open();
    const statuses = await Promise.all(runs.map(async (run) => (await again.describe(run)).status));
    assert.deepEqual([statuses, (await again.list()).length], [['succeeded', 'interrupted', 'interrupted'], 3]);
  });
});
