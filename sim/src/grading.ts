/**
 * Grades the simulator: plants one mistake after the other, plays scenarios until one of them goes wrong, and says how
 * fast that was. A mistake that is never found is a fault of the simulator.
 *
 * The code about which histories are is loaded anew for each mistake, with the mistake in it; the rest of the simulator,
 * and what it made before, is shared.
 */

import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Level } from './history.ts';
import { engineMutants } from './mutants/engine-mutants.ts';
import { pathOf } from './mutants/mutant.ts';
import type { Mutant } from './mutants/mutant.ts';
import { reducerMutants } from './mutants/reducer-mutants.ts';
import { tryOut as tryPlain } from './players.ts';
import type { Outcome } from './players.ts';
import { prepare } from './preparing.ts';
import type { Prepared } from './preparing.ts';
import { flowPlans, stories } from './scenario.ts';

/** Flows, and the ways in which each goes. */
const FLOWS: { readonly [level in Level]: number } = { reducer: 800, engine: 150 };
const STORIES = 4;
const SEED = 20_260_101;

type Players = { readonly tryOut: (level: Level, prepared: Prepared) => Promise<Outcome> };

/** Whether all were found. */
export async function grade(names: readonly string[], level: Level | null): Promise<boolean> {
  const mutants = [...reducerMutants, ...engineMutants].filter(
    (mutant) => (names.length === 0 || names.includes(mutant.name)) && (level === null || mutant.level === level),
  );
  plantOnLoad(mutants);
  const started = performance.now();
  const missed: string[] = [];
  for (const one of ['reducer', 'engine'] as const) {
    const own = mutants.filter((mutant) => mutant.level === one);
    if (own.length === 0) continue;
    const scenarios = new Scenarios(one);
    for (const mutant of own) {
      const from = performance.now();
      const played = await findBy(await playersWith(mutants.indexOf(mutant)), one, scenarios);
      const ms = Math.round(performance.now() - from);
      if (played === null) missed.push(mutant.name);
      const by = played === null ? '' : ` after ${String(played.histories).padStart(4)} histories, by ${played.number}`;
      console.log(`${played === null ? 'MISSED' : 'found '} ${String(ms).padStart(6)} ms${by}  ${mutant.name}`);
    }
  }
  console.log(`${mutants.length - missed.length} of ${mutants.length} found in ${((performance.now() - started) / 1_000).toFixed(1)} s`);
  return missed.length === 0;
}

/** Made as far as somebody asks, and once for all mistakes. */
class Scenarios {
  readonly #made: Prepared[] = [];
  readonly #making: Generator<Prepared>;

  constructor(level: Level) {
    this.#making = makeScenarios(level);
  }

  *[Symbol.iterator](): Generator<Prepared> {
    for (let index = 0; ; index += 1) {
      if (index === this.#made.length) {
        const next = this.#making.next();
        if (next.done === true) return;
        this.#made.push(next.value);
      }
      const made = this.#made[index];
      if (made !== undefined) yield made;
    }
  }
}

/** First each flow in one way, then each in another one: the first hundred are as different as they can be. */
function* makeScenarios(level: Level): Generator<Prepared> {
  const count = FLOWS[level];
  const flows = fc.sample(fc.array(flowPlans, { minLength: 1, maxLength: 2 }), { numRuns: count, seed: SEED });
  const ways = fc.sample(stories, { numRuns: count * STORIES, seed: SEED });
  for (const [index, story] of ways.entries()) {
    const own = flows[index % count] ?? [];
    // A second flow is there for those that meet in a pool.
    const prepared = prepare({ flows: story.runs.length === 1 ? own.slice(0, 1) : own, story }, level);
    if (prepared !== null) yield prepared;
  }
}

async function findBy(
  { tryOut }: Players,
  level: Level,
  scenarios: Iterable<Prepared>,
): Promise<{ readonly histories: number; readonly number: string } | null> {
  let histories = 0;
  for (const prepared of scenarios) {
    histories += 1;
    const { violations } = await tryOut(level, prepared);
    const [first] = violations;
    // What is wrong without the mistake as well is no sign of it, and a matter of its own.
    if (first !== undefined && (await tryPlain(level, prepared)).violations.length > 0)
      console.log(`WRONG  without any mistake: ${first.what}`);
    else if (first !== undefined)
      return { histories, number: first.number === -1 ? `a throw: ${first.what.split('\n')[0]}` : String(first.number) };
  }
  return null;
}

async function playersWith(mutant: number): Promise<Players> {
  return (await import(`${new URL('players.ts', import.meta.url).href}?mutant=${mutant}`)) as Players;
}

/** What is about the code, or is the code: loaded with the mistake. Everything else is the same for all. */
const about = /\/(packages\/(core|engine)\/src|sim\/src\/(invariants|reducer|world|players|situations))[/.]/;

function plantOnLoad(mutants: readonly Mutant[]): void {
  const texts = new Map<string, string>();
  const root = new URL('../../', import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context);
      const number = /\?mutant=(\d+)$/.exec(context.parentURL ?? '')?.[1];
      return number === undefined || !about.test(resolved.url)
        ? resolved
        : { ...resolved, url: `${resolved.url.split('?')[0]}?mutant=${number}` };
    },
    load: (url, context, next) => {
      const [file = '', number] = url.split('?mutant=');
      if (number === undefined) return next(url, context);
      const mutant = mutants[Number(number)];
      const text = texts.get(file) ?? stripTypeScriptTypes(readFileSync(fileURLToPath(file), 'utf8'));
      texts.set(file, text);
      const isPlanted = mutant !== undefined && file === new URL(pathOf(mutant), root).href;
      return { format: 'module', source: isPlanted ? planted(mutant, file) : text, shortCircuit: true };
    },
  });
}

function planted(mutant: Mutant, file: string): string {
  const source = readFileSync(fileURLToPath(file), 'utf8');
  if (source.split(mutant.from).length !== 2) throw new Error(`${mutant.file} does not have once: ${mutant.from}`);
  return stripTypeScriptTypes(source.replace(mutant.from, () => mutant.to));
}
