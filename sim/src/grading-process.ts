/**
 * One process that looks for mistakes: is told the place of one in the list, and tells how it was found. Scenarios are made
 * once, and what each reaches is known from a play without any mistake.
 */

import { traceOf } from './campaign.ts';
import { happenedIn, saidIn } from './features.ts';
import type { Level } from './history.ts';
import type { Violation } from './invariants/invariant.ts';
import { scenariosOf } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { mutants } from './mutants/all.ts';
import type { Mutant } from './mutants/mutant.ts';
import { plantOnLoad } from './mutants/planting.ts';
import { tryOut as tryPlain } from './players.ts';
import type { Outcome } from './players.ts';
import { prepare } from './preparing.ts';
import type { Prepared } from './preparing.ts';
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

/** It could not be looked for: its text is not in its file, for one. */
export interface Unsought {
  readonly mutant: number;
  readonly failed: string;
}

type Players = { readonly tryOut: (level: Level, prepared: Prepared) => Promise<Outcome> };

/** A scenario, and what is known of it. */
interface Candidate {
  readonly scenario: Scenario;
  readonly said: ReadonlySet<string>;
  /** Null where a flow has too many ways to end; undefined until somebody asks. */
  prepared?: Prepared | null;
  happened?: ReadonlySet<string>;
}

/** Of one kind, made as far as somebody asks, and once for all mistakes. */
class Candidates {
  readonly kind: Kind;
  readonly #level: Level;
  readonly #made: Candidate[] = [];
  readonly #making: Generator<Scenario>;

  constructor(level: Level, kind: Kind) {
    this.kind = kind;
    this.#level = level;
    this.#making = scenariosOf(kind);
  }

  /** Null for each that cannot reach the mistake: looking for one that can takes time, too. */
  async *for({ needs = [], happens = [] }: Mutant): AsyncGenerator<Prepared | null> {
    for (let index = 0; ; index += 1) {
      const candidate = this.#made[index] ?? this.#next();
      if (candidate === null) return;
      yield (await this.#reaches(candidate, needs, happens)) ? (candidate.prepared ?? null) : null;
    }
  }

  async #reaches(candidate: Candidate, needs: readonly string[], happens: readonly string[]): Promise<boolean> {
    if (!needs.every((word) => candidate.said.has(word))) return false;
    if (candidate.prepared === undefined) candidate.prepared = prepare(candidate.scenario, this.#level);
    if (candidate.prepared === null) return false;
    if (happens.length > 0) candidate.happened ??= await this.#happenedIn(candidate.prepared);
    return happens.every((type) => candidate.happened?.has(type));
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

const known = new Map<string, Candidates>();

function candidatesOf(level: Level, kind: Kind): Candidates {
  const key = `${level} ${kind}`;
  const candidates = known.get(key) ?? new Candidates(level, kind);
  known.set(key, candidates);
  return candidates;
}

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
  for await (const prepared of candidatesOf(level, mutant.kind).for(mutant)) {
    if (isOver(from)) break;
    if (prepared === null) continue;
    histories += 1;
    const first =
      (await firstOf(tryOut, level, prepared)) ?? (mutant.twice === true ? await otherwise(tryOut, level, prepared) : undefined);
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

/** Whether it goes another way each time. */
async function otherwise(tryOut: Players['tryOut'], level: Level, prepared: Prepared): Promise<Violation | undefined> {
  const traces = [await tryOut(level, prepared), await tryOut(level, prepared)].map(({ played }) => played && traceOf(played.history));
  return traces[0] === traces[1] ? undefined : { number: 4, what: 'it goes another way when it is played again' };
}

/** One mistake is not looked for longer than this, in time of the processor. */
const MOST_CPU_MS = 15_000;

function isOver(from: NodeJS.CpuUsage): boolean {
  const { user, system } = process.cpuUsage(from);
  return user + system > MOST_CPU_MS * 1_000;
}

Error.stackTraceLimit = 0;
plantOnLoad(mutants);
process.on('message', (place: number) => void seek(place).then(send, (error: unknown) => send({ mutant: place, failed: String(error) })));

function send(told: Sought | Unsought): void {
  process.send?.(told);
}
