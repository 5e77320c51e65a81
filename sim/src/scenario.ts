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
import type { Story } from './story.ts';

export interface Scenario {
  readonly flows: readonly FlowPlan[];
  readonly story: Story;
  /** Who sends messages to whom; nobody unless given. */
  readonly post?: PostPlan;
  /** What goes on for days while old runs are removed; nothing unless given. */
  readonly aging?: AgingPlan;
}

/** What scenarios of one kind are made of: what there is, and the ways in which it may go. */
export interface ScenarioSource {
  readonly base: fc.Arbitrary<Omit<Scenario, 'story'>>;
  readonly ways: fc.Arbitrary<Story>;
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
