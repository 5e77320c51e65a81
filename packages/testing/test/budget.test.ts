import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineHandler } from '@scriptorium/core';
import type { Handler } from '@scriptorium/core';
import fc from 'fast-check';
import { fails, rehearse, takes } from '../src/index.ts';
import type { Answering, Rehearsal } from '../src/index.ts';
import { accountsOf } from './accounts.ts';

interface Order {
  readonly usd: number;
  readonly tokens?: number;
}

/** Costs at most what its input says. */
const pay: Handler = defineHandler<Order>({
  name: 'shop/pay',
  version: '1.0.0',
  doc: 'Costs something.',
  input: { type: 'object', required: ['usd'], properties: { usd: { type: 'number' }, tokens: { type: 'integer' } } },
  output: true,
  effects: 'read',
  cost: ({ usd, tokens = 0 }) => ({ usd, tokens }),
  run: () => null,
});

/** Uses so much of what it may use, and takes a minute. */
const using =
  (share: number): Answering =>
  (input, { spend }) => {
    const { usd, tokens = 0 } = input as unknown as Order;
    spend({ usd: usd * share, tokens: Math.floor(tokens * share) });
    return takes('1m', 'paid');
  };

const batch = (policies: string, count = 10): string => `
flow: shop/batch
version: "1.0.0"
steps:
  items:
    each: { in: "\${ [${Array.from({ length: count }, (_, n) => n).join(', ')}] }", as: n, workers: 10, tolerate: "100%" }
    uses: shop/pay
    with: { usd: 0.3 }
    ${policies}
output: { ok: "\${ items.ok.size() }", failed: "\${ items.failed.map(f, f.error.code) }" }
`;

async function accounts(run: Rehearsal): Promise<ReturnType<typeof accountsOf>> {
  return accountsOf(run.flow, await run.events());
}

describe('a budget of the flow', () => {
  const flow = (budget: string): string => batch('').replace('steps:', `budget: ${budget}\nsteps:`);

  it('lets calls wait that fit once others have used less than they might have', async () => {
    await using run = await rehearse(flow('{ usd: 1.2 }'), { handlers: [pay], script: { 'shop/pay': using(1 / 3) } });
    assert.deepEqual((await run.outcome()).output, { ok: 10, failed: [] });
    const { used, peak, overdrawn } = await accounts(run);
    assert.deepEqual([used.get('root/0:')?.usd, peak.get('root/0:')?.usd, overdrawn], [1, 1.2, []]);
    const { usage } = (await run.host().describe(run.id)).progress;
    assert.deepEqual(usage, { used: { usd: 1, tokens: 0, calls: 10 }, reserved: { usd: 0, tokens: 0, calls: 0 }, budget: { usd: 1.2 } });
  });

  it('lets fail what cannot fit any more, without a start, whatever a retry says that names no codes', async () => {
    const policies = 'retry: { max: 3 }';
    const source = batch(policies).replace('steps:', 'budget: { calls: 4 }\nsteps:');
    await using run = await rehearse(source, { handlers: [pay], script: { 'shop/pay': using(1) } });
    assert.deepEqual((await run.outcome()).output, { ok: 4, failed: Array.from({ length: 6 }, () => 'budget.exceeded') });
    assert.equal(run.calls('shop/pay').length, 4);
    const refused = (await run.events('attempt.failed')).map(({ event }) => event);
    assert.equal(refused.length, 6);
    assert.match(
      refused[0]?.error.message ?? '',
      /^the budget of the flow is 4 calls, of which 4 calls are used: a call that may use 1 call /,
    );
  });

  it('may be met by a catch, which is no part of the budget of the step that it stands in for', async () => {
    const catches = 'budget: { usd: 0.2 }\n    catch: [ { errors: [budget.exceeded], uses: shop/pay, with: { usd: 0.01 } } ]';
    await using run = await rehearse(batch(catches), { handlers: [pay], script: { 'shop/pay': using(1) } });
    assert.deepEqual((await run.outcome()).output, { ok: 10, failed: [] });
    assert.deepEqual(
      run.calls('shop/pay').map(({ input }) => input['usd']),
      Array.from({ length: 10 }, () => 0.01),
    );
  });

  it('counts a call that told nothing to the full, and one that was cut off', async () => {
    const source = batch('timeout: 30s', 3).replace('steps:', 'budget: { usd: 10 }\nsteps:');
    const script = { 'shop/pay': [using(0.1), takes('1s'), fails('overloaded')] };
    await using run = await rehearse(source, { handlers: [pay], script });
    assert.deepEqual((await run.outcome()).output, { ok: 1, failed: ['timeout', 'overloaded'] });
    assert.equal((await accounts(run)).used.get('root/0:')?.usd, 0.9);
  });

  it('is given back by a call that waits for its pool when the run is paused', async () => {
    const source = batch('limit: { concurrent: 1 }', 4).replace('steps:', 'budget: { usd: 0.6 }\nsteps:');
    await using run = await rehearse(source, { handlers: [pay], script: { 'shop/pay': using(0.5) } });
    await run.settle();
    await run.host().pause(run.id, 'test');
    await run.advance('5m');
    assert.equal(run.calls().length, 1);
    await run.host().resume(run.id, 'test');
    assert.deepEqual((await run.outcome()).output, { ok: 3, failed: ['budget.exceeded'] });
    assert.deepEqual((await accounts(run)).overdrawn, []);
  });
});

describe('a budget at a step', () => {
  it('is one for each item, and lies inside those around it', async () => {
    const source = `
flow: shop/nested
version: "1.0.0"
budget: { usd: 10 }
steps:
  shops:
    each: { in: "\${ ['a', 'b'] }", as: shop, key: "\${ shop }", tolerate: "100%" }
    budget: { usd: 1 }
    steps:
      orders:
        each: { in: "\${ [1, 2, 3] }", as: n, tolerate: "100%" }
        budget: { calls: 2 }
        steps:
          first: { uses: shop/pay, with: { usd: 0.2 } }
          second: { needs: [first], uses: shop/pay, with: { usd: 0.2 } }
    output: \${ orders.failed.map(f, f.error.code) }
output: \${ shops.ok.map(s, s) }
`;
    await using run = await rehearse(source, { handlers: [pay], script: { 'shop/pay': using(1) } });
    assert.deepEqual((await run.outcome()).output, [['budget.exceeded'], ['budget.exceeded']]);
    const { used, overdrawn } = await accounts(run);
    assert.deepEqual(overdrawn, []);
    assert.equal(used.get('root/0:')?.usd, 2);
    const items = [...used].filter(([id]) => /^root\/0:shops:0\/\d:shops$/.test(id)).map(([, { usd }]) => usd);
    assert.deepEqual(items, [1, 1]);
    assert.equal([...used.keys()].filter((id) => id.endsWith(':shops.orders')).length, 6);
  });

  it('is a new one at every visit of its state, and one around the states holds for all visits', async () => {
    const source = `
flow: shop/visits
version: "1.0.0"
steps:
  talk:
    budget: { calls: 5 }
    states:
      ask:
        max: 9
        budget: { calls: 2 }
        steps:
          once: { uses: shop/pay, with: { usd: 1 } }
          twice: { needs: [once], uses: shop/pay, with: { usd: 1 } }
        next: ask
        catch:
          - errors: [budget.exceeded]
            to: done
      done: { value: "\${ visits }" }
output: \${ talk }
`;
    await using run = await rehearse(source, { handlers: [pay], script: { 'shop/pay': using(1) } });
    assert.equal((await run.outcome()).status, 'succeeded');
    const { used } = await accounts(run);
    assert.deepEqual(
      [...used].map(([id, { calls }]) => [id, calls]),
      [
        ['root/0:talk.ask@1', 2],
        ['root/0:talk', 5],
        ['root/0:talk.ask@2', 2],
        ['root/0:talk.ask@3', 1],
      ],
    );
  });
});

describe('across the end of the engine', () => {
  it('what ran keeps its reservation as used, because nobody knows what it did', async () => {
    const source = batch('', 3).replace('steps:', 'budget: { usd: 1.2 }\nsteps:');
    await using run = await rehearse(source, { handlers: [pay], script: { 'shop/pay': using(0.5) } });
    await run.settle();
    assert.equal(run.calls().length, 3);
    await run.kill();
    assert.equal(run.calls().length, 4);
    assert.deepEqual((await run.outcome()).output, { ok: 1, failed: ['budget.exceeded', 'budget.exceeded'] });
    const { used, overdrawn } = await accounts(run);
    assert.deepEqual([used.get('root/0:')?.usd, overdrawn], [1.05, []]);
    const lost = (await run.events('attempt.lost')).length;
    assert.equal(lost, 3);
  });

  it('whatever is budgeted where, calls cost and fail, and commits the engine ends at: nothing is overdrawn, and the run ends', async () => {
    const amount = fc.integer({ min: 0, max: 12 }).map((tenths) => tenths / 10);
    const budget = fc.option(
      fc
        .record({ usd: amount, calls: fc.integer({ min: 0, max: 9 }), tokens: fc.integer({ min: 0, max: 900 }) }, { requiredKeys: [] })
        .filter((one) => Object.keys(one).length > 0),
      { nil: null },
    );
    const scenario = fc.record({
      budgets: fc.tuple(budget, budget, budget, budget),
      costs: fc.array(
        fc.record({ usd: fc.integer({ min: 0, max: 5 }).map((tenths) => tenths / 10), tokens: fc.integer({ min: 0, max: 300 }) }),
        {
          minLength: 3,
          maxLength: 3,
        },
      ),
      ends: fc.array(fc.record({ share: fc.constantFrom(0, 0.3, 1), fails: fc.boolean(), seconds: fc.integer({ min: 0, max: 3 }) }), {
        minLength: 1,
        maxLength: 5,
      }),
      faults: fc.uniqueArray(fc.integer({ min: 1, max: 25 }), { maxLength: 3 }),
      concurrent: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ budgets, costs, ends, faults, concurrent }) => {
        const [ofFlow, ofItem, ofScope, ofCall] = budgets.map((one) => (one === null ? '' : `budget: ${JSON.stringify(one)}`));
        const source = `
flow: shop/any
version: "1.0.0"
${ofFlow}
limits: { till: { concurrent: ${concurrent} } }
steps:
  items:
    each: { in: "\${ [0, 1, 2, 3] }", as: n, workers: 3, tolerate: "100%" }
    ${ofItem}
    steps:
      both:
        ${ofScope}
        steps:
          a: { uses: shop/pay, limit: till, with: ${JSON.stringify(costs[0])}, retry: { max: 2, delay: 1s }${ofCall === '' ? '' : `, ${ofCall}`} }
          b: { uses: shop/pay, with: ${JSON.stringify(costs[1])} }
        catch: [ { errors: [budget.exceeded], uses: shop/pay, limit: till, with: ${JSON.stringify(costs[2])} } ]
output: \${ items.ok.size() + items.failed.size() }
`;
        const answer: Answering = (input, { number, spend }) => {
          const end = ends[number % ends.length] ?? { share: 1, fails: false, seconds: 0 };
          const { usd, tokens = 0 } = input as unknown as Order;
          if (end.share > 0) spend({ usd: usd * end.share, tokens: Math.floor(tokens * end.share) });
          return takes(`${end.seconds}s`, end.fails ? fails('overloaded') : null);
        };
        const commits = faults.map((commit) => ({ commit, when: commit % 2 === 0 ? ('before' as const) : ('after' as const) }));
        await using run = await rehearse(source, { handlers: [pay], script: { 'shop/pay': answer }, faults: commits });
        const { status, output } = await run.outcome();
        assert.deepEqual([status, output], ['succeeded', 4]);
        assert.deepEqual((await accounts(run)).overdrawn, []);
      }),
      { numRuns: 25 },
    );
  });
});
