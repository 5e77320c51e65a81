import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { Handler, PoolStatus } from '@scriptorium/core';
import { agentModule } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import type { ModelServer } from '@scriptorium/agents/model-server';
import { createVirtualClock } from '@scriptorium/testing/virtual-clock';
import { compile, createKit, finish, play, startIn } from '../engine/kit.ts';
import { handlers as testHandlers } from '../engine/handlers.ts';

function handlersOf(server: ModelServer): readonly Handler[] {
  const house = { provider: 'compatible', model: 'm', url: server.url, price: { input: 1, output: 1 } } as const;
  return [...testHandlers, ...agentModule({ env: {}, models: { house }, own: [] }).handlers];
}

const flowOf = (limit: string, count: number): string => `
flow: try/asking
version: "1.0.0"
limits: { model: ${limit} }
steps:
  list: { uses: try/list, with: { count: ${count} } }
  ask:
    each: { in: "\${ list }", as: one, key: "\${ one.id }", workers: ${count} }
    uses: core/agent
    limit: model
    retry: { max: 100, delay: 1ms, factor: 1, errors: [rate_limited] }
    with: { model: house, prompt: "Say anything.", maxOutputTokens: 100 }
output: \${ ask.ok.size() }
`;

/** A service that has room for so many calls at once, and does not say so before it has none. */
async function narrow(t: TestContext, width: number): Promise<{ readonly server: ModelServer; readonly refused: () => number }> {
  let [open, refused] = [0, 0];
  const server = await startModelServer(async () => {
    if (open >= width) {
      refused += 1;
      return { status: 429, headers: { 'retry-after-ms': '20' } };
    }
    open += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
    open -= 1;
    return { text: 'Anything.' };
  });
  t.after(() => server.close());
  return { server, refused: () => refused };
}

describe('a pool of a model', () => {
  it('gives out less when the service answers 429, waits as long as it is told to, and knows that after a restart', async (t) => {
    const kit = createKit(t);
    const { server, refused } = await narrow(t, 3);
    const handlers = handlersOf(server);
    const engine = await kit.open({ handlers });
    const run = await startIn(engine, kit, compile(flowOf('{ concurrent: 24 }', 60), handlers));
    const seen: PoolStatus[] = [];
    const watching = setInterval(() => void engine.limits().then((pools) => seen.push(...pools)), 2);
    const { output } = await finish(engine, run);
    clearInterval(watching);
    assert.equal(output, 60);
    assert.ok(seen.some(({ adapted }) => adapted !== undefined && adapted.share < 1 && (adapted.limit.concurrent ?? 24) < 24));
    // 24 at once until the first refusal, then half as many, and so on: with 24 all the time it would be 400.
    assert.ok(refused() >= 1 && refused() < 200, `${refused()} refused`);
    await engine.drain();
    const facts = (await kit.open({ handlers })).limits();
    const [{ adapted } = { adapted: undefined }] = (await facts).filter(({ pool }) => pool === 'model');
    assert.ok(adapted !== undefined && adapted.share < 1);
  });

  it('starts no call that might be one too many of its tokens in a time, and uses what the calls before did not need', async (t) => {
    const kit = createKit(t);
    const calls: { readonly at: number; readonly tokens: number }[] = [];
    const clock = createVirtualClock(1_000_000);
    const server = await startModelServer(() => {
      calls.push({ at: clock.now(), tokens: 120 });
      return { text: 'Anything.', usage: { input: 100, output: 20 } };
    });
    t.after(() => server.close());
    const handlers = handlersOf(server);
    const engine = await kit.open({ handlers, world: { clock } });
    const run = await startIn(engine, kit, compile(flowOf('{ tokens: 1200/s }', 24), handlers));
    await play(engine, clock);
    assert.equal((await engine.describe(run)).output, 24);
    for (const { at } of calls) {
      const within = calls.filter((one) => one.at >= at && one.at < at + 1_000).reduce((sum, { tokens }) => sum + tokens, 0);
      assert.ok(within <= 1_200, `${within} tokens in a second`);
    }
    const [model] = (await engine.limits()).filter(({ pool }) => pool === 'model');
    assert.ok((model?.tokens ?? 0) > 0);
  });
});
