/** What hardly ever happens while old runs are removed, sought on purpose. */

import fc from 'fast-check';
import { agingStories } from './aging.ts';
import type { AgingPlan } from './aging.ts';
import type { ScenarioSource } from './scenario.ts';
import type { Story } from './story.ts';

/** One run goes after two hours, while others wait; somebody does something just then. */
function whileOneGoes(meanwhile: Deeds): ScenarioSource {
  const aging = fc.record({
    keepHours: fc.constant(2),
    newest: fc.constant(0),
    kilobytes: fc.constant(null),
    forgetHours: fc.constant(null),
    events: fc.constantFrom(3, 400),
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

/** Deeds about the run that goes, at looks with these numbers. */
function deedsAt([min, max]: readonly [number, number], count: fc.ArrayConstraints, acts: readonly Deed[], more: readonly number[]): Deeds {
  const look = fc.integer({ min, max });
  return fc.array(fc.record({ look, act: fc.constantFrom(...acts), run: fc.constant(0), more: fc.constantFrom(...more) }), count);
}

type Deeds = fc.Arbitrary<AgingPlan['meanwhile']>;
type Deed = AgingPlan['meanwhile'][number]['act'];

const few = { minLength: 1, maxLength: 3 };

export type AgingRarity = 'judged' | 'going' | 'swept';

/**
 * By the numbers of looks at which the engine, in its third hour, judges what goes; has chosen it and not yet written that
 * down; and has marked nearly all values that somebody names.
 */
export const agingRarities: { readonly [name in AgingRarity]: ScenarioSource } = {
  judged: whileOneGoes(deedsAt([12, 16], few, ['fork', 'rollback'], [0, 6, 50])),
  going: whileOneGoes(deedsAt([16, 21], few, ['fork', 'fork', 'rollback', 'report', 'results'], [0, 6, 50])),
  swept: whileOneGoes(deedsAt([23, 48], { minLength: 2, maxLength: 5 }, ['again'], [1])),
};
