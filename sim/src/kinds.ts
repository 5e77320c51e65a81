/**
 * Kinds of scenarios, each a stream of its own: what grades the simulator looks for a mistake in the kind that it is likely
 * to show in, or in all of them by turns.
 */

import fc from 'fast-check';
import { eventfulPlans, plans } from '@scriptorium/testing/model/plan';
import type { Plan } from '@scriptorium/testing/model/plan';
import { agingPlans, agingStories } from './aging.ts';
import { corners } from './corners.ts';
import { crowdFlows, crowdStories } from './crowds.ts';
import type { Level } from './history.ts';
import { postPlans, postStories } from './letters.ts';
import { longPlans, mailFlows, mailStories } from './late-mail.ts';
import { flowPlansOf, stories } from './scenario.ts';
import type { FlowPlan, Scenario, Story } from './scenario.ts';

export type Kind = keyof typeof corners | 'eventful' | 'any' | 'pool' | 'mail' | 'long' | 'post' | 'old';

/** Engines have pools, in which most of their mistakes show. */
export const kindsOf: { readonly [level in Level]: readonly Kind[] } = {
  reducer: ['saga', 'fan', 'machine', 'race', 'eventful', 'any', 'mail', 'long'],
  engine: ['pool', 'saga', 'pool', 'machine', 'pool', 'fan', 'pool', 'eventful', 'pool', 'race', 'post', 'post', 'old', 'old'],
};

const SEED = 20_260_101;
/** Flows that are made at once, so that the first ones are there soon. */
const FLOWS = 30;
/** Ways in which each goes. */
const STORIES = 4;
/** After so many batches there is nothing new to be expected. */
const BATCHES = 60;

const plansOf: { readonly [kind in Exclude<Kind, 'mail' | 'pool' | 'post' | 'old'>]: fc.Arbitrary<Plan> } = {
  ...corners,
  eventful: eventfulPlans,
  any: plans,
  long: longPlans,
};

function flowsOf(kind: Exclude<Kind, 'post' | 'old'>): fc.Arbitrary<readonly FlowPlan[]> {
  if (kind === 'pool') return crowdFlows;
  if (kind === 'mail') return mailFlows;
  const own = plansOf[kind];
  return fc.array(flowPlansOf(own), { minLength: 1, maxLength: 2 });
}

/** First each flow of a batch in one way, then each in another one: the first are as different as they can be. */
export function* scenariosOf(kind: Kind): Generator<Scenario> {
  if (kind === 'post') return yield* given(postPlans, postStories, (post, story) => ({ flows: [], story, post }));
  if (kind === 'old') return yield* given(agingPlans, agingStories, (aging, story) => ({ flows: [], story, aging }));
  const flows = flowsOf(kind);
  const ways: fc.Arbitrary<Story> = kind === 'pool' ? crowdStories : kind === 'mail' ? mailStories : stories;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const made = fc.sample(flows, { numRuns: FLOWS, seed: SEED + batch });
    for (const [index, story] of fc.sample(ways, { numRuns: FLOWS * STORIES, seed: SEED + batch }).entries()) {
      const own = made[index % FLOWS] ?? [];
      // A second flow is there for those that meet in a pool.
      yield { flows: story.runs.length === 1 && kind !== 'pool' ? own.slice(0, 1) : own, story };
    }
  }
}

/** Scenarios of which the runs follow from a plan of their own. */
function* given<Plan>(
  plans: fc.Arbitrary<Plan>,
  ways: fc.Arbitrary<Story>,
  scenario: (plan: Plan, story: Story) => Scenario,
): Generator<Scenario> {
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const made = fc.sample(plans, { numRuns: FLOWS, seed: SEED + batch });
    for (const [index, story] of fc.sample(ways, { numRuns: FLOWS * STORIES, seed: SEED + batch }).entries()) {
      const plan = made[index % FLOWS];
      if (plan !== undefined) yield scenario(plan, story);
    }
  }
}
