import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { agentModule } from '@scriptorium/agents';
import { startModelServer } from '@scriptorium/agents/model-server';
import type { Act, Asked } from '@scriptorium/agents/model-server';
import { defineHandler } from '@scriptorium/core';
import type { Handler, PlannedStep } from '@scriptorium/core';
import { coreHandlers } from '@scriptorium/engine';
import type { Engine } from '@scriptorium/engine';
import { compileFlow } from '@scriptorium/flow';
import { agentReportOf } from '../../src/commands/agents.ts';
import { createKit, finish, startTree, until } from '../engine/kit.ts';
import type { Kit, Tree } from '../engine/kit.ts';

const lookUp = `
flow: team/look-up
version: "1.2.0"
doc: Looks up a word.
input: { word: { type: string, minLength: 2 }, most: { type: integer, default: 3 } }
steps:
  found: { uses: try/find, with: { word: "\${ input.word }" } }
  held: { uses: try/hold, with: { word: "\${ input.word }" }, needs: [found] }
output: { meaning: "\${ found.meaning }", most: "\${ input.most }" }
`;

const asking = (grant: string, more = ''): string => `
flow: try/asking
version: "1.0.0"
${more}
steps:
  write: { uses: core/agent, with: { agent: writer, model: good, maxOutputTokens: 100, prompt: Write., tools: [${grant}] } }
output: "\${ write }"
`;

interface World {
  readonly kit: Kit;
  readonly open: () => Promise<Engine>;
  readonly tree: (source: string, ...others: readonly string[]) => Tree;
  /** The words that were looked up. */
  readonly found: string[];
  /** And those whose look-up has come to its second step. */
  readonly held: string[];
  readonly asked: readonly Asked[];
  /** Lets the second step of the flow end. */
  readonly release: () => void;
}

async function worldOf(t: TestContext, act: (asked: Asked, number: number) => Act, effects: Handler['effects'] = 'read'): Promise<World> {
  const server = await startModelServer(act);
  t.after(() => server.close());
  const [found, held]: [string[], string[]] = [[], []];
  const { promise, resolve } = Promise.withResolvers<void>();
  const own: readonly Handler[] = [
    defineHandler({
      name: 'try/find',
      version: '1.0.0',
      doc: 'Finds a word.',
      input: { type: 'object' },
      output: { type: 'object', required: ['meaning'], properties: { meaning: { type: 'string' } } },
      effects,
      errors: { 'find.nothing': 'There is no such word.' },
      cost: () => ({ usd: 0.5 }),
      run: ({ word }: { readonly word: string }, { spend }) => {
        found.push(word);
        spend({ usd: 0.25 });
        return { meaning: `${word} is a word` };
      },
    }),
    defineHandler({
      name: 'try/hold',
      version: '1.0.0',
      doc: 'Ends when it is let.',
      input: { type: 'object' },
      output: true,
      effects: 'none',
      run: async ({ word }: { readonly word: string }, { signal }) => {
        held.push(word);
        const aborted = new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
        });
        await Promise.race([promise, aborted]);
        return null;
      },
    }),
  ];
  const models = { good: { provider: 'compatible', model: 'm', url: server.url, price: { input: 10, output: 100 } } } as const;
  const handlers = [...agentModule({ env: {}, models, own: [] }).handlers, ...own];
  const callables = new Map([...coreHandlers, ...handlers].map((handler) => [handler.name, handler]));
  const kit = createKit(t);
  return {
    kit,
    found,
    held,
    asked: server.asked,
    release: resolve,
    open: () => kit.open({ handlers }),
    tree: (source, ...others) => {
      const flows = others.map((other, index) => ({ file: `flow-${index}.yaml`, source: other, callables }));
      const { flow, called, diagnostics } = compileFlow(source, { file: 'test.flow.yaml', callables, flows });
      assert.ok(flow !== null, diagnostics.map(({ code, message }) => `${code}: ${message}`).join('\n'));
      return { flow, called };
    },
  };
}

/** Looks up a word, and then says what it was told. */
const once =
  (input: object) =>
  (asked: Asked, number: number): Act =>
    number === 1 ? { calls: [{ tool: 'team_look_up', input }] } : { text: String(asked.messages.at(-1)?.content) };

describe('a flow that a step grants its agent', () => {
  it('is a tool with the contract of the flow, and each call a run of its own below the step', async (t) => {
    const { kit, tree, open, asked, found, release } = await worldOf(t, once({ word: 'whale' }));
    release();
    const engine = await open();
    const run = await startTree(engine, kit, tree(asking('{ flow: team/look-up@^1 }'), lookUp));
    const { status, output, error, progress } = await finish(engine, run);
    assert.equal(status, 'succeeded', error?.message);
    assert.match(JSON.stringify(output), /whale is a word.*most.*3/);
    const [tool] = (asked[0]?.tools ?? []) as readonly {
      readonly function: { readonly description?: string; readonly parameters?: object };
    }[];
    assert.match(tool?.function.description ?? '', /^Looks up a word\. Gives \{ ?meaning/);
    assert.match(JSON.stringify(tool?.function.parameters), /"word":\{"type":"string"\}.*"required":\["word","most"\]/);
    const below = await engine.list({ parent: run });
    assert.deepEqual(
      below.map(({ flow, parent, status: ended }) => [flow.name, parent?.step, ended]),
      [['team/look-up', 'write', 'succeeded']],
    );
    assert.deepEqual(found, ['whale']);
    // Two calls of the model, and the flow's own.
    assert.equal(progress.usage.used.calls, 3);
    const { agents } = await agentReportOf(engine, run);
    assert.deepEqual(
      agents.map(({ agent, lent }) => [agent, lent]),
      [['writer', { calls: 1, usd: 0.25, tokens: 0 }]],
    );
  });

  it('refuses arguments that the flow does not take, before there is a run', async (t) => {
    const { kit, tree, open, found } = await worldOf(t, once({ word: 'w', least: 1 }));
    const engine = await open();
    const run = await startTree(engine, kit, tree(asking('{ flow: team/look-up }'), lookUp));
    const { output } = await finish(engine, run);
    assert.match(JSON.stringify(output), /refused: the arguments are wrong/);
    assert.deepEqual([found, (await engine.list({ parent: run })).length], [[], 0]);
  });

  it('goes on where it was when the engine is gone between its start and its end, and is not called twice', async (t) => {
    const { kit, tree, open, asked, found, held, release } = await worldOf(t, once({ word: 'whale' }));
    const first = await open();
    const run = await startTree(first, kit, tree(asking('{ flow: team/look-up }'), lookUp));
    await until(() => held.length === 1);
    await first.abandon();
    const second = await open();
    await second.resume(run, 'test');
    release();
    assert.equal((await finish(second, run)).status, 'succeeded');
    assert.deepEqual([found, asked.length, (await second.list({ parent: run })).length], [['whale'], 2, 1]);
  });

  it('ends with the run that is cancelled', async (t) => {
    const { kit, tree, open, found } = await worldOf(t, once({ word: 'whale' }));
    const engine = await open();
    const run = await startTree(engine, kit, tree(asking('{ flow: team/look-up }'), lookUp));
    await until(() => found.length === 1);
    await engine.cancel(run, 'test', 'enough');
    assert.equal((await finish(engine, run)).status, 'cancelled');
    assert.deepEqual(
      (await engine.list({ parent: run })).map(({ status }) => status),
      ['cancelled'],
    );
  });

  for (const [whose, budget, settings] of [
    ['of the run', 'budget: { usd: 0.6 }', {}],
    ['of the agent', '', { 'agents.writer.budget': { usd: 0.6 } }],
  ] as const)
    it(`fits into the budget ${whose}, also when the engine was gone meanwhile`, async (t) => {
      const { kit, tree, open, found, held, release } = await worldOf(t, once({ word: 'whale' }));
      const again = lookUp.replace('output:', '  again: { uses: try/find, with: { word: more }, needs: [held] }\noutput:');
      const first = await open();
      const { flow, called } = tree(asking('{ flow: team/look-up }', budget), again);
      const options = { mode: 'flexible', test: false, dryRun: false, limit: null, out: kit.out, fresh: false, modules: [] } as const;
      const run = await first.start({ flow, called, input: {}, options: { ...options, settings }, by: 'test' });
      await until(() => held.length === 1);
      await first.abandon();
      const second = await open();
      await second.resume(run, 'test');
      release();
      const { output, error } = await finish(second, run);
      assert.match(JSON.stringify(output), /budget\.exceeded/, error?.message);
      assert.deepEqual(found, ['whale']);
    });

  it('that writes is put to a person once something from outside was read, and one that reads is not', async (t) => {
    const twice = (asked: Asked, number: number): Act =>
      number <= 2
        ? { calls: [{ tool: 'team_look_up', input: { word: `whale-${number}` } }] }
        : { text: String(asked.messages.at(-1)?.content) };
    for (const [effects, questions] of [
      ['write', 1],
      ['read', 0],
    ] as const) {
      const { kit, tree, open, release, found } = await worldOf(t, twice, effects);
      release();
      const engine = await open();
      const run = await startTree(engine, kit, tree(asking('{ flow: team/look-up }'), lookUp));
      let asked = 0;
      for (let { status } = await engine.describe(run); status === 'running'; { status } = await engine.describe(run)) {
        for (const { run: of, step, item, event, ask } of await engine.waits(run)) {
          if (event === null) continue;
          assert.match(ask ?? '', /team_look_up.*after something from outside was read[\s\S]*whale-2/);
          asked += 1;
          await engine.answer(of, { step, item, answer: { decision: 'refuse' }, as: null, id: null, by: 'editor' });
        }
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      assert.deepEqual([asked, found.length], [questions, 2 - questions]);
    }
  });

  it('tells its agent of a failure, or ends the step with it where the grant says so', async (t) => {
    const failing = lookUp.replace(
      'held: { uses: try/hold, with: { word: "${ input.word }" }, needs: [found] }',
      'fail: { uses: core/fail, with: { error: find.nothing, message: no } }',
    );
    const told = await worldOf(t, once({ word: 'whale' }));
    const engine = await told.open();
    const run = await startTree(engine, told.kit, told.tree(asking('{ flow: team/look-up }'), failing));
    assert.match(JSON.stringify((await finish(engine, run)).output), /find\.nothing: team\/look-up/);
    const ending = await worldOf(t, once({ word: 'whale' }));
    const other = await ending.open();
    const ended = await startTree(other, ending.kit, ending.tree(asking('{ flow: team/look-up, raises: [find.*] }'), failing));
    assert.equal((await finish(other, ended)).error?.code, 'find.nothing');
  });

  it('is told of by a plan, which knows of no cost before the first run', async (t) => {
    const { kit, tree, open } = await worldOf(t, once({ word: 'whale' }));
    const engine = await open();
    const { flow, called } = tree(asking('{ flow: team/look-up }'), lookUp);
    const options = { mode: 'flexible', test: false, dryRun: true, limit: null, out: kit.out, fresh: false, modules: [] } as const;
    const steps: PlannedStep[] = [];
    for await (const step of engine.plan({ flow, called, input: {}, options, by: 'test' })) steps.push(step);
    assert.deepEqual(
      steps.map(({ step, action }) => [step, action]),
      [
        ['write', 'run'],
        ['write/team/look-up', 'unknown'],
      ],
    );
  });

  it('that leads back to its own flow goes as deep as the grant says', async (t) => {
    const deeper = (asked: Asked): Act =>
      asked.messages.length === 1 ? { calls: [{ tool: 'try_asking', input: {} }] } : { text: String(asked.messages.at(-1)?.content) };
    const { kit, tree, open } = await worldOf(t, deeper);
    const engine = await open();
    const run = await startTree(engine, kit, tree(asking('{ flow: try/asking, depth: 3 }')));
    const { status, output, error } = await finish(engine, run);
    assert.equal(status, 'succeeded', error?.message);
    assert.match(JSON.stringify(output), /recursion\.exceeded: no more than 3 runs of try\/asking/);
    const [second] = await engine.list({ parent: run });
    const [third] = await engine.list({ parent: second?.run ?? '' });
    assert.equal((await engine.list({ parent: third?.run ?? '' })).length, 0);
  });
});
