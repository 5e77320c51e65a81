/**
 * Scenarios that last for days, in which the engine removes what ended long ago while it works: runs that call others, are
 * forked, taken back and asked for long after their end, people who read the whole store, and engines that die between any
 * two steps of a removal.
 */

import fc from 'fast-check';
import type { Story } from './story.ts';
import type { ScenarioSource } from './scenario.ts';
import type { DiskTrouble, Fault } from './setting.ts';

export interface AgingPlan {
  readonly keepHours: number | null;
  readonly newest: number;
  /** What the store may have; null for as much as it likes. */
  readonly kilobytes: number | null;
  readonly forgetHours: number | null;
  /** How many events go in one step. */
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
  events: fc.constantFrom(3, 12, 400),
  runs: fc.array(fc.record({ hour: fc.nat(HOURS / 2), does: fc.constantFrom(...kinds), items: fc.constantFrom(1, 2, 5) }), {
    minLength: 2,
    maxLength: 6,
  }),
  acts: fc.array(fc.record({ do: anyDeed, hour: fc.nat(HOURS), run: fc.nat(9), more: fc.nat(99) }), { maxLength: 8 }),
  meanwhile: fc.array(fc.record({ look: fc.integer({ min: 1, max: 150 }), act: anyDeed, run: fc.nat(9), more: fc.nat(99) }), {
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

/** One run goes after two hours, while others wait; somebody does something just then. */
function whileOneGoes(meanwhile: fc.Arbitrary<AgingPlan['meanwhile']>): ScenarioSource {
  const aging = fc.record({
    keepHours: fc.constant(2),
    newest: fc.constant(0),
    kilobytes: fc.constant(null),
    forgetHours: fc.constant(null),
    events: fc.constantFrom(12, 400),
    runs: fc
      .integer({ min: 1, max: 3 })
      .map((waiting): AgingPlan['runs'] => [
        { hour: 0, does: 'plain', items: 2 },
        ...Array.from({ length: waiting }, () => ({ hour: 0, does: 'waiting', items: 5 }) as const),
      ]),
    acts: fc.constant([]),
    meanwhile,
  });
  const calm = agingStories.map((story): Story => ({ ...story, faults: [] }));
  return { base: aging.map((made) => ({ flows: [], aging: made })), ways: fc.oneof({ weight: 3, arbitrary: calm }, agingStories) };
}

export type AgingRarity = 'going' | 'swept';

/**
 * By the numbers of looks at which the engine, in its third hour, has chosen what goes and not yet written that down, and
 * at which it has marked nearly all values that somebody names.
 */
export const agingRarities: { readonly [name in AgingRarity]: ScenarioSource } = {
  going: whileOneGoes(
    fc.array(
      fc.record({
        look: fc.integer({ min: 13, max: 18 }),
        act: fc.constantFrom('fork' as const, 'fork' as const, 'rollback' as const, 'report' as const, 'results' as const),
        run: fc.constant(0),
        more: fc.constantFrom(0, 6, 50),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  ),
  swept: whileOneGoes(
    fc.array(
      fc.record({ look: fc.integer({ min: 20, max: 45 }), act: fc.constant('again' as const), run: fc.constant(0), more: fc.constant(1) }),
      {
        minLength: 2,
        maxLength: 5,
      },
    ),
  ),
};
