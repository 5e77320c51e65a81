import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '@scriptorium/engine';
import { compile, createKit, finish, startIn, until } from './kit.ts';

const HOURS_MS = 2 * 3_600_000;

const source = `
flow: try/pausing
version: "1.0.0"
steps:
  one: { wait: 400ms }
  two: { needs: [one], wait: 200ms }
output: done
`;

describe('a clock that is put two hours back', () => {
  it('keeps no wait for two hours when it happens while the engine works', async (t) => {
    const kit = createKit(t);
    let offMs = 0;
    const engine = await kit.open({ world: { clock: { ...systemClock, now: () => Date.now() + offMs } } });
    const run = await startIn(engine, kit, compile(source));
    offMs = -HOURS_MS;
    assert.equal((await finish(engine, run)).status, 'succeeded');
  });

  it('nor when it happens while nobody works, and the times of a run do not go back', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const run = await startIn(first, kit, compile(source));
    await until(async () => (await first.events(run)).some(({ event }) => event.type === 'wait.begun'));
    await first.abandon();
    const second = await kit.open({ world: { clock: { ...systemClock, now: () => Date.now() - HOURS_MS } } });
    await second.resume(run, 'test');
    assert.equal((await finish(second, run)).status, 'succeeded');
    const times = (await second.events(run)).map(({ at }) => at);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  });
});
