import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { Handler, RunSummary } from '@scriptorium/core';
import { createAgent, createModels } from '@scriptorium/agents';
import type { OpenToolbox, ToolAnswer } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import type { Act, Asked, ModelServer } from '@scriptorium/agents/model-server';
import { compile, createKit, finish, startIn, until } from '../engine/kit.ts';

const price = { input: 10, output: 100 };

/** Calls that were done; one tool that adds, and that is done once however often it is taken. */
const done: unknown[] = [];
const openToolbox: OpenToolbox = async (grants, { notes, note }) => ({
  specs: Array.isArray(grants) && grants.length > 0 ? [{ name: 'add', doc: 'adds', input: { type: 'object' } }] : [],
  take: async ({ id, tool, input }) => {
    const known = notes[`result:${id}`] as ToolAnswer | undefined;
    if (known !== undefined) return { type: 'answered', answer: known };
    done.push(input);
    const { a, b } = input as { a: number; b: number };
    const answer: ToolAnswer = { id, tool, output: a + b, isError: false, tainted: false };
    await note(`result:${id}`, { ...answer });
    return { type: 'answered', answer };
  },
  close: () => Promise.resolve(),
});

/** At which nobody listens any more. */
async function deadUrl(): Promise<string> {
  const server = await startModelServer(() => ({ text: '' }));
  await server.close();
  return server.url;
}

function agentOf(server: ModelServer, more: { readonly firstMs?: number; readonly stallMs?: number } = {}): readonly Handler[] {
  const entry = { provider: 'compatible', model: 'm', url: server.url, price, timeouts: more } as const;
  const models = createModels({ env: {}, entries: { good: entry, other: { ...entry, model: 'n' } }, own: [], fetch });
  return [createAgent({ models, openToolbox, functions: [], flows: [] })];
}

const flowOf = (handlers: readonly Handler[], step: string, more = ''): ReturnType<typeof compile> =>
  compile(`flow: try/agent\nversion: "1.0.0"\n${more}\nsteps:\n  write: { uses: core/agent, ${step} }\noutput: "\${ write }"\n`, handlers);

async function played(
  t: TestContext,
  act: (asked: Asked, number: number) => Act | Promise<Act>,
  step: string,
  more = '',
  timeouts: { readonly firstMs?: number; readonly stallMs?: number } = {},
): Promise<RunSummary & { readonly server: ModelServer; readonly seen: string }> {
  const server = await startModelServer(act);
  t.after(() => server.close());
  const kit = createKit(t);
  const handlers = agentOf(server, timeouts);
  const engine = await kit.open({ handlers });
  const run = await startIn(engine, kit, flowOf(handlers, step, more));
  let seen = '';
  void (async () => {
    for await (const { text } of engine.listen(run)) seen += text;
  })();
  return { ...(await finish(engine, run)), server, seen };
}

const title = '{ type: object, required: [title], properties: { title: { type: string } } }';

describe('an agent', () => {
  it('gives its answer as text, streamed to whoever listens, and settles what it cost', async (t) => {
    const { status, output, progress, server } = await played(
      t,
      () => ({ text: 'Once upon a time', usage: { input: 1_000, output: 10, cached: 400 } }),
      'with: { model: good, system: "You are {{who}}.", who: a writer, prompt: "Begin.", hero: Ann }',
    );
    assert.deepEqual([status, output], ['succeeded', { text: 'Once upon a time' }]);
    const [asked] = server.asked;
    assert.deepEqual(
      asked?.messages.map(({ role }) => role),
      ['system', 'user'],
    );
    assert.equal(asked?.messages[0]?.content, 'You are a writer.');
    assert.match(JSON.stringify(asked?.messages[1]?.content), /Begin\..*## hero.*Ann/);
    assert.doesNotMatch(JSON.stringify(asked?.messages[1]?.content), /writer/);
    assert.deepEqual(progress.usage.used, { usd: 0.011, tokens: 1_010, calls: 1 });
  });

  it('gives what the step asks for, and is shown what was wrong with an answer that is not it', async (t) => {
    const { status, output, server } = await played(
      t,
      (_asked, number) =>
        number === 1 ? { text: 'A title? Dracula.' } : number === 2 ? { json: { titel: 'Dracula' } } : { json: { title: 'Dracula' } },
      `with: { model: good, prompt: "A title." }, returns: ${title}, retry: { max: 3, delay: 1ms, errors: [contract.output] }`,
    );
    assert.deepEqual([status, output], ['succeeded', { title: 'Dracula' }]);
    assert.equal(server.asked.length, 3);
    const last = JSON.stringify(server.asked[2]?.messages);
    assert.match(last, /A title\? Dracula\./);
    assert.match(last, /titel/);
    assert.match(last, /cannot be used/);
  });

  it('asks the next model when the first one cannot answer, and fails as the last one did', async (t) => {
    const { output, server } = await played(
      t,
      ({ model }) => (model === 'm' ? { status: 529 } : { text: 'from the other' }),
      'with: { model: [good, other], prompt: "Begin." }',
    );
    assert.deepEqual(output, { text: 'from the other' });
    assert.deepEqual(
      server.asked.map(({ model }) => model),
      ['m', 'n'],
    );
    const refused = await played(t, () => ({ text: 'I', finish: 'content_filter' }), 'with: { model: [good, other], prompt: "Begin." }');
    assert.deepEqual([refused.error?.code, refused.server.asked.length], ['agent.refused', 1]);
  });

  for (const [what, act, code] of [
    ['too many calls', { status: 429, headers: { 'retry-after': '0' } }, 'rate_limited'],
    ['an overloaded service', { status: 503 }, 'overloaded'],
    ['a wrong key', { status: 401 }, 'fatal'],
    ['a request that is not accepted', { status: 400 }, 'agent.invalid'],
    ['a connection that is closed', { hangsUp: true }, 'io'],
    ['an answer that stops coming', { stalls: true }, 'timeout'],
    ['an answer that does not begin', { text: 'x', delayMs: 10_000 }, 'timeout'],
    ['an answer that was cut off', { text: 'Once', finish: 'length' }, 'agent.length'],
  ] as const) {
    it(`fails with ${code} for ${what}`, async (t) => {
      const { status, error } = await played(
        t,
        () => act,
        'with: { model: good, prompt: "Begin." }',
        '',
        code === 'timeout' ? { firstMs: 300, stallMs: 300 } : {},
      );
      assert.deepEqual([status, error?.code], ['failed', code], error?.message);
    });
  }

  it('counts nothing for a service that it could not reach', async (t) => {
    const server = await startModelServer(() => ({ text: 'Here.', usage: { input: 100, output: 10 } }));
    t.after(() => server.close());
    const entry = { provider: 'compatible', model: 'm', price } as const;
    const entries = { gone: { ...entry, url: await deadUrl() }, good: { ...entry, url: server.url } };
    const models = createModels({ env: {}, entries, own: [], fetch });
    const handlers = [createAgent({ models, openToolbox, functions: [], flows: [] })];
    const kit = createKit(t);
    const engine = await kit.open({ handlers });
    const run = await startIn(engine, kit, flowOf(handlers, 'with: { model: [gone, good], prompt: "Begin." }', 'budget: { usd: 1 }'));
    const { output, progress } = await finish(engine, run);
    assert.deepEqual([output, progress.usage.used], [{ text: 'Here.' }, { usd: 0.002, tokens: 110, calls: 2 }]);
  });

  it('waits as long as the service says before it asks again', async (t) => {
    const { status, server } = await played(
      t,
      (_asked, number) => (number === 1 ? { status: 429, headers: { 'retry-after-ms': '20' } } : { text: 'now' }),
      'with: { model: good, prompt: "Begin." }, retry: { max: 1, delay: 1ms, errors: [rate_limited] }',
    );
    assert.deepEqual([status, server.asked.length], ['succeeded', 2]);
  });

  it('is not begun when what it may cost does not fit the budget', async (t) => {
    const { error, server } = await played(t, () => ({ text: 'x' }), 'with: { model: good, prompt: "Begin." }', 'budget: { usd: 0.1 }');
    assert.equal(error?.code, 'budget.exceeded');
    assert.equal(server.asked.length, 0);
    const { status } = await played(
      t,
      () => ({ text: 'x' }),
      'with: { model: good, prompt: "Begin.", maxOutputTokens: 500 }',
      'budget: { usd: 0.1 }',
    );
    assert.equal(status, 'succeeded');
  });

  it('does what the model asks for, each call once, and goes on with the results', async (t) => {
    done.length = 0;
    const { status, output, server, progress } = await played(
      t,
      ({ messages }, number) => {
        if (number === 1)
          return {
            calls: [
              { tool: 'add', input: { a: 1, b: 2 } },
              { tool: 'add', input: { a: 3, b: 4 } },
            ],
          };
        // The service fails once after the tools have done their work.
        if (number === 2) return { status: 503 };
        return { json: { title: String(messages.filter(({ role }) => role === 'tool').map(({ content }) => content)) } };
      },
      `with: { model: good, prompt: "Add.", tools: [add] }, returns: ${title}, retry: { max: 1, delay: 1ms }`,
      'budget: { usd: 2.2 }',
    );
    assert.deepEqual([status, output], ['succeeded', { title: '3,7' }]);
    assert.deepEqual(done, [
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
    assert.deepEqual(
      server.asked.map(({ tools }) => tools?.length),
      [1, 1, 1],
    );
    assert.equal(progress.usage.used.calls, 3);
  });

  it('ends when its model never comes to an end', async (t) => {
    const { error, server } = await played(
      t,
      () => ({ calls: [{ tool: 'add', input: { a: 1, b: 1 } }] }),
      'with: { model: good, prompt: "Add.", tools: [add], maxTurns: 3 }',
    );
    assert.deepEqual([error?.code, server.asked.length], ['loop.exceeded', 3]);
  });

  it('closes its connection when the run is cancelled', async (t) => {
    const server = await startModelServer(() => ({ text: 'x'.repeat(4_000), pieceMs: 50 }));
    t.after(() => server.close());
    const kit = createKit(t);
    const handlers = agentOf(server);
    const engine = await kit.open({ handlers });
    const run = await startIn(engine, kit, flowOf(handlers, 'with: { model: good, prompt: "Begin." }'));
    await until(() => server.asked.length === 1);
    await engine.cancel(run, 'test', 'enough');
    const { status } = await finish(engine, run);
    await until(() => server.abandoned() === 1);
    assert.equal(status, 'cancelled');
  });

  it('asks the next model where one of the list has no key, or is none', async (t) => {
    const { status, output } = await played(
      t,
      () => ({ text: 'from the last' }),
      'with: { model: [openai/gpt-5-mini, best, good], prompt: "Begin." }',
    );
    assert.deepEqual([status, output], ['succeeded', { text: 'from the last' }]);
  });

  it('names the models that there are for one that there is not, and a key that is missing', async (t) => {
    const unknown = await played(t, () => ({ text: 'x' }), 'with: { model: best, prompt: "Begin." }');
    assert.deepEqual([unknown.error?.code, unknown.error?.fix?.includes("'good'")], ['fatal', true], unknown.error?.message);
    assert.match(unknown.error?.message ?? '', /no model 'best'/);
    const keyless = await played(t, () => ({ text: 'x' }), 'with: { model: openai/gpt-5-mini, prompt: "Begin." }');
    assert.equal(keyless.error?.code, 'fatal');
    assert.match(keyless.error?.message ?? '', /needs a key/);
  });
});
