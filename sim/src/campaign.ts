/**
 * Plays scenarios until the time is over or something is wrong.
 *
 * 1. What is played follows from the seed alone.
 * 2. Flows are expensive to make, and the ways they may go are cheap: each flow is played in several.
 * 3. What is wrong is made small before it is told of.
 */

import { hash } from 'node:crypto';
import fc from 'fast-check';
import { agingRarities } from './aging-rarities.ts';
import type { History, Level } from './history.ts';
import type { Violation } from './invariants/invariant.ts';
import { kinds } from './kinds.ts';
import { situations, tryOut } from './players.ts';
import { rarities } from './rarities.ts';
import { prepare } from './preparing.ts';
import { flowPlans } from './scenario.ts';
import type { Scenario, ScenarioSource } from './scenario.ts';
import { stories } from './story.ts';
import type { Story } from './story.ts';

export interface CampaignOptions {
  readonly level: Level;
  readonly seed: number;
  readonly seconds: number;
  /** At most so many histories. */
  readonly histories?: number;
}

export interface Campaign {
  readonly histories: number;
  readonly rows: number;
  readonly twice: number;
  readonly seconds: number;
  /** How often each situation was reached, of those that the level has. */
  readonly reached: ReadonlyMap<string, number>;
  readonly found: Found | null;
}

export interface Found {
  readonly scenario: Scenario;
  readonly violations: readonly Violation[];
  /** Of the rows and commands of the scenario's history. */
  readonly trace: string;
}

interface Family extends Omit<Scenario, 'story'> {
  readonly stories: readonly Story[];
}

/** Ways in which each flow goes; fewer where a flow is cheap to make. */
const STORIES = 12;
const FEW = 4;
/** Flows of which one seed makes so many. */
const FLOWS = 20;
/** Of so many histories one is played twice. */
const TWICE = 1_000;
/** So long something that is wrong is made smaller. */
const SHRINK_MS = 60_000;

function familyOf({ base, ways }: ScenarioSource, most = STORIES): fc.Arbitrary<Family> {
  const all = fc.array(ways, { minLength: 1, maxLength: most, size: 'max' });
  return fc.tuple(base, all).map(([made, some]) => ({ ...made, stories: some }));
}

/** Many items are dear to play. */
const LONG = 'long';

function rareOf(some: { readonly [name: string]: ScenarioSource }): fc.Arbitrary<Family> {
  const weighted = Object.entries(some).map(([name, source]) => ({ weight: name === LONG ? 1 : 2, arbitrary: familyOf(source, FEW) }));
  return fc.oneof<fc.MaybeWeightedArbitrary<Family>[]>(...weighted);
}

const any = familyOf({ base: fc.array(flowPlans, { minLength: 1, maxLength: 2 }).map((flows) => ({ flows })), ways: stories });

const families: { readonly [level in Level]: fc.Arbitrary<Family> } = {
  reducer: fc.oneof(
    { weight: 15, arbitrary: any },
    { weight: 1, arbitrary: familyOf(kinds.mail) },
    { weight: 2, arbitrary: rareOf(rarities) },
  ),
  // Only the engine has pools in which a crowd can meet, mailboxes, and a store.
  engine: fc.oneof(
    { weight: 2, arbitrary: any },
    { weight: 2, arbitrary: familyOf(kinds.pool) },
    { weight: 4, arbitrary: familyOf(kinds.post, FEW) },
    { weight: 3, arbitrary: familyOf(kinds.old, FEW) },
    { weight: 4, arbitrary: rareOf({ ...rarities, ...agingRarities }) },
  ),
};

export async function simulate({ level, seed, seconds, histories: most = Number.POSITIVE_INFINITY }: CampaignOptions): Promise<Campaign> {
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1_000;
  const reached = new Map(situations.filter(({ levels }) => levels.includes(level)).map(({ name }) => [name, 0]));
  const count = { histories: 0, rows: 0, twice: 0 };
  const isOver = (): boolean => elapsed() > seconds || count.histories >= most;
  let found: Found | null = null;
  for (let round = 0; found === null && !isOver(); round += 1) {
    let isFound = false;
    const property = fc.asyncProperty(families[level], async (family) => {
      if (!isFound && isOver()) return true;
      for (const story of family.stories) {
        if (!isFound && isOver()) return true;
        const { stories: _, ...given } = family;
        const wrong = await tryStory({ level, scenario: { ...given, story }, reached: isFound ? null : reached, count });
        if (wrong.length > 0) isFound = true;
        if (wrong.length > 0) return false;
      }
      return true;
    });
    const details = await fc.check(property, { seed: seed + round, numRuns: FLOWS, interruptAfterTimeLimit: seconds * 1_000 + SHRINK_MS });
    if (details.counterexample !== null) found = await foundIn(level, details.counterexample[0]);
  }
  return { ...count, seconds: elapsed(), reached, found };
}

interface Tried {
  readonly level: Level;
  readonly scenario: Scenario;
  readonly reached: Map<string, number> | null;
  readonly count: { histories: number; rows: number; twice: number };
}

async function tryStory({ level, scenario, reached, count }: Tried): Promise<readonly Violation[]> {
  const prepared = prepare(scenario, level);
  if (prepared === null) return [];
  const { violations, played } = await tryOut(level, prepared);
  if (reached === null || played === null) return violations;
  count.histories += 1;
  count.rows += played.history.rows.length;
  for (const { name, happened } of situations) {
    const times = reached.get(name);
    if (times !== undefined && happened(played)) reached.set(name, times + 1);
  }
  if (count.histories % TWICE !== 0) return violations;
  count.twice += 1;
  const again = await tryOut(level, prepared);
  const isSame = again.played !== null && traceOf(again.played.history) === traceOf(played.history);
  return isSame ? violations : [...violations, { number: 4, what: 'the same scenario gave another history when it was played again' }];
}

/** The first story of the family that goes wrong, by itself. */
async function foundIn(level: Level, { stories: all, ...given }: Family): Promise<Found> {
  for (const story of all) {
    const scenario = { ...given, story };
    const replayed = await replay(level, scenario);
    if (replayed.violations.length > 0) return { scenario, ...replayed };
  }
  const [story] = all;
  if (story === undefined) throw new Error('a family without stories');
  const what = 'it went wrong once, and not again when it was replayed';
  return { scenario: { ...given, story }, violations: [{ number: 4, what }], trace: '' };
}

/** Plays one scenario, and says what is wrong and how its history went. */
export async function replay(
  level: Level,
  scenario: Scenario,
): Promise<{ readonly violations: readonly Violation[]; readonly trace: string }> {
  const prepared = prepare(scenario, level);
  if (prepared === null) throw new Error('a flow of the scenario has too many ways to end');
  const { violations, played } = await tryOut(level, prepared);
  return { violations, trace: played === null ? '' : traceOf(played.history) };
}

export function traceOf({ rows, commands }: History): string {
  return hash('sha256', JSON.stringify([rows.map(({ hash: _, ...row }) => row), commands]), 'hex');
}
