import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { it } from 'node:test';
import type { Engine } from '@scriptorium/engine';
import { createVirtualClock } from '@scriptorium/testing/virtual-clock';
import { compile, createKit, finish, startIn, until } from './kit.ts';

const RUNS = 6;

it('the end of an engine is shared by the calls of all runs that were at work, whenever they are resumed', async (t) => {
  const kit = createKit(t);
  const flow = compile(`
flow: try/blamed
version: "1.0.0"
steps:
  held: { uses: try/write, with: { text: x, log: ${JSON.stringify(kit.log)}, gate: ${JSON.stringify(`${kit.log}.gate`)} } }
output: done
`);
  const shares = async (engine: Engine, run: string): Promise<readonly number[]> =>
    (await engine.events(run)).flatMap(({ event }) => (event.type === 'attempt.lost' && event.reason === 'engine' ? [event.among] : []));
  const first = await kit.open();
  const runs = await Promise.all(Array.from({ length: RUNS }, () => startIn(first, kit, flow)));
  await until(() => kit.calls().length === RUNS);
  await first.abandon();
  const [early = '', ...late] = runs;
  const second = await kit.open();
  await second.resume(early, 'test');
  assert.deepEqual(await shares(second, early), [RUNS]);
  await until(() => kit.calls().length === RUNS + 1);
  await second.abandon();
  const third = await kit.open();
  for (const run of runs) await third.resume(run, 'test');
  assert.deepEqual(await shares(third, early), [RUNS, 1]);
  for (const run of late) assert.deepEqual(await shares(third, run), [RUNS]);
  writeFileSync(`${kit.log}.gate`, '');
  for (const run of runs) assert.equal((await finish(third, run)).status, 'succeeded');
});

/** Short beside what a suspect waits. */
const SOON_MS = 20;

it('an engine that is ended from outside soon after each start sets nothing aside', async (t) => {
  const kit = createKit(t);
  const gate = `${kit.log}.gate`;
  const flow = compile(`
flow: try/unlucky
version: "1.0.0"
steps:
  held: { uses: try/write, with: { text: x, log: ${JSON.stringify(kit.log)}, gate: ${JSON.stringify(gate)} } }
output: done
`);
  const first = await kit.open();
  const run = await startIn(first, kit, flow);
  await until(() => kit.calls().length === 1);
  await first.abandon();
  const second = await kit.open();
  await second.resume(run, 'test');
  await until(() => kit.calls().length === 2);
  await second.abandon();
  for (let end = 0; end < 6; end += 1) {
    const clock = createVirtualClock(Date.now());
    const unlucky = await kit.open({ world: { clock } });
    await unlucky.resume(run, 'test');
    // It waits for a while before it starts again.
    await until(() => clock.next() !== null);
    clock.moveTo(clock.now() + SOON_MS);
    await unlucky.abandon();
  }
  assert.equal(kit.calls().length, 2);
  writeFileSync(gate, '');
  const last = await kit.open();
  await last.resume(run, 'test');
  assert.equal((await finish(last, run)).status, 'succeeded');
});
