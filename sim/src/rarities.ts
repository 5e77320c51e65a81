/**
 * Scenarios that are made for a situation which others hardly ever reach: an engine that dies again and again during one
 * call, retries that come too late, chains that are undone while somebody cancels.
 */

import fc from 'fast-check';
import { FAILING } from '@scriptorium/testing/model/plan';
import type { Plan, ScopePlan, StepPlan } from '@scriptorium/testing/model/plan';
import { corners } from './corners.ts';
import { longPlans } from './late-mail.ts';
import { plainTrims } from './scenario.ts';
import type { ScenarioSource, Trim } from './scenario.ts';
import type { ActPlan, Story } from './story.ts';
import type { Fault } from './setting.ts';

const MINUTE_MS = 60_000;

const plain = { needs: [], guard: null, each: null, retry: [], catch: [], max: null, next: null, leaves: null, timeoutMs: null } as const;
const one = { of: [], plus: 1 } as const;

function call(name: string, more: Partial<StepPlan> = {}): StepPlan {
  return { ...plain, name, body: { k: 'call', add: one, undo: null }, ...more };
}

function flowOf(steps: readonly StepPlan[]): Plan {
  return { mode: 'flexible', body: { k: 'and', steps, until: null, out: one } };
}

function eachOf(as: string, count: number, workers: number): NonNullable<StepPlan['each']> {
  const items = Array.from({ length: count }, (_, index) => index + 1);
  return { as, items, keyed: false, workers, batch: 1, tolerate: 0, until: null };
}

const calm = { failing: 0, losing: 0, slow: 0, deaf: 0, steady: false } as const;
const noActs: fc.Arbitrary<readonly ActPlan[]> = fc.constant([]);
const noFaults: fc.Arbitrary<readonly Fault[]> = fc.constant([]);

interface Ways {
  readonly work?: fc.Arbitrary<Story['work']>;
  readonly acts?: fc.Arbitrary<readonly ActPlan[]>;
  readonly faults?: fc.Arbitrary<readonly Fault[]>;
}

function rarity(
  plans: fc.Arbitrary<Plan>,
  { work = fc.constant(calm), acts = noActs, faults = noFaults }: Ways,
  trims = plainTrims,
): ScenarioSource {
  return {
    base: fc.record({ plan: plans, trim: trims }).map((flow) => ({ flows: [flow] })),
    ways: fc.record({ seed: fc.nat(), runs: fc.constant([{ flow: 0, atMs: 0 }]), work, acts, faults }),
  };
}

function act(what: ActPlan['do'], atMs: fc.Arbitrary<number>, more: fc.Arbitrary<number> = fc.nat(99)): fc.Arbitrary<ActPlan> {
  return fc.record({ do: fc.constant(what), atMs, run: fc.constant(0), pick: fc.nat(20), more });
}

/** While the calls of a small flow go on. */
const soon = fc.nat(1_500);

function crashes(least: number, most: number, at: fc.Arbitrary<number>): fc.Arbitrary<readonly Fault[]> {
  return fc.array(fc.record({ atMs: at, what: fc.constant('crash' as const) }), { minLength: least, maxLength: most });
}

/** Somebody pauses the run while a retry is due, for longer than it may be late. */
const lateTrims: fc.Arbitrary<Trim> = plainTrims.map((trim) => ({
  ...trim,
  retry: { delayMs: 250, factor: 1, capMs: 1_500, withinMs: 1_500 },
}));
const retried = fc.constant(flowOf([call(`${FAILING}1`, { retry: [{ errors: ['*'], max: 3 }] }), call('s2')]));

/** Three that are undone, one after the other, since the fourth fails. */
const chains = fc.constantFrom('works' as const, 'fails' as const).map((last): Plan => {
  const undone = (name: string, needs: readonly string[], undo: 'works' | 'fails'): StepPlan =>
    call(name, { needs, body: { k: 'call', add: one, undo } });
  return flowOf([
    undone('s1', [], last),
    undone('s2', ['s1'], 'works'),
    undone('s3', ['s2'], 'works'),
    call(`${FAILING}4`, { needs: ['s3'] }),
  ]);
});

const nested = fc.record({ outer: fc.integer({ min: 1, max: 3 }), inner: fc.integer({ min: 1, max: 3 }) }).map(({ outer, inner }): Plan => {
  const body: ScopePlan = { k: 'and', steps: [call('s2', { each: eachOf('i2', inner, 2) })], until: null, out: one };
  return flowOf([{ ...plain, name: 's1', body, each: eachOf('i1', outer, 2) }]);
});

/** A scope that may take half an hour, and a clock that leaps over it. */
const timed = fc.constant(
  flowOf([
    {
      ...plain,
      name: 's1',
      timeoutMs: 30 * MINUTE_MS,
      body: { k: 'and', steps: [{ ...plain, name: 's2', body: { k: 'pause', ms: 60 * MINUTE_MS } }], until: null, out: one },
    },
    call('s3'),
  ]),
);
const leap: fc.Arbitrary<readonly Fault[]> = fc.nat(20 * MINUTE_MS).map((atMs) => [{ atMs, what: 'clock', byMs: 7_200_000 }]);

/** A state that a signal leads out of while it waits is entered again, and waits anew. */
const revisited = fc.constant<Plan>({
  mode: 'flexible',
  body: {
    k: 'or',
    states: [
      { ...plain, name: 's1', body: { k: 'pause', ms: 30 * MINUTE_MS }, leaves: 's2', max: 3, next: [{ guard: null, to: 's3' }] },
      call('s2', {
        next: [
          { guard: { sum: { of: [], plus: 0 }, visits: true, by: 3, is: 1 }, to: 's1' },
          { guard: null, to: 's3' },
        ],
      }),
      call('s3'),
    ],
    out: null,
  },
});

/** A failure leads to another state, and from there it goes on to a third one. */
const diverted = fc.constant<Plan>({
  mode: 'flexible',
  body: {
    k: 'or',
    states: [
      call(`${FAILING}1`, { catch: [{ errors: ['*'], then: { k: 'to', to: 's2' } }] }),
      call('s2', { next: [{ guard: null, to: 's3' }] }),
      call('s3'),
    ],
    out: null,
  },
});

/** Calls that would rather fail than wait for a breaker. */
const refusable = fc.constant(
  flowOf([
    call(`${FAILING}1`, { catch: [{ errors: ['*'], then: { k: 'value', value: one } }] }),
    call('s2', { needs: [`${FAILING}1`], catch: [{ errors: ['limit.open'], then: { k: 'value', value: one } }] }),
  ]),
);
const fragile: fc.Arbitrary<Trim> = plainTrims.map((trim) => ({
  ...trim,
  pools: [{ concurrent: 1, rate: null, breaker: { failures: 1, cooldownMs: MINUTE_MS } }],
}));

/** Signals, the same ones again, come while a call is at work before the wait for them, and after it. */
const early = fc.constant(
  flowOf([call('s1'), { ...plain, name: 's2', needs: ['s1'], body: { k: 'await', ask: false } }, call('s3', { needs: ['s2'] })]),
);

const slow = fc.constant({ ...calm, slow: 100 });
const failing = fc.constantFrom(0, 3, 6).map((some) => ({ ...calm, failing: some }));

export type Rarity = 'dying' | 'late' | 'chain' | 'leaving' | 'nested' | 'early' | 'leap' | 'revisited' | 'diverted' | 'refused' | 'long';

export const rarities: { readonly [name in Rarity]: ScenarioSource } = {
  dying: rarity(fc.constant(flowOf([call('s1')])), { work: slow, faults: crashes(4, 6, fc.integer({ min: 500, max: 40 * MINUTE_MS })) }),
  late: rarity(
    retried,
    { acts: act('pause', fc.integer({ min: 100, max: 700 }), fc.constantFrom(95, 99)).map((pause) => [pause]) },
    lateTrims,
  ),
  chain: rarity(chains, {
    acts: fc.array(act('cancel', fc.integer({ min: 500, max: 2_500 })), { maxLength: 3 }),
    faults: crashes(0, 3, soon),
  }),
  leaving: rarity(corners.machine, {
    work: fc.oneof(failing, slow),
    acts: fc.array(fc.oneof(act('leave', soon), act('signal', soon), act('repeat', soon), act('fork', soon)), {
      minLength: 1,
      maxLength: 4,
    }),
  }),
  nested: rarity(nested, { work: fc.oneof(fc.constant(calm), slow), acts: fc.array(act('migrate', soon), { maxLength: 1 }) }),
  early: rarity(early, { acts: fc.tuple(act('signal', fc.constant(0)), act('signal', fc.nat(300)), act('repeat', fc.nat(1_200))) }),
  leap: rarity(timed, { faults: leap }),
  revisited: rarity(revisited, { acts: fc.array(act('leave', soon), { minLength: 1, maxLength: 2 }) }),
  diverted: rarity(diverted, {}),
  refused: rarity(refusable, { work: fc.constant({ ...calm, code: 'io' }) }, fragile),
  long: rarity(longPlans, {}),
};
