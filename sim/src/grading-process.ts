/**
 * One process that looks for mistakes: is told the place of one in the list, and tells how it was found. Scenarios are made
 * once, and what each reaches is known from a play without any mistake.
 */

import fc from 'fast-check';
import { crowdFlows, crowdStories } from './crowds.ts';
import { happenedIn, saidIn } from './features.ts';
import type { Level } from './history.ts';
import type { Violation } from './invariants/invariant.ts';
import { mutants } from './mutants/all.ts';
import type { Mutant } from './mutants/mutant.ts';
import { plantOnLoad } from './mutants/planting.ts';
import { tryOut as tryPlain } from './players.ts';
import type { Outcome } from './players.ts';
import { prepare } from './preparing.ts';
import type { Prepared } from './preparing.ts';
import { flowPlans, stories } from './scenario.ts';
import type { Scenario } from './scenario.ts';

export interface Sought {
  /** Its place in the list. */
  readonly mutant: number;
  readonly histories: number;
  /** Number of the first invariant that broke, or what was thrown; null where none did. */
  readonly by: string | null;
  readonly ms: number;
  readonly cpuMs: number;
  /** What is wrong without the mistake as well is no sign of it, and a matter of its own. */
  readonly wrong: readonly string[];
}

/** Flows, and the ways in which each goes. */
const FLOWS: { readonly [level in Level]: number } = { reducer: 1_500, engine: 150 };
const STORIES = 4;
const CROWDS = 1_500;
const SEED = 20_260_101;

type Players = { readonly tryOut: (level: Level, prepared: Prepared) => Promise<Outcome> };

/** A scenario, and what is known of it. */
interface Candidate {
  readonly scenario: Scenario;
  readonly said: ReadonlySet<string>;
  /** Null where a flow has too many ways to end; undefined until somebody asks. */
  prepared?: Prepared | null;
  happened?: ReadonlySet<string>;
}

/** Made as far as somebody asks, and once for all mistakes. */
class Candidates {
  readonly #level: Level;
  readonly #made: Candidate[] = [];
  readonly #making: Generator<Scenario>;

  constructor(level: Level) {
    this.#level = level;
    this.#making = makeScenarios(level);
  }

  async *for({ needs = [], happens = [] }: Mutant): AsyncGenerator<Prepared> {
    for (let index = 0; ; index += 1) {
      const candidate = this.#made[index] ?? this.#next();
      if (candidate === null) return;
      if (!needs.every((word) => candidate.said.has(word))) continue;
      candidate.prepared ??= prepare(candidate.scenario, this.#level);
      if (candidate.prepared === null) continue;
      if (happens.length > 0) candidate.happened ??= await this.#happenedIn(candidate.prepared);
      if (happens.every((type) => candidate.happened?.has(type))) yield candidate.prepared;
    }
  }

  #next(): Candidate | null {
    const next = this.#making.next();
    if (next.done === true) return null;
    const candidate = { scenario: next.value, said: saidIn(next.value) };
    this.#made.push(candidate);
    return candidate;
  }

  async #happenedIn(prepared: Prepared): Promise<ReadonlySet<string>> {
    const { played } = await tryPlain(this.#level, prepared);
    return played === null ? new Set() : happenedIn(played.history);
  }
}

function* makeScenarios(level: Level): Generator<Scenario> {
  if (level === 'reducer') return yield* makeAny(level);
  const [crowds, others] = [makeCrowds(), makeAny(level)];
  for (const crowd of crowds) {
    yield crowd;
    const other = others.next();
    if (other.done !== true) yield other.value;
  }
}

function* makeCrowds(): Generator<Scenario> {
  const flows = fc.sample(crowdFlows, { numRuns: CROWDS, seed: SEED });
  for (const [index, story] of fc.sample(crowdStories, { numRuns: CROWDS, seed: SEED }).entries())
    yield { flows: flows[index] ?? [], story };
}

/** First each flow in one way, then each in another one: the first hundred are as different as they can be. */
function* makeAny(level: Level): Generator<Scenario> {
  const count = FLOWS[level];
  const flows = fc.sample(fc.array(flowPlans, { minLength: 1, maxLength: 2 }), { numRuns: count, seed: SEED });
  const ways = fc.sample(stories, { numRuns: count * STORIES, seed: SEED });
  for (const [index, story] of ways.entries()) {
    const own = flows[index % count] ?? [];
    // A second flow is there for those that meet in a pool.
    yield { flows: story.runs.length === 1 ? own.slice(0, 1) : own, story };
  }
}

const known: { readonly [level in Level]: Candidates } = { reducer: new Candidates('reducer'), engine: new Candidates('engine') };

async function seek(place: number): Promise<Sought> {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const mutant = mutants[place];
  if (mutant === undefined) throw new RangeError(`there is no mistake ${place}`);
  const found = await findBy((await import(`${new URL('players.ts', import.meta.url).href}?mutant=${place}`)) as Players, mutant);
  const { user, system } = process.cpuUsage(cpu);
  return { mutant: place, ...found, ms: Math.round(performance.now() - started), cpuMs: Math.round((user + system) / 1_000) };
}

async function findBy({ tryOut }: Players, mutant: Mutant): Promise<Pick<Sought, 'histories' | 'by' | 'wrong'>> {
  let histories = 0;
  const wrong: string[] = [];
  const { level } = mutant;
  const from = process.cpuUsage();
  for await (const prepared of known[level].for(mutant)) {
    if (isOver(from)) break;
    histories += 1;
    const first = await firstOf(tryOut, level, prepared);
    if (first === undefined) continue;
    if ((await firstOf(tryPlain, level, prepared)) === undefined)
      return { histories, by: first.number === -1 ? `a throw: ${first.what.split('\n')[0]}` : String(first.number), wrong };
    wrong.push(first.what);
  }
  return { histories, by: null, wrong };
}

/** What nobody has caught. */
let uncaught: unknown = null;
for (const kind of ['unhandledRejection', 'uncaughtException'])
  process.on(kind, (error: unknown) => {
    uncaught = error ?? kind;
  });

async function firstOf(tryOut: Players['tryOut'], level: Level, prepared: Prepared): Promise<Violation | undefined> {
  uncaught = null;
  const { violations } = await tryOut(level, prepared);
  return violations[0] ?? (uncaught === null ? undefined : { number: -1, what: String(uncaught) });
}

/** One mistake is not looked for longer than this, in time of the processor. */
const MOST_CPU_MS = 15_000;

function isOver(from: NodeJS.CpuUsage): boolean {
  const { user, system } = process.cpuUsage(from);
  return user + system > MOST_CPU_MS * 1_000;
}

Error.stackTraceLimit = 0;
plantOnLoad(mutants);
process.on('message', (place: number) => void seek(place).then((sought) => process.send?.(sought)));
