/** What is asked of an engine while it is about to do something else. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashFlow } from '@scriptorium/flow';
import { rehearse, takes } from '../src/index.ts';

const source = `
flow: try/meanwhile
version: 1.0.0
steps:
  a: { uses: try/work, with: { n: 1 } }
  b: { uses: try/work, with: { n: 2 } }
  c: { uses: try/work, with: { n: 3 } }
  d: { needs: [a, b, c], uses: try/work, with: { n: 4 } }
output: "\${ d }"
`;

test('given results that several steps take over, one as another is asked for, then each takes over one', async () => {
  const several = `
flow: try/several
version: 1.0.0
steps:
  a: { uses: try/work, with: { n: 1 } }
  b: { uses: try/work, with: { n: 2 } }
  inner:
    needs: a
    steps:
      c: { uses: try/work, with: { n: 3 } }
      d: { each: "\${ [1, 2] }", uses: try/work, with: { n: "\${ item }" } }
    output: 1
output: 1
`;
  await using run = await rehearse(several, { script: { 'try/work': takes('1s', 1) } });
  await run.outcome();
  const fork = await run.host().fork({ run: run.id, step: null, input: null, outputs: {}, by: 'test' });
  await run.settle();
  const reused = (await run.host().events(fork)).flatMap(({ event }) =>
    event.type === 'attempt.reused' ? [`${event.node} ${event.item}`] : [],
  );
  assert.deepEqual(reused.toSorted(), ['a 0', 'b 0', 'inner/c 0', 'inner/d 0', 'inner/d 1']);
});

test('given a run that is resumed while a migration waits for its calls to end, then it goes on with the new definition', async () => {
  await using run = await rehearse(source, { script: { 'try/work': takes('10s', 1) } });
  await run.advance('1s');
  const { hash: _, ...flow } = run.flow;
  const newer = { ...flow, version: '1.0.1', doc: 'The same, told in more words.' };
  const host = run.host();
  await host.pause(run.id, 'test');
  const migrating = host.migrate({ flow: { ...newer, hash: hashFlow(newer) }, modules: [], dryRun: false, by: 'test' });
  await host.resume(run.id, 'test');
  await run.advance('10s');
  assert.deepEqual(
    (await migrating).map(({ outcome }) => outcome),
    ['migrated'],
  );
  assert.equal((await run.outcome()).status, 'succeeded');
  assert.equal((await host.describe(run.id)).flow.version, '1.0.1');
});

test('given two migrations that wait for the same calls to end, then the run moves once', async () => {
  await using run = await rehearse(source, { script: { 'try/work': takes('10s', 1) } });
  await run.advance('1s');
  const { hash: _, ...flow } = run.flow;
  const newer = { ...flow, version: '1.0.1', doc: 'The same, told in more words.' };
  const host = run.host();
  await host.pause(run.id, 'test');
  const request = { flow: { ...newer, hash: hashFlow(newer) }, modules: [], dryRun: false, by: 'test' };
  const both = Promise.all([host.migrate(request), host.migrate(request)]);
  await run.advance('10s');
  assert.deepEqual(
    (await both).flat().map(({ outcome }) => outcome),
    ['migrated', 'unaffected'],
  );
  await host.resume(run.id, 'test');
  assert.equal((await run.outcome()).status, 'succeeded');
  assert.equal((await run.events('run.migrated')).length, 1);
});
