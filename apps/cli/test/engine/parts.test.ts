import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineHandler, GoOn, StepError } from '@scriptorium/core';
import type { About, Context, Handler, PartResult } from '@scriptorium/core';
import type { Engine } from '@scriptorium/engine';
import { compile, createKit, finish, startIn, until } from './kit.ts';

const question = `
flow: try/question
version: "1.0.0"
input: { what: { type: string } }
steps:
  ask: { wait: { event: approval, ask: "\${ input.what }?", answer: { enum: [yes, no] } }, timeout: 1h }
output: { says: "\${ ask }" }
`;

interface Calls {
  /** The paid calls, in the order in which they were made. */
  readonly paid: string[];
  readonly seen: Context['step'][];
}

/** Pays twice, asks somebody between the two, and gives what it was told and has paid. */
function workers(calls: Calls, hold: () => Promise<void> = () => Promise.resolve()): readonly Handler[] {
  const asking = compile(question);
  const pay = async (name: string, { notes, note, spend }: Context): Promise<void> => {
    if (name in notes) return;
    calls.paid.push(name);
    spend({ usd: 1 });
    await note(name, `${name} is paid`);
  };
  return [
    defineHandler({
      name: 'try/agent',
      version: '1.0.0',
      doc: 'Works in parts.',
      input: { type: 'object' },
      output: { type: 'object' },
      effects: 'read',
      flows: [asking],
      cost: (_input: object, { notes }: About) => ({ usd: 'said' in notes ? 1 : 2 }),
      run: async (_input: object, context: Context) => {
        calls.seen.push(context.step);
        const said = context.notes['said'] as PartResult | undefined;
        await pay('first', context);
        await hold();
        if (said === undefined) return new GoOn({ turn: 1 }, { as: 'said', flow: 'try/question', input: { what: 'Go on' } });
        if (said.status !== 'succeeded') throw new StepError('refused', said.error.message);
        await pay('second', context);
        context.stream('done');
        return { said: said.output, turn: context.notes['turn'] ?? null, paid: calls.paid.length };
      },
      errors: { refused: 'Nobody said yes.' },
    }),
  ];
}

const flow = (handlers: readonly Handler[], policies = ''): ReturnType<typeof compile> =>
  compile(
    `flow: try/parts\nversion: "1.0.0"\nbudget: { usd: 3 }\nsteps:\n  work: { uses: try/agent${policies} }\noutput: "\${ work }"\n`,
    handlers,
  );

const answer = async (engine: Engine, run: string, says: string): Promise<void> => {
  await until(async () => (await engine.waits(run)).length > 0);
  const [wait] = await engine.waits(run);
  await engine.answer(wait?.run ?? '', { step: null, item: null, answer: says, as: null, id: null, by: 'test' });
};

describe('work in parts', () => {
  it('goes on from what was noted, with what a flow in between was told', async (t) => {
    const kit = createKit(t);
    const calls: Calls = { paid: [], seen: [] };
    const handlers = workers(calls);
    const engine = await kit.open({ handlers });
    const run = await startIn(engine, kit, flow(handlers));
    const heard: string[] = [];
    const listening = (async () => {
      for await (const { step, text } of engine.listen(run)) heard.push(`${step}: ${text}`);
    })();
    await answer(engine, run, 'yes');
    const { status, output, progress } = await finish(engine, run);
    assert.deepEqual([status, output], ['succeeded', { said: { says: 'yes' }, turn: 1, paid: 2 }]);
    assert.deepEqual(calls.paid, ['first', 'second']);
    assert.equal(progress.usage.used.usd, 2);
    await listening;
    assert.deepEqual(heard, ['work: done']);
  });

  it('pays for nothing twice when the engine is gone while somebody is asked, nor when a part fails and is tried again', async (t) => {
    const kit = createKit(t);
    const calls: Calls = { paid: [], seen: [] };
    const handlers = workers(calls);
    const first = await kit.open({ handlers });
    const run = await startIn(first, kit, flow(handlers, ', retry: { max: 1, delay: 1ms, errors: [refused] }'));
    await until(async () => (await first.waits(run)).length > 0);
    await first.stop();
    const second = await kit.open({ handlers });
    await second.resume(run, 'test');
    await answer(second, run, 'yes');
    const { status } = await finish(second, run);
    assert.equal(status, 'succeeded');
    assert.deepEqual(calls.paid, ['first', 'second']);
  });

  it('tells the next attempt what the last one failed with, and what the step asks of its result', async (t) => {
    const kit = createKit(t);
    const seen: Context['step'][] = [];
    const handlers = [
      defineHandler({
        name: 'try/agent',
        version: '1.0.0',
        doc: 'Gives at first what was not asked for.',
        input: { type: 'object' },
        output: { type: 'object' },
        effects: 'read',
        run: (_input: object, { step }: Context) => {
          seen.push(step);
          return step.failure === undefined ? { a: 'one' } : { a: 1 };
        },
      }),
    ];
    const engine = await kit.open({ handlers });
    const returns = { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } };
    const policies = `, returns: ${JSON.stringify(returns)}, retry: { max: 1, delay: 1ms, errors: [contract.output] }`;
    const run = await startIn(engine, kit, flow(handlers, policies));
    const { output } = await finish(engine, run);
    assert.deepEqual(output, { a: 1 });
    assert.deepEqual(seen[0]?.returns, returns);
    assert.equal(seen[1]?.failure?.code, 'contract.output');
    assert.match(seen[1]?.failure?.message ?? '', /\/a/);
  });

  it('ends the flow that does a part when the run is cancelled', async (t) => {
    const kit = createKit(t);
    const calls: Calls = { paid: [], seen: [] };
    const handlers = workers(calls);
    const engine = await kit.open({ handlers });
    const run = await startIn(engine, kit, flow(handlers));
    await until(async () => (await engine.waits(run)).length > 0);
    await engine.cancel(run, 'test', 'enough');
    const { status } = await finish(engine, run);
    assert.equal(status, 'cancelled');
    assert.deepEqual(
      (await engine.list({ children: true })).map((one) => one.status),
      ['cancelled', 'cancelled'],
    );
    assert.deepEqual(calls.paid, ['first']);
  });

  it('refuses to go on without end', async (t) => {
    const kit = createKit(t);
    const handlers = [
      defineHandler({
        name: 'try/agent',
        version: '1.0.0',
        doc: 'Never ends.',
        input: { type: 'object' },
        output: { type: 'object' },
        effects: 'none',
        run: () => new GoOn(),
      }),
    ];
    const engine = await kit.open({ handlers });
    const { status, error } = await finish(engine, await startIn(engine, kit, flow(handlers)));
    assert.deepEqual([status, error?.code], ['failed', 'loop.exceeded']);
  });
});
