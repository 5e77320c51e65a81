import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { childrenOf } from '@scriptorium/core';
import type { Flow, Node, Tpl } from '@scriptorium/core';
import { flowOf, pastOf, planIn } from '../../test/world.ts';
import type { World } from '../../test/world.ts';
import type { PlanRequest } from './plan-request.ts';
import type { RunPlan } from './run-plan.ts';

const world: World = {
  limits: {},
  items: 100,
  workers: 4,
  ms: { ask: 2_000, write: 100 },
  spread: 0.3,
  drift: 0.1,
  usd: 0.01,
  bytes: 1_000,
};
const past = [pastOf(world, 1), pastOf(world, 2)];

const main = (plan: RunPlan): RunPlan['recommendations'][number] =>
  plan.recommendations.find(({ command }) => !command.endsWith('--test')) ?? assert.fail('nothing is recommended');
const advised = ({ options }: RunPlan): number =>
  (options.find(({ is }) => is === 'advised') ?? options.find(({ is }) => is === 'configured') ?? assert.fail()).workers;
const expected = ({ options }: RunPlan, workers: number): number =>
  (options.find((option) => option.workers === workers) ?? assert.fail()).ms.expected;

describe('what binds, and what is recommended, when one thing changes', () => {
  const cases: readonly {
    readonly given: string;
    readonly world?: Partial<World>;
    readonly past?: PlanRequest['past'];
    readonly more?: Partial<PlanRequest>;
    readonly says: RegExp;
    readonly workers: number;
  }[] = [
    {
      given: 'nothing that holds it up',
      says: /^4 workers bind/,
      workers: 4,
      past: [],
      more: { handlers: asking({ cost: () => ({ usd: 1 }) }) },
    },
    { given: 'a pool of two', world: { limits: { api: { concurrent: 2 } } }, says: /^the pool api binds: 2 at once/, workers: 4 },
    { given: 'a rate', world: { limits: { api: { rate: { n: 1, per: 2_000 } } } }, says: /^the rate of the pool api binds/, workers: 2 },
    {
      given: 'tokens in a time',
      world: { limits: { api: { tokens: { n: 1_000, per: 10_000 } } } },
      says: /^the tokens of the pool api bind: 1000 in 10000 ms/,
      workers: 4,
    },
    { given: 'three items', world: { items: 3, workers: 8 }, says: /^there are no more items than workers/, workers: 4 },
    {
      given: 'one processor',
      past: [],
      more: { processors: 1, handlers: asking({ runs: 'thread' }) },
      says: /worker binds|processors bind/,
      workers: 1,
    },
  ];
  for (const { given, says, workers, more = {}, ...other } of cases) {
    it(`given ${given}, then it says so`, () => {
      const changed = { ...world, ...other.world };
      const plan = planIn(changed, other.past ?? [pastOf(changed, 1), pastOf(changed, 2)], more);
      assert.match(main(plan).because.join('\n'), new RegExp(says.source, 'm'));
      assert.equal(advised(plan), workers);
    });
  }
});

function asking(more: object): PlanRequest['handlers'] {
  return new Map([['t/ask', { runs: 'async', ...more }]]) as PlanRequest['handlers'];
}

describe('without history', () => {
  const defaults: readonly {
    readonly kind: string;
    readonly handlers?: PlanRequest['handlers'];
    readonly limits?: World['limits'];
    readonly workers: number;
    readonly says: string;
  }[] = [
    {
      kind: 'calls of a service',
      handlers: asking({ cost: () => ({ usd: 1 }) }),
      workers: 4,
      says: '3 to 5 workers are the default for api',
    },
    { kind: 'files', workers: 15, says: '10 to 20 workers are the default for io' },
    { kind: 'computing', handlers: asking({ runs: 'thread' }), workers: 4, says: '4 workers are the default for cpu' },
    { kind: 'one at a time', limits: { api: { concurrent: 1 } }, workers: 1, says: '1 worker is the default for sequential' },
  ];
  for (const { kind, handlers = new Map(), limits = {}, workers, says } of defaults) {
    it(`given ${kind}, then the number is the default, and says that it is`, () => {
      const plan = planIn({ ...world, workers: 40, limits }, [], { handlers });
      assert.equal(plan.basis.type, 'cold start: default model');
      assert.equal(advised(plan), workers);
      assert.equal(main(plan).evidence[0]?.says, `cold start: default model; ${says}`);
    });
  }

  it('calls in an each of an item, and what they use, follow from the bytes of the input, where the handler says how many stand behind an element', () => {
    const batches = { in: { lit: [] }, as: 'b', workers: { lit: 4 }, batch: { lit: 20 }, tolerate: { lit: 0 }, captures: [] };
    const flow = flowOf({});
    const ask = childrenOf(childrenOf(flow.root)[1]!)[0]!;
    const read = (source: string): Tpl => ({ expr: { $: source, reads: [] } });
    const asked: Tpl = { obj: { units: read('b'), model: { lit: 'm' }, book: read('read.book') } };
    const asking20 = { ...ask, id: 'items/judge/ask', each: batches, do: { k: 'call' as const, uses: 't/ask', with: asked } };
    const judge: Node = { ...ask, id: 'items/judge', do: { k: 'and', steps: [asking20], output: { lit: null } } };
    const items: Node = { ...childrenOf(flow.root)[1]!, do: { k: 'and', steps: [judge], output: { lit: null } } };
    const nested = { ...flow, hash: 'sha256:1', root: { ...flow.root, do: { ...flow.root.do, steps: [items] } } } as Flow;
    const counts = [{ step: 'items/judge', run: 0, reuse: 0, skip: 0, unknown: 100, keyed: true, why: '', most: null }];
    const planWith = (more: object, inputBytes: number | null): RunPlan =>
      planIn(world, [], { flow: nested, handlers: asking({ cost: () => null, ...more }), counts, inputBytes });
    assert.deepEqual(planWith({ elementBytes: 10_000 }, 40_000_000).calls, { low: 125, expected: 250, high: 500 });
    assert.deepEqual(planWith({ elementBytes: 10_000 }, null).calls, planWith({}, 40_000_000).calls);
    // 4,000 elements in 250 calls are 16 in each; of what calls reserve they use a third, and a sixth at least.
    const reserved = ({ units, model }: { units: readonly null[]; model: string }): object =>
      model === 'm' ? { tokens: 60 + units.length * 15, usd: 0.03 } : { tokens: 0 };
    const { tokens, usd } = planWith({ elementBytes: 10_000, cost: reserved }, 40_000_000);
    assert.deepEqual(tokens, { low: 6_250, expected: 25_000, high: 150_000 });
    assert.deepEqual(usd, { low: 0.03 * (1 / 6) * 125, expected: 0.03 * (1 / 3) * 250, high: 15 });
    const unpriced = planWith(
      { elementBytes: 10_000, cost: ({ units }: { units: readonly null[] }) => ({ tokens: units.length }) },
      40_000_000,
    );
    assert.deepEqual([unpriced.usd, unpriced.tokens?.high], [null, 8_000]);
    // What needs more of its input than is known says nothing.
    const needy = ({ book }: { book: { bytes: number } }): object => ({ tokens: book.bytes });
    assert.equal(planWith({ elementBytes: 10_000, cost: needy }, 40_000_000).tokens, null);
  });

  it('a cost is what handlers declare at most, and not known where they cannot say', () => {
    const handlers = asking({ cost: () => ({ usd: 1 }) });
    assert.equal(planIn(world, [], { handlers }).usd, null);
    const most = { usage: { usd: 2, tokens: 20, calls: 4 }, calls: 4 };
    const count = { step: 'items/ask', run: 100, reuse: 0, skip: 0, unknown: 0, keyed: true, why: '', most };
    const { usd } = planIn(world, [], { handlers, counts: [count] });
    assert.deepEqual(usd, { low: 0, expected: 50, high: 100 });
  });

  it('storage is the input once for each stage, and a disk that is short of it is told', () => {
    const disk = (freeBytes: number): RunPlan['disk'] => planIn(world, [], { inputBytes: 1_000, freeBytes }).disk;
    assert.deepEqual(planIn(world, [], { inputBytes: 1_000 }).storage, { low: 0, expected: 2_000, high: 4_000 });
    assert.deepEqual([disk(1_999), disk(2_000), disk(4_000)], ['short', 'tight', 'enough']);
    assert.equal(planIn(world, []).disk, 'unknown');
  });
});

describe('with history', () => {
  it('more items take longer, and more workers less', () => {
    const [few, many] = [planIn(world, past), planIn({ ...world, items: 300 }, past)];
    assert.ok(expected(many, 4) > 2.5 * expected(few, 4));
    assert.ok(expected(few, 8) < 0.7 * expected(few, 4));
  });

  it('what is reused takes nothing', () => {
    const counts = ['items/ask', 'items/write'].map((step) => ({
      step,
      run: 0,
      reuse: 100,
      skip: 0,
      unknown: 0,
      keyed: true,
      why: '',
      most: null,
    }));
    const plan = planIn(world, past, { counts });
    assert.deepEqual([plan.calls.high, plan.usd?.high, plan.storage?.high ?? 0], [0, 0, 0]);
  });

  it('steps that may run take as many calls as their share in earlier runs', () => {
    const count = { step: 'items/write', run: 0, reuse: 0, skip: 0, unknown: 100, keyed: true, why: '', most: null };
    const { calls } = planIn(world, past, { counts: [count] });
    assert.deepEqual(calls, { low: 100, expected: 100, high: 100 });
  });

  it('a service that has refused calls makes more workers a high risk', () => {
    const strict = { ...world, throttled: 0.2 };
    const { options } = planIn(strict, [pastOf(strict, 1), pastOf(strict, 2)]);
    const risks = options.map(({ workers, risk }) => [workers < 4, risk.level] as const);
    assert.deepEqual(new Set(risks.map(([below, level]) => `${below} ${level}`)), new Set(['true low', 'false high']));
    assert.match(
      options.find(({ workers }) => workers === 8)?.risk.because ?? '',
      /items\/ask was throttled in \d+ % of its calls with 4 workers/,
    );
  });

  it('a pool that holds everything up and was never throttled may be widened', () => {
    const narrow = { ...world, limits: { api: { concurrent: 2 } } };
    const advice = planIn(narrow, [pastOf(narrow, 1), pastOf(narrow, 2)]).recommendations.at(-1);
    assert.equal(advice?.command, 'limits set api --concurrent 4');
  });

  it('every recommendation has a command, reasons, what they rest on, a range and a page', () => {
    for (const recommendation of [...planIn(world, past).recommendations, ...planIn(world, []).recommendations]) {
      assert.deepEqual(Object.keys(recommendation), ['command', 'because', 'evidence', 'range', 'see']);
      const { because, evidence, range } = recommendation;
      assert.ok(because.length > 0 && evidence.length > 0 && range.low <= range.expected && range.expected <= range.high);
    }
    assert.deepEqual(
      main(planIn(world, past)).evidence.map(({ source }) => source),
      ['r1', 'r2'],
    );
  });

  it('a version that has not run yet is tried first', () => {
    assert.equal(planIn(world, [pastOf(world, 1, '0.9.0')]).recommendations[0]?.command, 'run flow.yaml --test');
    assert.notEqual(planIn(world, past).recommendations[0]?.command, 'run flow.yaml --test');
  });

  it('a budget that may not do is told', () => {
    const told = (usd: number): boolean => {
      const flow = { ...flowOf(world.limits), budget: { usd } };
      return /its budget of .* usd may not do/.test(main(planIn(world, past, { flow })).because.join('\n'));
    };
    assert.deepEqual([told(0.5), told(5)], [true, false]);
  });

  it('there are three to five options', () => {
    for (const workers of [1, 4, 15, 100]) {
      const { options } = planIn({ ...world, workers }, past);
      assert.ok(options.length >= 3 && options.length <= 5, `${options.length}`);
    }
  });
});
