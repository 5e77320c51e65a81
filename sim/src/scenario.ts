/**
 * A scenario: plain JSON, made by fast-check so that it shrinks. It says which flows run, how their calls behave, what
 * clients do and which faults there are; {@link prepare} puts it into what a world plays.
 */

import fc from 'fast-check';
import { eventfulPlans, plans } from '@scriptorium/testing/model/plan';
import type { Plan } from '@scriptorium/testing/model/plan';
import type { AgingPlan } from './aging.ts';
import { cornerPlans } from './corners.ts';
import type { PostPlan } from './letters.ts';
import type { Fault } from './setting.ts';

export interface Scenario {
  readonly flows: readonly FlowPlan[];
  readonly story: Story;
  /** Who sends messages to whom; nobody unless given. */
  readonly post?: PostPlan;
  /** What goes on for days while old runs are removed; nothing unless given. */
  readonly aging?: AgingPlan;
}

/** A flow and what it says about retries, pools and the like, which does not change what it gives. */
export interface FlowPlan {
  readonly plan: Plan;
  readonly trim: Trim;
}

export interface Trim {
  readonly retry: { readonly delayMs: number; readonly factor: number; readonly capMs: number; readonly withinMs: number | null };
  /** Every call is in one of these pools; none without pools. */
  readonly pools: readonly PoolPlan[];
  /** Longest time that a call may take; null for any. */
  readonly callMs: number | null;
  readonly cache: boolean;
  readonly maxCalls: number | null;
  /** Longest time that somebody waits for a signal; without, or with null, as the plan says. */
  readonly waitMs?: number | null;
}

export interface PoolPlan {
  readonly concurrent: number;
  readonly rate: { readonly n: number; readonly perMs: number } | null;
  readonly breaker: { readonly failures: number; readonly cooldownMs: number } | null;
}

/** Pools are shared by all flows of a scenario. */
export function poolName(place: number): string {
  return `sim/p${place}`;
}

/** One way in which it may go. */
export interface Story {
  readonly seed: number;
  readonly runs: readonly { readonly flow: number; readonly atMs: number }[];
  readonly work: Work;
  readonly acts: readonly ActPlan[];
  readonly faults: readonly Fault[];
}

export interface Work {
  /** Of ten calls, so many fail. */
  readonly failing: number;
  /** Of a hundred attempts, so many are lost with their worker. */
  readonly losing: number;
  /** Of a hundred calls, so many take most of an hour. */
  readonly slow: number;
  /** Of ten calls, so many do not hear that they are to end, or answer twice. */
  readonly deaf: number;
  /** Whether a call that failed once fails always. */
  readonly steady: boolean;
  /** Everything takes a multiple of it, so that much happens at the same moment; of any length without. */
  readonly gridMs?: number;
  /** All that fails, fails with it; without, or with null, as the script says. */
  readonly code?: string | null;
}

/** `run` and `pick` are taken modulo what there is. */
export interface ActPlan {
  readonly do: (typeof actKinds)[number] | 'close';
  readonly atMs: number;
  readonly run: number;
  readonly pick: number;
  /** How long a pause lasts, or how far a rollback goes, of a hundred. */
  readonly more: number;
}

const actKinds = [
  'signal',
  'signal',
  'repeat',
  'answer',
  'answer',
  'leave',
  'leave',
  'pause',
  'stop',
  'cancel',
  'limit',
  'fork',
  'rollback',
  'migrate',
] as const;

/** Changes nothing about how a flow ends. */
export const plainTrims: fc.Arbitrary<Trim> = fc.record({
  retry: fc.record({
    delayMs: fc.constantFrom(1_000, 250),
    factor: fc.constantFrom(2, 1, 3),
    capMs: fc.constantFrom(60_000, 1_500),
    withinMs: fc.constant(null),
  }),
  pools: fc.constant([]),
  callMs: fc.constant(null),
  cache: fc.constant(false),
  maxCalls: fc.constant(null),
});

const anyTrims: fc.Arbitrary<Trim> = fc.record({
  retry: fc.record({
    delayMs: fc.constantFrom(1_000, 1, 250, 60_000),
    factor: fc.constantFrom(2, 1, 3),
    capMs: fc.constantFrom(60_000, 1_500, 3_600_000),
    withinMs: fc.constantFrom(null, null, null, null, 1_500, 4_000),
  }),
  pools: fc.array(
    fc.record({
      concurrent: fc.integer({ min: 1, max: 4 }),
      rate: fc.option(fc.record({ n: fc.integer({ min: 1, max: 4 }), perMs: fc.constantFrom(1_000, 60_000) }), { freq: 3 }),
      breaker: fc.option(fc.record({ failures: fc.integer({ min: 1, max: 3 }), cooldownMs: fc.constantFrom(1_000, 60_000) }), { freq: 3 }),
    }),
    { maxLength: 2 },
  ),
  callMs: fc.constantFrom(null, null, null, null, null, 200, 5_000),
  cache: fc.integer({ min: 0, max: 5 }).map((chance) => chance === 5),
  maxCalls: fc.constantFrom(null, null, null, null, null, null, 3, 8),
});

export function flowPlansOf(plan: fc.Arbitrary<Plan>): fc.Arbitrary<FlowPlan> {
  return fc.record({ plan, trim: fc.oneof({ weight: 2, arbitrary: plainTrims }, { weight: 1, arbitrary: anyTrims }) });
}

export const flowPlans: fc.Arbitrary<FlowPlan> = flowPlansOf(
  fc.oneof({ weight: 2, arbitrary: cornerPlans }, { weight: 1, arbitrary: eventfulPlans }, { weight: 1, arbitrary: plans }),
);

const moments = fc.oneof({ weight: 3, arbitrary: fc.nat(2_500) }, { weight: 1, arbitrary: fc.nat(3 * 3_600_000) });

const faults: fc.Arbitrary<readonly Fault[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        commit: fc.integer({ min: 1, max: 40 }),
        what: fc.constantFrom('crash_before' as const, 'crash_after' as const, 'unknown_written' as const, 'unknown_lost' as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ commit: fc.integer({ min: 1, max: 40 }), what: fc.constantFrom('full' as const, 'torn' as const) }),
    },
    { weight: 1, arbitrary: fc.record({ commit: fc.integer({ min: 1, max: 40 }), what: fc.constant('takeover' as const) }) },
    { weight: 1, arbitrary: fc.record({ atMs: moments, what: fc.constant('crash' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        atMs: moments,
        what: fc.constant('clock' as const),
        byMs: fc.constantFrom(-7_200_000, -50, 3_600_000, 7_200_000),
      }),
    },
  ),
  // More than three ends of the engine during one attempt would set a step aside.
  { maxLength: 3 },
);

const starts = fc.record({ flow: fc.nat(1), atMs: fc.constantFrom(0, 0, 30, 900) });

/** Nothing comes from outside but what is waited for, and nothing goes wrong but calls. */
const calmStories: fc.Arbitrary<Story> = fc.record({
  seed: fc.nat(),
  runs: fc.array(starts, { minLength: 1, maxLength: 1 }),
  work: fc.record({
    failing: fc.constantFrom(0, 1, 3, 6),
    losing: fc.constantFrom(0, 0, 10),
    slow: fc.constantFrom(0, 0, 20),
    deaf: fc.constant(0),
    steady: fc.constant(false),
  }),
  acts: fc.constant([]),
  faults: fc.constant([]),
});

const eventfulStories: fc.Arbitrary<Story> = fc.record({
  seed: fc.nat(),
  runs: fc.oneof(
    { weight: 2, arbitrary: fc.array(starts, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(starts, { minLength: 2, maxLength: 3 }) },
  ),
  work: fc.record({
    failing: fc.constantFrom(0, 1, 3, 6),
    losing: fc.constantFrom(0, 0, 5, 40),
    slow: fc.constantFrom(0, 5, 30),
    deaf: fc.constantFrom(0, 0, 3, 8),
    steady: fc.boolean(),
  }),
  acts: fc.array(fc.record({ do: fc.constantFrom(...actKinds), atMs: moments, run: fc.nat(2), pick: fc.nat(20), more: fc.nat(99) }), {
    maxLength: 8,
  }),
  faults: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: faults }),
});

export const stories: fc.Arbitrary<Story> = fc.oneof({ weight: 2, arbitrary: calmStories }, { weight: 3, arbitrary: eventfulStories });
