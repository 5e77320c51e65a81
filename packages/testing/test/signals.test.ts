/** Waits, answers and signals in a rehearsal: in items, given twice, too late, and across the end of an engine. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rehearse } from '../src/index.ts';

const asked = `
flow: test/asked
version: "1.0.0"
steps:
  ask:
    each: { in: "\${ ['anna', 'bo'] }", as: who, key: "\${ who }" }
    wait: { event: reply, ask: "\${ who }, shall we?", to: [author], answer: { type: boolean } }
    timeout: 2d
    catch: [{ errors: [timeout], value: false }]
output: \${ ask.ok.map(one, one) }
`;

test('items are asked by their keys, and one who says nothing has the default', async () => {
  await using run = await rehearse(asked);
  const waits = await run.untilWaiting();
  assert.deepEqual(
    waits.map(({ item, ask }) => [item, ask]),
    [
      ['anna', 'anna, shall we?'],
      ['bo', 'bo, shall we?'],
    ],
  );
  await run.answer('ask', true, { item: 'bo' });
  assert.deepEqual((await run.outcome()).output, [false, true]);
  assert.equal(run.elapsedMs(), 2 * 86_400_000);
});

test('an answer that is given twice is one answer, a second one comes too late, and a wrong one is refused', async () => {
  await using run = await rehearse(asked);
  await run.untilWaiting();
  await assert.rejects(run.answer('ask', 'yes', { item: 'bo' }), { code: 'invalid' });
  assert.equal((await run.answer('ask', true, { item: 'bo', id: 'x' })).status, 'answered');
  assert.equal((await run.answer('ask', true, { item: 'bo', id: 'x' })).status, 'already');
  await assert.rejects(run.answer('ask', false, { item: 'bo', id: 'y' }), { code: 'conflict' });
  await run.outcome();
  await assert.rejects(run.answer('ask', true, { item: 'anna' }), { code: 'conflict' });
});

test('an answer that was given survives the end of the engine, and a wait goes on where it was', async () => {
  await using run = await rehearse(asked);
  await run.untilWaiting();
  await run.answer('ask', true, { item: 'anna' });
  await run.advance('47h');
  await run.kill();
  assert.equal((await run.untilWaiting()).length, 1);
  await run.answer('ask', true, { item: 'bo' });
  assert.deepEqual((await run.outcome()).output, [true, true]);
  assert.equal(run.elapsedMs(), 47 * 3_600_000);
});

test('the same signal twice is one signal', async () => {
  const twice = `
flow: test/twice
version: "1.0.0"
steps:
  first: { wait: { event: ring }, timeout: 1d }
  second: { needs: [first], wait: { event: ring }, timeout: 1d, catch: [{ errors: [timeout], value: nobody }] }
output: \${ second }
`;
  await using once = await rehearse(twice);
  await once.signal('ring', 1, 'a');
  assert.equal((await once.signal('ring', 1, 'a')).status, 'already');
  assert.equal((await once.outcome()).output, 'nobody');
  await using both = await rehearse(twice);
  await both.signal('ring', 1, 'a');
  await both.signal('ring', 2, 'b');
  assert.equal((await both.outcome()).output, 2);
});

test('where nothing waits for an event, that is said', async () => {
  await using run = await rehearse(`flow: test/none\nversion: "1.0.0"\nsteps: { a: { wait: 1h } }\noutput: null\n`);
  await assert.rejects(run.untilWaiting(), /the run is succeeded, and nothing waits for an event/);
});
