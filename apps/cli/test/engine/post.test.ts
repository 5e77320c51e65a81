import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { defineHandler } from '@scriptorium/core';
import type { Context, Handler, Json } from '@scriptorium/core';
import { coreHandlers } from '@scriptorium/engine';
import { compileFlow } from '@scriptorium/flow';
import { compile, createKit, finish, startIn, until } from './kit.ts';

/** Says what it was given, in the order in which that was. */
function noting(): { readonly told: Json[]; readonly handlers: readonly Handler[] } {
  const told: Json[] = [];
  const note = defineHandler({
    name: 'try/note',
    version: '1.0.0',
    doc: 'Notes what it is given.',
    input: { type: 'object' },
    output: true,
    effects: 'write',
    run: ({ what }: { what: Json }, _context: Context) => {
      told.push(what);
      return { what };
    },
  });
  return { told, handlers: [note] };
}

const build = (source: string, handlers: readonly Handler[] = []): ReturnType<typeof compile> =>
  compile(source, [...coreHandlers, ...handlers]);

const asker = (more = ''): string => `
flow: try/asker
version: "1.0.0"
input: { topic: { type: string } }
steps:
  ask:
    uses: core/request
    with: { to: writer, from: editor, payload: { topic: "\${ input.topic }" }${more} }
    catch:
      - { errors: [message.refused], value: { payload: "refused" } }
      - { errors: [message.returned], value: { payload: "returned" } }
      - { errors: [message.undelivered], value: { payload: "undelivered" } }
      - { errors: [timeout], value: { payload: "late" } }
output: \${ ask }
`;

/** Takes one message, and does with it what the topic says. */
const worker = `
flow: try/worker
version: "1.0.0"
steps:
  mail:
    uses: core/receive
    with:
      mailbox: writer
      accepts: { type: object, required: [topic], properties: { topic: { type: string, minLength: 2 } } }
  answer:
    uses: core/reply
    with:
      message: \${ mail }
      outcome: "\${ mail.payload.topic == 'war' ? 'refused' : mail.payload.topic == 'peace' ? 'returned' : 'answered' }"
      reason: "not of \${ mail.payload.topic }"
      payload: "a page about \${ mail.payload.topic }"
output: \${ mail }
`;

describe('messages between runs', () => {
  it('is compiled as its definition says', () => {
    const file = new URL('../../../../packages/engine/src/post/await-post.flow.yaml', import.meta.url);
    const { flow } = compileFlow(readFileSync(file, 'utf8'), { file: 'await-post.flow.yaml', callables: new Map() });
    const [known] = coreHandlers.find(({ name }) => name === 'core/receive')?.flows ?? [];
    assert.deepEqual(flow, known);
  });

  for (const [topic, outcome] of [
    ['rain', 'a page about rain'],
    ['war', 'refused'],
    ['peace', 'returned'],
    ['x', 'refused'],
  ] as const)
    it(`asks about ${topic}, and hears: ${outcome}`, async (t) => {
      const kit = createKit(t);
      const engine = await kit.open();
      const asking = await startIn(engine, kit, build(asker()), { topic });
      const working = await startIn(engine, kit, build(worker));
      const { output, status } = await finish(engine, asking);
      assert.equal(status, 'succeeded');
      assert.equal((output as { payload: Json }).payload, outcome);
      // Refused by the mailbox itself: nobody has taken it.
      if (topic === 'x') return;
      const { output: taken } = await finish(engine, working);
      const { type, from, to, correlation, id } = taken as { readonly [name: string]: string };
      assert.deepEqual([type, from, to, correlation], ['request', 'editor', 'writer', id]);
      if (topic === 'rain') {
        const reply = output as { readonly [name: string]: string };
        assert.deepEqual(
          [reply['type'], reply['from'], reply['to'], reply['causation'], reply['correlation']],
          ['response', 'answer', 'editor', id, id],
        );
      }
    });

  it('gives the message that was not worked on in time to nobody', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const asking = await startIn(engine, kit, build(asker(', within: 1s')), { topic: 'rain' });
    const { output } = await finish(engine, asking);
    assert.equal((output as { payload: Json }).payload, 'late');
    const working = await startIn(engine, kit, build(worker));
    await until(async () => (await engine.waits(working)).length > 0);
  });

  it('says once of a step that waits for the post what it waits for', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const asking = await startIn(engine, kit, build(asker()), { topic: 'rain' });
    const idle = await startIn(
      engine,
      kit,
      build(
        'flow: try/idle\nversion: "1.0.0"\nsteps: { next: { uses: core/receive, with: { mailbox: desk, within: 1d } } }\noutput: "${ next.id }"\n',
      ),
    );
    await until(async () => (await engine.waits()).length === 2);
    const waits = (await engine.waits()).map(({ run, post }) => [run.split('.')[0], post]);
    const [sent] = await engine.messages();
    assert.deepEqual(
      new Map(waits as [string, unknown][]),
      new Map<string, unknown>([
        [asking, { step: 'ask', mailbox: 'writer', id: sent?.id }],
        [idle, { step: 'next', mailbox: 'desk', id: null }],
      ]),
    );
  });

  it('keeps what waits, and who waits for it, when the engine is gone', async (t) => {
    const kit = createKit(t);
    const first = await kit.open();
    const asking = await startIn(first, kit, build(asker()), { topic: 'rain' });
    await until(async () => (await first.waits(asking)).length > 0);
    await first.abandon();
    const second = await kit.open();
    const working = await startIn(second, kit, build(worker));
    await finish(second, working);
    await second.abandon();
    const third = await kit.open();
    await third.resume(asking, 'test');
    const { output } = await finish(third, asking);
    assert.equal((output as { payload: Json }).payload, 'a page about rain');
  });
});

/** There is nothing more, and nothing more will come. */
const EMPTY = ', within: 50ms';

/** Takes messages one after the other and notes what they say. */
const reading = (mailbox: string, settings = EMPTY, workers = 1): string => `
flow: try/reading
version: "1.0.0"
steps:
  readers:
    each: { in: "\${ [${Array.from({ length: workers }, (_, index) => index).join(', ')}] }", as: reader, workers: ${workers} }
    states:
      next:
        max: 100
        uses: core/receive
        with: { mailbox: ${mailbox}${settings} }
        next: note
        catch: [{ errors: [timeout], to: end }]
      note: { uses: try/note, with: { what: "\${ next.payload }" }, next: next }
      end: { value: true }
output: \${ readers.ok.size() }
`;

const once = (mailbox: string): string => `
flow: try/once
version: "1.0.0"
steps:
  next: { uses: core/receive, with: { mailbox: ${mailbox}, topics: [drafts] } }
  note: { uses: try/note, with: { what: "\${ next.payload }" } }
`;

describe('a mailbox of an engine', () => {
  const letter = { topic: false, key: null, priority: 5, id: null, by: 'test' } as const;

  it('gives each message to one reader, the urgent first, and knows what is sent again', async (t) => {
    const { told, handlers } = noting();
    const kit = createKit(t);
    const engine = await kit.open({ handlers });
    for (const [payload, priority] of [
      ['a', 5],
      ['b', 9],
      ['c', 1],
    ] as const)
      await engine.send({ ...letter, to: 'inbox', payload, priority, id: payload });
    assert.equal((await engine.send({ ...letter, to: 'inbox', payload: 'a', id: 'a' })).status, 'already');
    const run = await startIn(engine, kit, build(reading('inbox'), handlers));
    assert.equal((await finish(engine, run)).status, 'succeeded');
    assert.deepEqual(told, ['b', 'a', 'c']);
    assert.ok((await engine.messages({ mailbox: 'inbox' })).every(({ status }) => status === 'answered'));
    assert.equal((await engine.send({ ...letter, to: 'inbox', payload: 'a', id: 'a' })).status, 'already');
  });

  it('works on one message of a key at a time, in their order, whoever reads', async (t) => {
    const { told, handlers } = noting();
    const kit = createKit(t);
    const engine = await kit.open({ handlers });
    for (let n = 0; n < 12; n += 1) await engine.send({ ...letter, to: 'inbox', payload: `${n % 3} ${n}`, key: String(n % 3) });
    const run = await startIn(engine, kit, build(reading('inbox', EMPTY, 3), handlers));
    assert.equal((await finish(engine, run)).status, 'succeeded');
    const byKey = Map.groupBy(told as string[], (one) => one[0]);
    assert.deepEqual([...byKey.values()].flat().length, 12);
    for (const [key, own] of byKey)
      assert.deepEqual(
        own,
        [0, 3, 6, 9].map((n) => `${key} ${n + Number(key)}`),
      );
  });

  it('refuses what it has no room for, and a sender that tries again gets it in', async (t) => {
    const { told, handlers } = noting();
    const kit = createKit(t);
    const engine = await kit.open({ handlers });
    const first = await startIn(engine, kit, build(reading('inbox', `${EMPTY}, capacity: 2`), handlers));
    await finish(engine, first);
    for (const payload of ['a', 'b']) await engine.send({ ...letter, to: 'inbox', payload });
    await assert.rejects(engine.send({ ...letter, to: 'inbox', payload: 'c' }), /inbox has 2 messages, and takes no more/);
    const sending = await startIn(
      engine,
      kit,
      build(
        'flow: try/send\nversion: "1.0.0"\nsteps:\n  say: { uses: core/send, with: { to: inbox, payload: c }, retry: { max: 50, delay: 100ms, errors: [overloaded] } }\n',
      ),
    );
    const readAll = async (): Promise<unknown> => finish(engine, await startIn(engine, kit, build(reading('inbox'), handlers)));
    await readAll();
    assert.equal((await finish(engine, sending)).status, 'succeeded');
    await readAll();
    assert.deepEqual(told, ['a', 'b', 'c']);
  });

  it('counts a message as dead that nobody comes to an end with, shows it, and gives it out again when it is told to', async (t) => {
    const { told, handlers } = noting();
    const kit = createKit(t);
    const engine = await kit.open({ handlers });
    const failing = build(
      'flow: try/failing\nversion: "1.0.0"\nsteps:\n  mail: { uses: core/receive, with: { mailbox: inbox, deliveries: 2 } }\n  fall: { needs: [mail], uses: core/fail, with: { error: broken, message: no } }\n',
    );
    await engine.send({ ...letter, to: 'inbox', payload: 'a', id: 'a' });
    const runs: string[] = [];
    for (let time = 0; time < 2; time += 1) {
      const run = await startIn(engine, kit, failing);
      assert.equal((await finish(engine, run)).status, 'failed');
      runs.push(run);
    }
    const [dead] = await engine.messages({ status: 'dead' });
    assert.deepEqual([dead?.id, dead?.deliveries, dead?.mailbox, dead?.taker?.run], ['a', 2, 'inbox', runs[1]]);
    const reported: unknown[] = [];
    for (const run of runs) {
      await engine.report(run);
      const { deadMessages } = JSON.parse(readFileSync(join(kit.out, 'logs', run, 'report.json'), 'utf8')) as {
        deadMessages: { id: string }[];
      };
      reported.push(deadMessages.map(({ id }) => id));
    }
    assert.deepEqual(reported, [[], ['a']], 'it is told of by the run that had it last');
    assert.match(dead?.reason ?? '', /has ended: failed/);
    assert.deepEqual(await engine.redeliver({ mailbox: 'inbox', ids: null, by: 'test' }), ['a']);
    await finish(engine, await startIn(engine, kit, build(reading('inbox'), handlers)));
    assert.deepEqual(told, ['a']);
    assert.deepEqual((await engine.message('a')).payload, 'a');
  });

  it('answers a request that comes to nothing by an error, and takes errors that somebody sends', async (t) => {
    const kit = createKit(t);
    const engine = await kit.open();
    const failed = asker().replace(
      / {4}catch:\n[\s\S]*output:/,
      "    catch: [{ errors: [message.returned], value: '${ error.details }' }]\noutput:",
    );
    const asking = await startIn(engine, kit, build(failed), { topic: 'peace' });
    await finish(engine, await startIn(engine, kit, build(worker)));
    const { answer, payload } = (await finish(engine, asking)).output as { answer: { [name: string]: Json }; payload: Json };
    assert.equal(payload, 'a page about peace');
    assert.deepEqual([answer['type'], answer['to'], answer['correlation'] === answer['causation']], ['error', 'editor', true]);
    assert.deepEqual(answer['payload'], { outcome: 'returned', reason: 'not of peace', done: 'a page about peace' });
    const telling = build(
      'flow: try/telling\nversion: "1.0.0"\nsteps:\n  say: { uses: core/send, with: { to: desk, type: error, payload: the tide } }\noutput: "${ say.type }"\n',
    );
    assert.equal((await finish(engine, await startIn(engine, kit, telling))).output, 'error');
    assert.deepEqual(
      (await engine.messages({ mailbox: 'desk' })).map(({ type }) => type),
      ['error'],
    );
  });

  it('puts what is published into all mailboxes that have subscribed', async (t) => {
    const { told, handlers } = noting();
    const kit = createKit(t);
    const engine = await kit.open({ handlers });
    const readers: string[] = [];
    for (const name of ['one', 'two']) readers.push(await startIn(engine, kit, build(once(name), handlers)));
    await until(async () => (await engine.mailboxes()).length === 2);
    const publish = build(
      'flow: try/publish\nversion: "1.0.0"\nsteps:\n  say: { uses: core/publish, with: { topic: drafts, payload: d } }\noutput: "${ say.mailboxes }"\n',
    );
    const { output } = await finish(engine, await startIn(engine, kit, publish));
    assert.deepEqual(output, ['one', 'two']);
    for (const run of readers) await finish(engine, run);
    assert.deepEqual(told, ['d', 'd']);
  });

  it('loses nothing and mixes nothing up, however often the engine dies', async (t) => {
    const { told, handlers } = noting();
    const kit = createKit(t);
    let engine = await kit.open({ handlers });
    const sending = build(
      'flow: try/sending\nversion: "1.0.0"\nsteps:\n  all:\n    each: { in: "${ [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19] }", as: n, workers: 1 }\n    uses: core/send\n    with: { to: inbox, payload: "${ n }", key: "${ string(n % 4) }" }\n',
    );
    const reader = build(reading('inbox', '', 2), handlers);
    const sender = await startIn(engine, kit, sending);
    const readers = await startIn(engine, kit, reader);
    for (let death = 1; death <= 6; death += 1) {
      const enough = told.length + 2;
      await until(async () => told.length >= Math.min(20, enough));
      await engine.abandon();
      engine = await kit.open({ handlers });
      await engine.resumeAll({ by: 'test' });
    }
    assert.equal((await finish(engine, sender)).status, 'succeeded');
    await until(async () => new Set(told).size === 20 && (await engine.messages({ mailbox: 'inbox', status: 'taken' })).length === 0);
    await engine.cancel(readers, 'test', 'there is nothing more');
    const byKey = Map.groupBy(told as number[], (n) => n % 4);
    // At least once: what was being noted when the engine died may be there again, at once after the first time.
    for (const [key, own] of byKey)
      assert.deepEqual(
        [...new Set(own)],
        [0, 4, 8, 12, 16].map((n) => n + key),
      );
    assert.ok((await engine.messages({ mailbox: 'inbox' })).every(({ status }) => status === 'answered'));
  });
});
