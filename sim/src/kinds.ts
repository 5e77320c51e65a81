/**
 * Kinds of scenarios: a campaign plays them all by turns, and a planted mistake is looked for in the one in which it shows.
 */

import fc from 'fast-check';
import { eventfulPlans, plans } from '@scriptorium/testing/model/plan';
import type { Plan } from '@scriptorium/testing/model/plan';
import { agingRarities } from './aging-rarities.ts';
import type { AgingRarity } from './aging-rarities.ts';
import { agingPlans, agingStories } from './aging.ts';
import { corners } from './corners.ts';
import { crowdFlows, crowdStories } from './crowds.ts';
import { postPlans, postStories } from './letters.ts';
import { mailFlows, mailStories } from './late-mail.ts';
import { rarities } from './rarities.ts';
import type { Rarity } from './rarities.ts';
import { flowPlansOf } from './scenario.ts';
import type { FlowPlan, Scenario, ScenarioSource } from './scenario.ts';
import { stories } from './story.ts';

function general(plan: fc.Arbitrary<Plan>): ScenarioSource {
  return { base: withFlows(fc.array(flowPlansOf(plan), { minLength: 1, maxLength: 2 })), ways: stories };
}

function withFlows(flows: fc.Arbitrary<readonly FlowPlan[]>): ScenarioSource['base'] {
  return flows.map((made) => ({ flows: made }));
}

const noFlows: readonly FlowPlan[] = [];

export type Kind = keyof typeof corners | 'eventful' | 'any' | 'pool' | 'mail' | 'post' | 'old' | Rarity | AgingRarity;

export const kinds: { readonly [kind in Kind]: ScenarioSource } = {
  saga: general(corners.saga),
  race: general(corners.race),
  fan: general(corners.fan),
  machine: general(corners.machine),
  eventful: general(eventfulPlans),
  any: general(plans),
  pool: { base: withFlows(crowdFlows), ways: crowdStories },
  mail: { base: withFlows(mailFlows), ways: mailStories },
  post: { base: postPlans.map((post) => ({ flows: noFlows, post })), ways: postStories },
  old: { base: agingPlans.map((aging) => ({ flows: noFlows, aging })), ways: agingStories },
  ...rarities,
  ...agingRarities,
};

const SEED = 20_260_101;
/** Flows that are made at once, so that the first ones are there soon. */
const FLOWS = 30;
/** Ways in which each goes. */
const STORIES = 4;
/** After so many batches there is nothing new to be expected. */
const BATCHES = 60;

/** First each flow of a batch in one way, then each in another one: the first are as different as they can be. */
export function* scenariosOf(kind: Kind): Generator<Scenario> {
  const { base, ways } = kinds[kind];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const made = fc.sample(base, { numRuns: FLOWS, seed: SEED + batch });
    for (const [index, story] of fc.sample(ways, { numRuns: FLOWS * STORIES, seed: SEED + batch }).entries()) {
      const own = made[index % FLOWS];
      if (own === undefined) continue;
      // A second flow is there for those that meet in a pool.
      yield { ...own, flows: story.runs.length === 1 && kind !== 'pool' ? own.flows.slice(0, 1) : own.flows, story };
    }
  }
}
