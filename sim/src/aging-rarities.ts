/** What hardly ever happens while old runs are removed, sought on purpose. */

import fc from 'fast-check';
import { agingStories } from './aging.ts';
import type { AgingPlan } from './aging.ts';
import type { ScenarioSource } from './scenario.ts';
import type { Story } from './story.ts';

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
        look: fc.integer({ min: 16, max: 21 }),
        act: fc.constantFrom('fork' as const, 'fork' as const, 'rollback' as const, 'report' as const, 'results' as const),
        run: fc.constant(0),
        more: fc.constantFrom(0, 6, 50),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  ),
  swept: whileOneGoes(
    fc.array(
      fc.record({ look: fc.integer({ min: 23, max: 48 }), act: fc.constant('again' as const), run: fc.constant(0), more: fc.constant(1) }),
      {
        minLength: 2,
        maxLength: 5,
      },
    ),
  ),
};
