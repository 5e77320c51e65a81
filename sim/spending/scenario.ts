/** One run of the budget simulation, drawn from a seed: who may spend what, what calls cost, and when the engine ends. */

import type { CommitFault } from '@scriptorium/testing';
import { diceOf } from '../src/chance.ts';
import type { Dice } from '../src/chance.ts';

export interface Scenario {
  readonly seed: number;
  /** In thousandths of a dollar, for the run as a whole. */
  readonly budget: number;
  /** What a call may cost at most, in thousandths. */
  readonly most: number;
  /** Of the parts that the run has done by runs of their own. */
  readonly parts: readonly Part[];
  /** At once, in the pool that all of them share. */
  readonly concurrent: number;
  /** Tokens a minute of that pool; null for any. */
  readonly tokens: number | null;
  /** In milliseconds of virtual time, each after the one before. */
  readonly kills: readonly number[];
  readonly faults: readonly CommitFault[];
}

export interface Part {
  readonly calls: number;
  readonly workers: number;
  /** Of its own, in thousandths; null where it has what is left around it. */
  readonly budget: number | null;
  readonly retries: number;
}

/** Tokens that a call may use at most. */
export const TOKENS = 100;

export function scenarioOf(seed: number): Scenario {
  const dice = diceOf(seed);
  const between = (low: number, high: number): number => low + dice(high - low + 1);
  const most = between(50, 400);
  const parts = Array.from({ length: between(2, 3) }, (): Part => partOf(dice, most));
  return {
    seed,
    budget: most * between(1, 20) + dice(most),
    most,
    parts,
    concurrent: between(1, 6),
    tokens: dice(3) === 0 ? TOKENS * between(2, 8) : null,
    kills: Array.from({ length: dice(4) }, () => between(1, 6_000)),
    faults: Array.from({ length: dice(3) }, () => ({ commit: between(2, 40), when: dice(2) === 0 ? 'before' : 'after' })),
  };
}

function partOf(dice: Dice, most: number): Part {
  return {
    calls: 1 + dice(8),
    workers: 1 + dice(4),
    budget: dice(3) === 0 ? most * (1 + dice(6)) : null,
    retries: dice(3),
  };
}

const dollars = (thousandths: number): number => thousandths / 1_000;

/** The run, and the flows that it calls. */
export function sourcesOf({ budget, most, parts, concurrent, tokens }: Scenario): readonly [run: string, ...called: readonly string[]] {
  const counted = tokens === null ? '' : `, tokens: ${tokens}/m`;
  const steps = parts.map((_, index) => `  part${index}: { uses: sim/part${index}@^1, catch: [ { value: { ok: 0, failed: 0 } } ] }`);
  const run = `
flow: sim/house
version: "1.0.0"
budget: { usd: ${dollars(budget)} }
limits: { model: { concurrent: ${concurrent}${counted} } }
steps:
${steps.join('\n')}
output: [${parts.map((_, index) => `"\${ part${index} }"`).join(', ')}]
`;
  const called = parts.map(
    ({ calls, workers, budget: own, retries }, index) => `
flow: sim/part${index}
version: "1.0.0"
${own === null ? '' : `budget: { usd: ${dollars(own)} }`}
limits: { model: { concurrent: ${concurrent}${counted} } }
steps:
  calls:
    each: { in: "\${ [${Array.from({ length: calls }, (__, n) => n).join(', ')}] }", as: n, workers: ${workers}, tolerate: ${calls} }
    uses: provider/ask
    limit: model
    timeout: 5s
    retry: { max: ${retries + 1}, delay: 100ms, errors: [overloaded, timeout] }
    with: { usd: ${dollars(most)}, tokens: ${TOKENS} }
output: { ok: "\${ calls.ok.size() }", failed: "\${ calls.failed.size() }" }
`,
  );
  return [run, ...called];
}
