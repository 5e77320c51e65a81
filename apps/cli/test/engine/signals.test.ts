import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coreHandlers } from '@scriptorium/engine';
import { compileTree, createKit, finish, startTree } from './kit.ts';

describe('core/emit', () => {
  it('reaches a wait of the own run, once, in an item too', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const tree = compileTree(
      `
flow: try/emits
version: "1.0.0"
steps:
  paid: { wait: { event: paid, match: "\${ event.order == 2 }", answer: { type: object, required: [order], properties: { order: { type: integer } } } }, timeout: 1m }
  orders:
    each: { in: [1, 2, 3], as: order, workers: 1 }
    uses: core/emit
    with: { event: paid, data: { order: "\${ order }" } }
output: \${ paid.order }
`,
    );
    const run = await startTree(engine, kit, tree);
    const { status, output } = await finish(engine, run);
    assert.deepEqual([status, output], ['succeeded', 2]);
    const received = (await engine.events(run)).flatMap(({ event }) => (event.type === 'signal.received' ? [event] : []));
    assert.deepEqual(
      received.map(({ name, by }) => [name, by]),
      [1, 2, 3].map(() => ['paid', 'step orders']),
    );
    assert.equal(new Set(received.map(({ id }) => id)).size, 3);
  });

  it('is received once when the engine ended after the signal and before the step', async (t) => {
    const kit = createKit(t);
    const tree = compileTree(`
flow: try/says
version: "1.0.0"
steps:
  said: { uses: core/emit, with: { event: paid } }
  one: { needs: [said], wait: { event: paid }, timeout: 1m }
  two: { needs: [one], wait: { event: paid }, timeout: 1ms, catch: [{ errors: [timeout], value: nothing }] }
output: \${ two }
`);
    const first = await kit.open();
    const run = await startTree(first, kit, tree);
    await finish(first, run);
    const events = await first.events(run);
    await first.rollback({ run, to: events.find(({ event }) => event.type === 'signal.received')?.gseq ?? 0, by: 'test' });
    await first.abandon();
    const engine = await kit.open();
    await engine.resume(run, 'test');
    assert.equal((await finish(engine, run)).output, 'nothing');
    const after = (await engine.events(run)).slice(events.length).map(({ event }) => event.type);
    assert.deepEqual([after.includes('attempt.started'), after.includes('signal.received')], [true, false]);
  });

  it('fails where the flow takes no such event, with what was probably meant', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const tree = compileTree(`
flow: try/mistaken
version: "1.0.0"
steps:
  paid: { wait: { event: paid, answer: { type: object } }, timeout: 1ms, catch: [{ value: {} }] }
  said: { uses: core/emit, with: { event: "\${ 'pay' + 'd' }" }, catch: [{ errors: [signal.refused], value: { received: false } }] }
output: \${ said.received }
`);
    const { status, output } = await finish(engine, await startTree(engine, kit, tree));
    assert.deepEqual([status, output], ['succeeded', false]);
  });
});

describe('core/signal', () => {
  it('reaches a detached run, whose id the step that started it gives; one that has ended receives nothing', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const waiting = `
flow: try/waiting
version: "1.0.0"
steps:
  go: { wait: { event: go, answer: { type: object, required: [n], properties: { n: { type: integer } } } }, timeout: 1m }
output: \${ go.n }
`;
    const caller = `
flow: try/caller
version: "1.0.0"
steps:
  left: { uses: try/waiting, detached: true }
  told: { uses: core/signal, with: { run: "\${ left.run }", event: go, data: { n: 7 } } }
output: { run: "\${ left.run }", received: "\${ told.received }" }
`;
    const summary = await finish(engine, await startTree(engine, kit, compileTree(caller, waiting)));
    const { run, received } = summary.output as { run: string; received: boolean };
    assert.deepEqual([summary.status, received], ['succeeded', true]);
    const left = await finish(engine, run);
    assert.deepEqual([left.status, left.output], ['succeeded', 7]);
    const late = `
flow: try/late
version: "1.0.0"
input: { to: { type: string } }
steps:
  told: { uses: core/signal, with: { run: "\${ input.to }", event: go, data: { n: 8 } } }
output: \${ told.received }
`;
    const again = await finish(engine, await startTree(engine, kit, compileTree(late), { to: run }));
    assert.deepEqual([again.status, again.output], ['succeeded', false]);
    const unknown = await finish(engine, await startTree(engine, kit, compileTree(late), { to: '20200101-000000-aaaaaa' }));
    assert.deepEqual([unknown.status, unknown.error?.code], ['failed', 'signal.refused']);
  });

  it('is among the handlers that every engine has', () => {
    const names = coreHandlers.map(({ name }) => name);
    const post = ['core/send', 'core/publish', 'core/request', 'core/receive', 'core/reply'];
    assert.deepEqual(names, [
      'core/exec',
      'core/fail',
      'core/make',
      'core/files',
      'core/read',
      'core/write',
      'core/http',
      'core/emit',
      'core/signal',
      ...post,
    ]);
  });
});
