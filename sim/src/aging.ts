/**
 * Scenarios that last for days, in which the engine removes what ended long ago while it works: runs that call others, are
 * forked, taken back and asked for long after their end, people who read the whole store, and engines that die between any
 * two steps of a removal.
 */

import fc from 'fast-check';
import type { Story } from './story.ts';
import type { DiskTrouble, Fault } from './setting.ts';

export interface AgingPlan {
  readonly keepHours: number | null;
  readonly newest: number;
  /** What the store may have; null for as much as it likes. */
  readonly kilobytes: number | null;
  readonly forgetHours: number | null;
  /** How many rows of events go in one step. */
  readonly events: number;
  readonly runs: readonly AgingRun[];
  readonly acts: readonly AgingAct[];
  /** What happens just when the engine looks at its store for the n-th time to remove something. */
  readonly meanwhile: readonly { readonly look: number; readonly act: AgingAct['do']; readonly run: number; readonly more: number }[];
}

export interface AgingRun {
  readonly hour: number;
  readonly does: (typeof kinds)[number];
  /** Items with so much text each. */
  readonly items: number;
}

const kinds = ['plain', 'plain', 'cached', 'calling', 'leaving', 'waiting'] as const;

/** `run` is taken modulo what there is, forks among it. */
export interface AgingAct {
  readonly do: (typeof deeds)[number];
  readonly hour: number;
  readonly run: number;
  readonly more: number;
}

const deeds = [
  'fork',
  'fork',
  'rollback',
  'rollback',
  'again',
  'again',
  'resume',
  'report',
  'results',
  'read',
  'signal',
  'cancel',
  'drain',
  'stop',
] as const;

const HOURS = 30;

const anyDeed = fc.constantFrom(...deeds);
const removals = fc.integer({ min: 1, max: 60 });

export const agingPlans: fc.Arbitrary<AgingPlan> = fc.record({
  keepHours: fc.constantFrom(2, 5, 5, 12, null),
  newest: fc.constantFrom(0, 1, 2),
  kilobytes: fc.constantFrom(null, null, null, 100, 150),
  forgetHours: fc.constantFrom(null, null, 9, 15),
  events: fc.constantFrom(1, 3, 400),
  runs: fc.array(fc.record({ hour: fc.nat(HOURS / 2), does: fc.constantFrom(...kinds), items: fc.constantFrom(1, 2, 5) }), {
    minLength: 2,
    maxLength: 6,
  }),
  acts: fc.array(fc.record({ do: anyDeed, hour: fc.nat(HOURS), run: fc.nat(9), more: fc.nat(99) }), { maxLength: 8 }),
  meanwhile: fc.array(fc.record({ look: fc.integer({ min: 1, max: 500 }), act: anyDeed, run: fc.nat(9), more: fc.nat(99) }), {
    maxLength: 4,
  }),
});

const troubles = fc.constantFrom<DiskTrouble>('crash_before', 'crash_after', 'unknown_written', 'unknown_lost', 'full', 'takeover');

const faults: fc.Arbitrary<readonly Fault[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ removal: removals, what: troubles }) },
    { weight: 1, arbitrary: fc.record({ commit: fc.integer({ min: 1, max: 80 }), what: troubles }) },
  ),
  { maxLength: 4 },
);

export const agingStories: fc.Arbitrary<Story> = fc.record({
  seed: fc.nat(),
  runs: fc.constant([]),
  work: fc.record({
    failing: fc.constantFrom(0, 0, 2),
    losing: fc.constant(0),
    slow: fc.constant(0),
    deaf: fc.constant(0),
    steady: fc.boolean(),
  }),
  acts: fc.constant([]),
  faults: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: faults }),
});
