/** One way in which a scenario may go: which runs start, how calls fail, what clients do, and which faults there are. */

import fc from 'fast-check';
import type { Fault } from './setting.ts';

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
