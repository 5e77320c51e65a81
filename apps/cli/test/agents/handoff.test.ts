import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { agentModule, offlineModel } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import type { Act, Asked, ModelServer } from '@scriptorium/agents/model-server';
import type { Handler, Json, RunSummary, ValueRef } from '@scriptorium/core';
import type { Engine } from '@scriptorium/engine';
import { compile, createKit, finish, startIn } from '../engine/kit.ts';

const turns = Array.from({ length: 200 }, (_, index) => `Turn ${index}: ${'they talked about the lighthouse and the sea. '.repeat(4)}`);

interface Played {
  readonly summary: RunSummary;
  readonly server: ModelServer;
  readonly engine: Engine;
}

async function played(t: TestContext, source: string, act: (asked: Asked, number: number) => Act): Promise<Played> {
  const server = await startModelServer(act);
  t.after(() => server.close());
  const kit = createKit(t);
  const entry = { provider: 'compatible', model: 'm', url: server.url, price: { input: 10, output: 100 } } as const;
  const handlers: readonly Handler[] = agentModule({ env: {}, models: { good: entry }, own: [offlineModel] }).handlers;
  const engine = await kit.open({ handlers });
  const run = await startIn(engine, kit, compile(source, handlers), { turns });
  return { summary: await finish(engine, run), server, engine };
}

const handing = (context: string, rest = '', model = 'model: good'): string => `
flow: try/handing
version: "1.0.0"
budget: { usd: 100 }
input: { turns: { type: array, items: { type: string } } }
steps:
  hand:
    uses: core/handoff
    with: { from: critic, to: writer, payload: { task: revise }, priority: 7, ${model}, context: ${context} }
${rest}`;

const long =
  '{ tokens: 8000, latest: 20, pin: { rules: "Nobody dies." }, summarise: { turns: "${ input.turns }" }, drop: { gossip: "who said what" } }';

interface Message {
  readonly id: string;
  readonly type: string;
  readonly correlation: string;
  readonly priority: number;
  readonly context: {
    readonly parts: { readonly [name: string]: Json };
    readonly left: readonly { readonly name: string; readonly how: string }[];
    readonly tokens: number;
    readonly original: ValueRef;
  };
}

function saidTo({ messages }: Asked): string {
  return JSON.stringify(messages.map(({ content }) => content));
}

describe('a handoff', () => {
  it('brings 200 turns along under 8,000 tokens, what is dropped named, and all of it there to be read', async (t) => {
    const { summary, server, engine } = await played(t, handing(long, 'output: ${ hand }\n'), () => ({
      json: { turns_before: 'They talked about the lighthouse.' },
      usage: { input: 1_000, output: 10 },
    }));
    const { id, type, correlation, priority, context } = summary.output as unknown as Message;
    assert.deepEqual([type, correlation, priority], ['request', id, 7]);
    assert.ok(context.tokens <= 8_000);
    assert.deepEqual(context.parts, { rules: 'Nobody dies.', turns_before: 'They talked about the lighthouse.', turns: turns.slice(-20) });
    assert.deepEqual(
      context.left.map(({ name, how }) => [name, how]),
      [
        ['turns_before', 'summarised'],
        ['gossip', 'dropped'],
      ],
    );
    assert.deepEqual(await engine.value(context.original.ref), { rules: 'Nobody dies.', turns, gossip: 'who said what' });
    assert.equal(server.asked.length, 1);
    // A summary is a call like any other: what it cost is on the budget.
    assert.deepEqual(summary.progress.usage.used, { usd: 0.011, tokens: 1_010, calls: 1 });
  });

  it('is shortened by the offline model, too, and without any model is cut', async (t) => {
    for (const [model, how, calls] of [
      ['model: [offline]', 'summarised', 1],
      ['after: null', 'cut', 0],
    ] as const) {
      const { summary, server } = await played(t, handing(long, 'output: ${ hand }\n', model), () => ({ text: 'never' }));
      const { context } = summary.output as unknown as Message;
      assert.deepEqual([context.left[0]?.how, server.asked.length, summary.progress.usage.used.calls], [how, 0, calls]);
      assert.ok(context.tokens <= 8_000);
      assert.match(String(context.parts['turns_before']).slice(0, 20), /Turn 0: /);
    }
  });

  it('fails where what is pinned alone is too much', async (t) => {
    const { summary } = await played(t, handing('{ tokens: 100, pin: { turns: "${ input.turns }" } }'), () => ({ text: 'never' }));
    assert.equal(summary.error?.code, 'context.too_large');
  });

  const writing = (more = ''): string => `  write:
    uses: core/agent
    with: { agent: writer, model: good, prompt: Do what the message asks., message: "\${ hand }"${more} }
    returns: { type: object, required: [text], properties: { text: { type: string } } }
    catch:
      - { errors: [message.refused], value: { text: refused } }
      - { errors: [message.returned], value: { text: "\${ 'done: ' + string(error.details?.payload) }" } }
output: \${ write }
`;

  it('tells the receiver what it is asked for, from whom, and what was left out, which it may read where that is granted', async (t) => {
    const whole = handing(long, writing(', tools: [{ tool: context_read }]'));
    const { summary, server } = await played(t, whole, (_asked, number) =>
      number === 1
        ? { json: { turns_before: 'They talked.' } }
        : number === 2
          ? { calls: [{ tool: 'context_read', input: { part: 'gossip' } }] }
          : { json: { text: 'A page.' } },
    );
    assert.deepEqual(summary.output, { text: 'A page.' });
    const [, first, second] = server.asked;
    assert.match(
      saidTo(first ?? { model: '', messages: [] }),
      /critic.*turns_before \(summarised\), gossip \(dropped\).*Nobody dies\..*revise/s,
    );
    assert.deepEqual(first?.tools?.map(({ function: { name } }) => name).toSorted(), ['context_read', 'hand_back', 'refuse_work']);
    assert.match(saidTo(second ?? { model: '', messages: [] }), /who said what/);
  });

  it('is too late after its deadline: nobody works on it any more, and the flow catches that', async (t) => {
    const late = writing().replace('catch:', 'needs: [hand, pause]\n    catch:\n      - { errors: [timeout], value: { text: late } }');
    const source = handing('{ pin: { rules: "Nobody dies." } }', `  pause: { needs: [hand], wait: { for: 20ms } }\n${late}`);
    const { summary, server } = await played(t, source.replace('priority: 7', 'priority: 7, within: 1ms'), () => ({ text: 'never' }));
    assert.deepEqual([summary.status, summary.output, server.asked.length], ['succeeded', { text: 'late' }, 0]);
    const inTime = await played(t, source.replace('priority: 7', 'priority: 7, within: 1h'), () => ({ json: { text: 'A page.' } }));
    assert.deepEqual(inTime.summary.output, { text: 'A page.' });
  });

  it('may be refused with a reason, or handed back with what was done', async (t) => {
    for (const [call, text] of [
      [{ tool: 'refuse_work', input: { reason: 'not mine' } }, 'refused'],
      [{ tool: 'hand_back', input: { reason: 'too long', done: 'half' } }, 'done: half'],
    ] as const) {
      const { summary } = await played(t, handing('{ pin: { rules: "Nobody dies." } }', writing()), () => ({ calls: [call] }));
      assert.deepEqual([summary.status, summary.output], ['succeeded', { text }]);
    }
  });
});
