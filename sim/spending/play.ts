/**
 * Plays a scenario with the real engine in virtual time, against a provider that keeps its own ledger: what it has been
 * asked for it charges, whoever dies meanwhile. Then holds the budget, the provider's ledger and the journal against
 * each other.
 *
 * 1. What the provider charged is never more than the budget of the run, and of each part that has its own.
 * 2. What the journal says was used is what the provider charged, call by call; except for calls that were in the air
 *    when the engine ended or the time was over: those count in full.
 * 3. Nothing is refused for which there is room, and every part comes to an end.
 */

import { defineHandler } from '@scriptorium/core';
import type { Handler, Recorded } from '@scriptorium/core';
import { fails, rehearse, takes } from '@scriptorium/testing';
import type { Answering, Rehearsal } from '@scriptorium/testing';
import { diceOf } from '../src/chance.ts';
import { scenarioOf, sourcesOf, TOKENS } from './scenario.ts';
import type { Scenario } from './scenario.ts';

export interface Outcome {
  readonly faults: readonly string[];
  readonly calls: number;
  /** Calls that were in the air at an end of the engine, or after their time. */
  readonly cutOff: number;
  readonly refused: number;
  readonly kills: number;
  /** In dollars. */
  readonly budget: number;
  readonly charged: number;
  readonly journaled: number;
}

const ask: Handler = defineHandler<{ readonly usd: number; readonly tokens: number }>({
  name: 'provider/ask',
  version: '1.0.0',
  doc: 'Costs something.',
  input: { type: 'object', required: ['usd', 'tokens'], properties: { usd: { type: 'number' }, tokens: { type: 'integer' } } },
  output: true,
  effects: 'read',
  cost: ({ usd, tokens }) => ({ usd, tokens }),
  run: () => null,
});

/** A stretch of virtual time in which all that can be done is done, however small the pool is. */
const PATIENCE = '6h';

export async function play(seed: number): Promise<Outcome> {
  const scenario = scenarioOf(seed);
  const dice = diceOf(seed ^ 0x5eed);
  /** In thousandths, by run and call. */
  const charges = new Map<string, number>();
  const provider: Answering = (_, { spend, step, run }) => {
    const charge = dice(scenario.most + 1);
    charges.set(`${run.id} ${step.idempotencyKey} ${step.attempt}`, charge);
    spend({ usd: charge / 1_000, tokens: dice(TOKENS + 1) });
    return takes(`${1 + dice(6_000)}ms`, dice(8) === 0 ? fails('overloaded') : null);
  };
  const [source, ...flows] = sourcesOf(scenario);
  await using run = await rehearse(source, { handlers: [ask], script: { 'provider/ask': provider }, flows, faults: scenario.faults });
  for (const ms of scenario.kills) {
    await run.advance(`${ms}ms`);
    await run.kill();
  }
  await run.advance(PATIENCE);
  return await judge(scenario, run, charges);
}

async function judge(scenario: Scenario, run: Rehearsal, charges: ReadonlyMap<string, number>): Promise<Outcome> {
  const host = run.host();
  const { status, progress, error } = await host.describe(run.id);
  const faults = status === 'succeeded' ? [] : [`the run is ${status}: ${error?.message}`];
  const parts = await host.list({ parent: run.id, limit: 1_000 });
  const sum = { cutOff: 0, refused: 0, journaled: 0 };
  for (const part of parts) {
    const own = scenario.parts[Number(part.flow.name.slice('sim/part'.length))]?.budget ?? null;
    const charged = [...charges].filter(([key]) => key.startsWith(`${part.run} `)).reduce((all, [, charge]) => all + charge, 0);
    if (own !== null && charged > own) faults.push(`${part.flow.name} was charged ${charged} of ${own}`);
    const told = journalOf(part.run, await host.events(part.run, 0, 100_000), charges);
    faults.push(...told.faults);
    sum.cutOff += told.cutOff;
    sum.refused += told.refused;
    sum.journaled += told.used;
  }
  const charged = [...charges.values()].reduce((all, charge) => all + charge, 0);
  if (charged > scenario.budget) faults.push(`${charged} were charged of ${scenario.budget}`);
  const used = Math.round((progress.usage.used.usd ?? 0) * 1_000);
  if (used > scenario.budget) faults.push(`${used} were used of ${scenario.budget}`);
  if (used !== sum.journaled) faults.push(`the run says ${used}, and its parts say ${sum.journaled}`);
  if (parts.length === scenario.parts.length)
    faults.push(
      ...starved(
        scenario,
        parts.map(({ output }) => output as { ok: number } | null),
      ),
    );
  const { cutOff, refused } = sum;
  const figures = { calls: charges.size, cutOff, refused, kills: run.engines() - 1 };
  return { faults, ...figures, budget: scenario.budget / 1_000, charged: charged / 1_000, journaled: used / 1_000 };
}

interface Told {
  readonly faults: readonly string[];
  readonly used: number;
  readonly cutOff: number;
  readonly refused: number;
}

/** Holds what a run wrote down of its calls against what the provider charged for them. */
function journalOf(run: string, events: readonly Recorded[], charges: ReadonlyMap<string, number>): Told {
  const faults: string[] = [];
  const reserved = new Map<string, number>();
  let [used, cutOff, refused] = [0, 0, 0];
  for (const { actor, event } of events) {
    if (event.type === 'attempt.failed' && event.error.code === 'budget.exceeded') {
      refused += 1;
      const { limit, used: spent, wanted } = event.error.details as { limit: number; used: number; wanted: number };
      if (spent + wanted <= limit) faults.push(`${run} refuses ${wanted} although ${spent} of ${limit} are used`);
    }
    if (!event.type.startsWith('attempt.') || !('attempt' in event)) continue;
    const key = `${run} ${run}:${actor}:${event.item}:${event.node} ${event.attempt}`;
    if (event.type === 'attempt.started') reserved.set(key, thousandths(event.reserved?.usd));
    const held = reserved.get(key);
    if (held === undefined || (event.type !== 'attempt.succeeded' && event.type !== 'attempt.failed' && event.type !== 'attempt.lost'))
      continue;
    reserved.delete(key);
    const isKnown = event.type === 'attempt.succeeded' || (event.type === 'attempt.failed' && event.error.code !== 'timeout');
    const said = event.used === undefined ? held : thousandths(event.used.usd);
    const charge = charges.get(key) ?? 0;
    if (isKnown ? said !== charge : said !== held)
      faults.push(`${key} used ${said} by the journal, and ${charge} of ${held} by the provider`);
    if (!isKnown) cutOff += 1;
    used += said;
  }
  if (reserved.size > 0) faults.push(`${run} has ${reserved.size} calls that never ended`);
  return { faults, used, cutOff, refused };
}

/** Where there is enough for the first calls of all parts at once, each of them has had some. */
function starved({ budget, most, parts }: Scenario, outputs: readonly ({ readonly ok: number } | null)[]): readonly string[] {
  const first = parts.reduce((sum, { workers, budget: own }) => sum + Math.max(workers * most, own ?? 0), 0);
  const isEnough = budget >= first && parts.every(({ budget: own }) => own === null || own >= most);
  if (!isEnough) return [];
  return outputs.flatMap((output, index) => (output === null ? [`part ${index} was given nothing, of ${budget}`] : []));
}

function thousandths(usd: number | undefined): number {
  return Math.round((usd ?? 0) * 1_000);
}
