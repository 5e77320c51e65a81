import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { AnswerRequest, Json } from '@scriptorium/core';
import { systemClock } from '@scriptorium/engine';
import { compile, compileTree, createKit, finish, startIn, startTree, until } from './kit.ts';

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
    const kit = createKit(t, { faults: ['clock_behind'] });
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
    const first = await kit.open({ world: { clock } });
    const run = await startIn(first, kit, flow, {}, { report: true });
    await until(async () => (await first.describe(run)).progress.items.waiting === 2);
    await first.stop();
    ahead = 59 * DAY_MS;
    const second = await kit.open({ world: { clock } });
    await second.resume(run, 'test');
    await until(async () => (await second.describe(run)).status === 'running');
    assert.equal((await second.describe(run)).progress.items.waiting, 2);
    await second.drain();
    ahead = 60 * DAY_MS;
    const third = await kit.open({ world: { clock } });
    await third.resume(run, 'test');
    const summary = await finish(third, run);
    assert.deepEqual([summary.status, summary.output], ['succeeded', 'done']);
    assert.equal((await third.events(run)).filter(({ event }) => event.type === 'wait.begun').length, 1);
    assert.match(readFileSync(join(kit.out, 'logs', run, 'run.log'), 'utf8'), /pause: waits until /);
  });
});

const asking = `
flow: try/asking
version: "1.0.0"
input: { count: { type: integer } }
steps:
  list: { uses: try/list, with: { count: "\${ input.count }" } }
  papers:
    each: { in: "\${ list }", as: paper, key: "\${ paper.id }", workers: 200 }
    steps:
      paid:
        wait: { event: paid, match: "\${ event.paper == paper.id }", answer: { type: object, required: [paper], properties: { paper: { type: string }, sum: { type: integer } } } }
        timeout: 7d
      read:
        needs: [paid]
        wait: { event: reading, ask: "Is \${ paper.id } good?", answer: { type: boolean } }
        timeout: 7d
    output: "\${ paper.id + ' ' + string(paid.sum ?? 0) + ' ' + string(read) }"
output: \${ papers.ok.map(p, p) }
`;
const by = 'test';

describe('waits for events', () => {
  const answerOf = (answer: Json, more: Partial<AnswerRequest> = {}): AnswerRequest => ({
    step: null,
    item: null,
    answer,
    as: null,
    id: null,
    by,
    ...more,
  });

  it('take no secret of the run, in whatever form, and nothing of it is written down', async (t) => {
    const kit = createKit(t);
    const secret = 'canary-7f3a9e';
    const engine = await kit.open({ env: { TOKEN: secret } });
    const flow = compile(`
flow: try/free
version: "1.0.0"
steps:
  told: { wait: { event: told, ask: What? } }
  sent: { wait: { event: sent } }
output: \${ [told, sent] }
`);
    const run = await startIn(engine, kit, flow, {}, { secrets: { TOKEN: { env: 'TOKEN' } } });
    await until(async () => (await engine.waits(run)).length === 2);
    const refused = { code: 'invalid', message: /contains the secret TOKEN$/, fix: /`secret:TOKEN`/ };
    for (const given of [secret, { deep: [`it is ${Buffer.from(secret).toString('hex')}`] }]) {
      await assert.rejects(engine.answer(run, answerOf(given, { step: 'told' })), refused);
      await assert.rejects(engine.signal(run, { name: 'sent', payload: given, id: null, by }), refused);
    }
    await engine.answer(run, answerOf('the TOKEN is known', { step: 'told' }));
    await engine.signal(run, { name: 'sent', payload: 'as agreed', id: null, by });
    assert.deepEqual((await finish(engine, run)).output, ['the TOKEN is known', 'as agreed']);
    const facts = JSON.stringify(await engine.events(run));
    for (const form of [secret, Buffer.from(secret).toString('hex')]) assert.ok(!facts.includes(form));
  });

  it('of items are told with their keys, checked at the door, and answered once', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const run = await startIn(engine, kit, compile(asking), { count: 2 });
    const open = async (): Promise<string[]> => (await engine.waits(run)).map(({ step, item }) => `${step} ${item}`);
    await until(async () => (await open()).length === 2);
    assert.deepEqual(await open(), ['papers/paid i0', 'papers/paid i1']);
    await assert.rejects(
      engine.signal(run, { name: 'paid', payload: { paper: 7 }, id: null, by }),
      /does not fit .*\/paper must be string/,
    );
    await assert.rejects(engine.signal(run, { name: 'reading', payload: true, id: null, by }), /is a question/);
    const sent = await Promise.all(
      [1, 1, 0].map((n, index) => engine.signal(run, { name: 'paid', payload: { paper: `i${n}`, sum: index }, id: `n${n}`, by })),
    );
    assert.deepEqual(
      sent.map(({ status }) => status),
      ['received', 'already', 'received'],
    );
    await until(async () => (await open()).every((wait) => wait.startsWith('papers/read')));
    await assert.rejects(engine.answer(run, answerOf(true)), /several open waits: papers\/read \[i\d\], papers\/read \[i\d\]/);
    await assert.rejects(
      engine.answer(run, answerOf('yes', { item: 'i0' })),
      /does not fit what papers\/read \[i0\] waits for: it must be boolean/,
    );
    const both = await Promise.allSettled(
      [true, false].map((answer) => engine.answer(run, answerOf(answer, { step: 'read', item: 'i0', id: `a${answer}` }))),
    );
    assert.deepEqual(
      both.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    assert.match(String((both[1] as PromiseRejectedResult).reason), /papers\/read \[i0\] waits no longer: it was answered by test at /);
    assert.equal((await engine.answer(run, answerOf(true, { step: 'read', item: 'i0', id: 'atrue' }))).status, 'already');
    assert.equal((await engine.answer(run, answerOf(false))).item, 'i1');
    assert.deepEqual((await finish(engine, run)).output, ['i0 2 true', 'i1 0 false']);
    await assert.rejects(engine.signal(run, { name: 'paid', payload: { paper: 'i0' }, id: null, by }), /has ended: succeeded/);
  });

  it('are open again when another engine has the store, and answered while nobody works on the run', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const run = await startIn(first, kit, compile(asking), { count: 3 });
    await until(async () => (await first.waits(run)).length === 3);
    await first.signal(run, { name: 'paid', payload: { paper: 'i1' }, id: null, by });
    await first.abandon();
    const second = await kit.open();
    assert.equal((await second.describe(run)).status, 'interrupted');
    const kept = await second.signal(run, { name: 'paid', payload: { paper: 'i2' }, id: 's2', by });
    assert.deepEqual([kept.status, kept.kept], ['received', true]);
    assert.equal((await second.signal(run, { name: 'paid', payload: { paper: 'i2' }, id: 's2', by })).status, 'already');
    await second.answer(run, answerOf({ paper: 'by hand' }, { step: 'paid', item: 'i0' }));
    await second.answer(run, answerOf(true, { item: 'i1', step: 'read' }));
    await second.stop();
    const third = await kit.open();
    await third.resume(run, by);
    await until(async () => (await third.waits()).filter(({ step }) => step === 'papers/read').length === 2);
    for (const item of ['i0', 'i2']) await third.answer(run, answerOf(false, { item, step: 'read' }));
    assert.deepEqual((await finish(third, run)).output, ['i0 0 false', 'i1 0 true', 'i2 0 false']);
  });

  it('of a run that was called are listed with the one that called it, and answered there', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const called = `
flow: try/called
version: "1.0.0"
steps:
  go: { wait: { event: go, ask: Go?, answer: { type: boolean } }, timeout: 1d }
output: { went: "\${ go }" }
`;
    const parent = `
flow: try/calling
version: "1.0.0"
steps:
  one: { uses: try/called@^1 }
output: \${ one.went }
`;
    const run = await startTree(engine, kit, compileTree(parent, called));
    await until(async () => (await engine.waits(run)).length === 1);
    const [wait] = await engine.waits();
    assert.deepEqual([wait?.step, wait?.run === run], ['go', false]);
    await engine.answer(wait?.run ?? '', answerOf(true));
    assert.deepEqual((await finish(engine, run)).output, true);
  });

  it('are planned as what nobody can foretell', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const flow = compile(asking);
    const options = { mode: 'flexible', test: false, dryRun: true, limit: null, out: kit.out, fresh: false, modules: [] } as const;
    const planned: string[] = [];
    for await (const { key, step, action, reason } of engine.plan({ flow, input: { count: 1 }, options, by }))
      planned.push(`${step} ${key} ${action}: ${reason}`);
    assert.deepEqual(planned.slice(1), ["papers/paid i0 run: waits for 'paid'", 'papers/read i0 run: after papers/paid']);
  });
});
