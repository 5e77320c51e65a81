import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Handler, Settings } from '@scriptorium/core';
import { agentModule } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import type { Engine } from '@scriptorium/engine';
import { compile, createKit, finish, startIn, until } from '../engine/kit.ts';
import type { Kit } from '../engine/kit.ts';

/** A dear call may cost 0.011 USD and costs 0.003: of this there is enough for one, and not for another after it. */
const ENOUGH_FOR_ONE = '{ usd: 0.012 }';

/** Where the budget is. */
interface Where {
  readonly flow?: string;
  readonly stage?: string;
  readonly step?: string;
  readonly agent?: string;
}

const places: { readonly [where: string]: Where } = {
  run: { flow: `budget: ${ENOUGH_FOR_ONE}` },
  stage: { stage: `budget: ${ENOUGH_FOR_ONE}` },
  step: { step: ', budget: { usd: 0.005 }' },
  agent: { agent: `, budget: ${ENOUGH_FOR_ONE}` },
};

const sourceOf = ({ flow = '', stage = '', step = '', agent = '' }: Where): string => `
flow: try/spent
version: "1.0.0"
input: { spent: { enum: [stop, cheap, ask] } }
${flow}
states:
  work:
    ${stage}
    steps:
      first: { uses: core/agent, with: { agent: writer, model: dear, prompt: One., maxOutputTokens: 100${agent} } }
      second: { needs: [first], uses: core/agent${step}, with: { agent: writer, model: dear, prompt: Two., maxOutputTokens: 100${agent} } }
    output: \${ second.text }
    catch:
      - { errors: [budget.exceeded], if: "\${ input.spent == 'cheap' }", to: cheap }
      - { errors: [budget.exceeded], if: "\${ input.spent == 'ask' }", to: ask }
    next: done
  ask:
    wait: { event: spent, ask: "Go on with a cheaper model?", answer: { type: object, required: [decision], properties: { decision: { enum: [cheap, left] } } } }
    timeout: 1d
    next: \${ ask.decision }
  cheap: { uses: core/agent, with: { model: cheap, prompt: Two., maxOutputTokens: 100 }, next: done }
  left: { value: left, next: done }
  done: { value: "\${ cheap?.text ?? left ?? work }" }
output: \${ done }
`;

interface Desk {
  readonly kit: Kit;
  readonly engine: Engine;
  readonly handlers: readonly Handler[];
  readonly start: (where: Where, spent: 'stop' | 'cheap' | 'ask', settings?: Settings) => Promise<string>;
}

describe('a budget that is spent', () => {
  const desk = async (t: Parameters<typeof createKit>[0]): Promise<Desk> => {
    const server = await startModelServer(({ model }) => ({ text: `by ${model}` }));
    t.after(() => server.close());
    const entry = { provider: 'compatible', url: server.url } as const;
    const models = {
      dear: { ...entry, model: 'dear', price: { input: 10, output: 100 } },
      cheap: { ...entry, model: 'cheap', price: { input: 0.01, output: 0.01 } },
    };
    const handlers: readonly Handler[] = agentModule({ env: {}, models, own: [] }).handlers;
    const kit = createKit(t);
    const engine = await kit.open({ handlers });
    const start: Desk['start'] = (where, spent, settings) =>
      startIn(engine, kit, compile(sourceOf(where), handlers), { spent }, settings === undefined ? {} : { settings });
    return { kit, engine, handlers, start };
  };

  for (const [where, place] of Object.entries(places)) {
    it(`of the ${where}: stops, goes on with a cheaper model, or asks`, async (t) => {
      const { engine, start } = await desk(t);
      const stopped = await finish(engine, await start(place, 'stop'));
      assert.deepEqual([stopped.status, stopped.error?.code], ['failed', 'budget.exceeded']);
      assert.match(stopped.error?.message ?? '', where === 'agent' ? /the budget of agent writer is 0.012 USD/ : /the budget of/);
      const cheaper = await finish(engine, await start(place, 'cheap'));
      assert.equal(cheaper.output, 'by cheap');
      assert.ok((cheaper.progress.usage.used.usd ?? 1) < 0.0035);
      for (const [decision, output] of [
        ['cheap', 'by cheap'],
        ['left', 'left'],
      ] as const) {
        const asking = await start(place, 'ask');
        await until(async () => (await engine.waits(asking)).length === 1);
        await engine.answer(asking, { step: 'ask', item: null, answer: { decision }, as: null, id: null, by: 'test' });
        assert.equal((await finish(engine, asking)).output, output);
      }
    });
  }

  it('of an agent may be a setting, holds for all its steps, and not for another agent', async (t) => {
    const { engine, start } = await desk(t);
    const given = await finish(engine, await start({}, 'stop', { 'agents.writer.budget': { usd: 0.012 } }));
    assert.equal(given.error?.code, 'budget.exceeded');
    const other = await finish(engine, await start({}, 'stop', { 'agents.editor.budget': { usd: 0.012 } }));
    assert.equal(other.output, 'by dear');
    const wrong = await finish(engine, await start({}, 'stop', { 'agents.writer.budget': { euros: 1 } }));
    assert.match(wrong.error?.message ?? '', /agents\.writer\.budget has usd, tokens or calls/);
  });

  it('of an agent is spent still when another engine goes on with the run', async (t) => {
    const { kit, engine, handlers } = await desk(t);
    const call = (name: string, more = ''): string =>
      `${name}: { ${more}uses: core/agent, with: { agent: writer, model: dear, prompt: One., maxOutputTokens: 100, budget: ${ENOUGH_FOR_ONE} } }`;
    const source = `
flow: try/later
version: "1.0.0"
steps:
  ${call('first')}
  go: { needs: [first], wait: { event: go, ask: "Go on?", answer: { enum: [yes] } } }
  ${call('second', 'needs: [go], ')}
output: \${ second.text }
`;
    const run = await startIn(engine, kit, compile(source, handlers));
    await until(async () => (await engine.waits(run)).length === 1);
    await engine.drain();
    const next = await kit.open({ handlers });
    await next.answer(run, { step: 'go', item: null, answer: 'yes', as: null, id: null, by: 'test' });
    await next.resume(run, 'test');
    const { error, progress } = await finish(next, run);
    assert.deepEqual([error?.code, progress.usage.used.calls], ['budget.exceeded', 1]);
  });
});
