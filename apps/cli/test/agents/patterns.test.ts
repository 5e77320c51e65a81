/** The patterns of agents that `new` makes projects of, each with a scripted model over real HTTP. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { agentModule, offlineModel } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import type { Act, Asked, ModelServer } from '@scriptorium/agents/model-server';
import type { JsonObject, RunSummary } from '@scriptorium/core';
import { coreHandlers } from '@scriptorium/engine';
import { validateInput } from '@scriptorium/flow';
import { filesOf, parametersOf, templateNamed } from '../../src/flow-files/template.ts';
import { compile, createKit, finish, startIn } from '../engine/kit.ts';

type Script = (system: string, asked: Asked, number: number) => Act | Promise<Act>;

interface Played {
  readonly summary: RunSummary;
  readonly server: ModelServer;
}

/** A project of the template, as `scriptorium new` makes it, run once. */
async function played(t: TestContext, name: string, input: JsonObject, script: Script): Promise<Played> {
  const template = templateNamed(`agents-${name}`);
  const file = filesOf(template, parametersOf(template, ['flow=acme/team', 'usd=3'])).get(`${name}.flow.yaml`);
  assert.ok(file !== undefined);
  const server = await startModelServer((asked, number) => script(String(asked.messages[0]?.content), asked, number));
  t.after(() => server.close());
  const kit = createKit(t);
  const entry = { provider: 'compatible', url: server.url, price: { input: 1, output: 10 } } as const;
  const models = { good: { ...entry, model: 'good' }, slow: { ...entry, model: 'slow' } };
  const { handlers } = agentModule({ env: {}, models, own: [offlineModel] });
  const source = Buffer.from(file).toString('utf8').replaceAll('delay: 2s', 'delay: 1ms');
  const flow = compile(source, [...coreHandlers, ...handlers]);
  assert.deepEqual([flow.name, flow.budget], ['acme/team', { usd: 3 }]);
  const engine = await kit.open({ handlers });
  const given = validateInput(flow, { model: ['good'], ...input });
  assert.ok('value' in given);
  const run = await startIn(engine, kit, flow, given.value);
  return { summary: await finish(engine, run), server };
}

function said({ messages }: Asked): string {
  return JSON.stringify(messages.map(({ content }) => content));
}

describe('patterns of agents', () => {
  it('are all tried here', () => {
    const names = readdirSync(new URL('../../../../templates/', import.meta.url)).filter((name) => name.startsWith('agents-'));
    const tried = ['debate', 'fan-out', 'quorum', 'race', 'review', 'sequence', 'supervisor'];
    assert.deepEqual(names.toSorted(), tried.map((name) => `agents-${name}`).toSorted());
  });

  it('sequence: each has what the one before it gave', async (t) => {
    const { summary, server } = await played(t, 'sequence', { topic: 'salt' }, (system, asked) => {
      if (system.startsWith('You find')) return { json: { facts: ['Salt is old.'] } };
      if (system.startsWith('You write')) return { json: { text: said(asked).includes('Salt is old.') ? 'A page of salt.' : 'nothing' } };
      return { json: { text: said(asked).includes('A page of salt.') ? 'Salt.' : 'nothing' } };
    });
    assert.deepEqual([summary.output, server.asked.length, server.mostAtOnce()], ['Salt.', 3, 1]);
  });

  it('fan-out: the parts are done at the same time, one may fail, and the rest is put together in its order', async (t) => {
    let waiting = 0;
    const all = Promise.withResolvers<void>();
    const { summary, server } = await played(t, 'fan-out', { topic: 'salt' }, async (system, asked) => {
      if (system.startsWith('You divide')) return { json: { parts: ['a', 'b', 'c'] } };
      if (system.startsWith('You edit')) return { json: { text: /page of a.*page of c/s.test(said(asked)) ? 'All of it.' : 'nothing' } };
      waiting += 1;
      if (waiting === 3) all.resolve();
      await all.promise;
      const part = /Write about (\w)/.exec(said(asked))?.[1] ?? '';
      return part === 'b' ? { status: 400, message: 'no' } : { json: { text: `page of ${part}` } };
    });
    assert.deepEqual([summary.output, server.mostAtOnce()], ['All of it.', 3]);
  });

  it('race: the first wins and the other call is ended; one that fails loses', async (t) => {
    const never = new Promise<Act>(() => undefined);
    const { summary, server } = await played(t, 'race', { question: 'why?', other: ['slow'] }, (_system, { model }) =>
      model === 'slow' ? never : { json: { text: 'because' } },
    );
    assert.equal(summary.output, 'because');
    assert.equal(server.asked.length - server.abandoned() <= 2, true);
    const lame = await played(t, 'race', { question: 'why?', other: ['slow'] }, (_system, { model }) =>
      model === 'slow' ? { json: { text: 'late' } } : { status: 400, message: 'no' },
    );
    assert.equal(lame.summary.output, 'late');
    const none = await played(t, 'race', { question: 'why?', other: ['slow'] }, () => ({ status: 400, message: 'no' }));
    assert.equal(none.summary.error?.code, 'nobody_answered');
  });

  it('quorum: it goes on when enough agree, and knows when they do not', async (t) => {
    const never = new Promise<Act>(() => undefined);
    const yes: Act = { json: { vote: 'yes', why: 'it is good' } };
    const agreed = await played(t, 'quorum', { question: 'now?' }, (system) => (/tired|young/.test(system) ? never : yes));
    assert.deepEqual(agreed.summary.output, { agreed: true, reasons: ['it is good', 'it is good', 'it is good'], against: 0 });
    const split = await played(t, 'quorum', { question: 'now?' }, (system) =>
      /tired|young|an old/.test(system) ? { json: { vote: 'no', why: 'it is late' } } : yes,
    );
    assert.deepEqual(split.summary.output, { agreed: false, reasons: ['it is good', 'it is good'], against: 3 });
  });

  it('debate: both sides hear one another, and the judge hears both', async (t) => {
    const heard: string[] = [];
    const { summary, server } = await played(t, 'debate', { motion: 'Move it.' }, (system, asked, number) => {
      heard.push(said(asked));
      if (system.startsWith('You judge')) return { json: { winner: 'pro', why: 'it answered' } };
      return { json: { argument: `argument ${number}` } };
    });
    assert.deepEqual([summary.output, server.asked.length], [{ winner: 'pro', why: 'it answered' }, 5]);
    assert.match(heard[1] ?? '', /argument 1/);
    assert.match(heard[2] ?? '', /argument 2/);
    assert.match(heard[4] ?? '', /argument 1.*argument 2.*argument 3.*argument 4|argument 3.*argument 4.*argument 1.*argument 2/s);
  });

  it('supervisor: tasks are given out, one is refused, and the supervisor reads why', async (t) => {
    let rounds = 0;
    const heard: string[] = [];
    const { summary } = await played(t, 'supervisor', { goal: 'a book' }, (system, asked) => {
      if (system.startsWith('You do one')) {
        if (said(asked).includes('bind')) return { calls: [{ tool: 'refuse_work', input: { reason: 'no thread' } }] };
        return { json: { result: 'printed' } };
      }
      heard.push(said(asked));
      if (said(asked).includes('Report')) return { json: { text: 'half a book' } };
      rounds += 1;
      return { json: rounds === 1 ? { next: 'work', tasks: ['print', 'bind'] } : { next: 'report', tasks: [] } };
    });
    assert.deepEqual([summary.output, rounds], ['half a book', 2]);
    assert.match(heard[1] ?? '', /printed.*no thread/s);
  });

  it('review: the text is written again with the notes until it is good enough, or the rounds are over', async (t) => {
    let scores = [3, 9];
    const script: Script = (system, asked, number) =>
      system.startsWith('You review')
        ? { json: { score: scores.shift() ?? 1, notes: ['more salt'] } }
        : { json: { text: `${said(asked).includes('more salt') ? 'salted' : 'plain'} ${number}` } };
    const good = await played(t, 'review', { topic: 'soup' }, script);
    assert.deepEqual(good.summary.output, { text: 'salted 3', score: 9 });
    scores = [];
    const tired = await played(t, 'review', { topic: 'soup' }, script);
    assert.deepEqual([tired.summary.status, (tired.summary.output as { score: number }).score], ['succeeded', 1]);
  });
});
