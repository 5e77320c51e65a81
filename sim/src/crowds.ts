/**
 * Scenarios in which many calls meet in few pools, and much happens at the same moment: small flows, cheap to play, for
 * what general ones hardly ever reach. They are scenarios as all others are, and shrink as those do.
 */

import fc from 'fast-check';
import type { Plan, StepPlan } from '@scriptorium/testing/model/plan';
import type { FlowPlan, Trim } from './scenario.ts';
import type { ActPlan, Story } from './story.ts';
import type { Fault } from './setting.ts';

/** All that happens, happens at a multiple of it. */
const GRID_MS = 50;

const nothing = { needs: [], guard: null, each: null, retry: [], catch: [], max: null, next: null, leaves: null, timeoutMs: null } as const;

interface Shape {
  readonly items: number;
  readonly workers: number;
  readonly retries: number;
  readonly tolerate: 2 | '50%';
  readonly loops: boolean;
  readonly undo: boolean;
}

/** So few that a flow is compiled for each once. */
const shapes: fc.Arbitrary<Shape> = fc.record({
  items: fc.constantFrom(2, 4),
  workers: fc.constantFrom(2, 4),
  retries: fc.constantFrom(0, 2),
  tolerate: fc.constantFrom('50%' as const, 2 as const),
  loops: fc.boolean(),
  undo: fc.boolean(),
});

const trims: fc.Arbitrary<Trim> = fc.record({
  retry: fc.record({
    delayMs: fc.constantFrom(GRID_MS, 1_000),
    factor: fc.constantFrom(1, 2),
    capMs: fc.constant(60_000),
    withinMs: fc.constantFrom(null, null, 1_500, 4_000),
  }),
  pools: fc.array(
    fc.record({
      concurrent: fc.integer({ min: 1, max: 3 }),
      rate: fc.option(fc.record({ n: fc.integer({ min: 1, max: 4 }), perMs: fc.constantFrom(1_000, 5_000) }), { freq: 2 }),
      breaker: fc.option(fc.record({ failures: fc.integer({ min: 1, max: 3 }), cooldownMs: fc.constantFrom(1_000, 20_000) }), { freq: 2 }),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  callMs: fc.constantFrom(null, null, null, 200),
  cache: fc.integer({ min: 0, max: 5 }).map((chance) => chance === 5),
  maxCalls: fc.constantFrom(null, null, null, null, null, 3, 5, 8),
});

const plans = new Map<string, Plan>();

function planFor(shape: Shape): Plan {
  const key = JSON.stringify(shape);
  const plan = plans.get(key) ?? planOf(shape);
  plans.set(key, plan);
  return plan;
}

function planOf({ items, workers, retries, tolerate, loops, undo }: Shape): Plan {
  const retry = retries === 0 ? [] : [{ errors: ['*'], max: retries }];
  const call = { k: 'call', add: { of: [], plus: 1 }, undo: undo ? ('works' as const) : null } as const;
  const crowd: StepPlan = {
    ...nothing,
    name: 's1',
    body: call,
    retry,
    each: {
      as: 'i1',
      items: Array.from({ length: items }, (_, index) => index + 1),
      keyed: false,
      workers,
      batch: 1,
      tolerate,
      until: null,
    },
  };
  const lone: StepPlan = { ...nothing, name: 's2', body: call, retry };
  if (!loops) return { mode: 'flexible', body: { k: 'and', steps: [crowd, lone], until: null, out: { of: [], plus: 1 } } };
  const again = { guard: { sum: { of: [], plus: 0 }, visits: true, by: 3, is: 1 }, to: 's2' };
  const states: StepPlan[] = [
    { ...crowd, next: [{ guard: null, to: 's2' }] },
    { ...lone, max: 3, next: [again, { guard: null, to: 's3' }] },
    { ...nothing, name: 's3', body: call, retry },
  ];
  return { mode: 'flexible', body: { k: 'or', states, out: { of: [], plus: 1 } } };
}

const moments = fc.integer({ min: 0, max: 40 }).map((count) => count * GRID_MS);

const acts: fc.Arbitrary<readonly ActPlan[]> = fc.array(
  fc.record({
    do: fc.constantFrom('pause' as const, 'pause' as const, 'cancel' as const, 'limit' as const, 'close' as const),
    atMs: moments,
    run: fc.nat(2),
    pick: fc.nat(20),
    more: fc.constantFrom(5, 50, 95),
  }),
  { maxLength: 3 },
);

const commits = fc.integer({ min: 1, max: 30 });
const faults: fc.Arbitrary<readonly Fault[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ commit: commits, what: fc.constantFrom('crash_after' as const, 'crash_before' as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        commit: fc.integer({ min: 1, max: 8 }),
        what: fc.constantFrom('full' as const, 'unknown_written' as const, 'unknown_lost' as const, 'takeover' as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ atMs: moments, what: fc.constant('crash' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        atMs: moments,
        what: fc.constant('clock' as const),
        byMs: fc.constantFrom(3_600_000, 5_000, -50, -7_200_000),
      }),
    },
  ),
  { maxLength: 2 },
);

export const crowdStories: fc.Arbitrary<Story> = fc.record({
  seed: fc.nat(),
  runs: fc.array(fc.record({ flow: fc.nat(1), atMs: fc.constantFrom(0, 0, GRID_MS) }), { minLength: 1, maxLength: 2 }),
  work: fc.record({
    failing: fc.constantFrom(0, 3, 6, 9),
    losing: fc.constant(0),
    slow: fc.constantFrom(0, 0, 5),
    deaf: fc.constantFrom(0, 0, 3),
    steady: fc.boolean(),
    gridMs: fc.constant(GRID_MS),
    code: fc.constantFrom('io', 'io', null),
  }),
  acts: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: acts }),
  faults: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: faults }),
});

/** One or two flows with the same pools, and so the same limits. */
export const crowdFlows: fc.Arbitrary<readonly FlowPlan[]> = fc
  .tuple(fc.array(shapes, { minLength: 1, maxLength: 2 }), trims)
  .map(([all, trim]) => all.map((shape): FlowPlan => ({ plan: planFor(shape), trim })));
