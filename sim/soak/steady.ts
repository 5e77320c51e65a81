/** One engine that nothing happens to, under programs for as long as it is told, and its memory meanwhile. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import { acknowledge } from '../crash/acknowledgements.ts';
import { seeAll } from '../crash/caller.ts';
import type { Program } from '../crash/program.ts';
import type { Place } from '../crash/round.ts';
import type { Leak, Memory } from './lasting.ts';
import { vitalsOf } from './vitals.ts';
import type { Vitals } from './vitals.ts';

const lasting = fileURLToPath(new URL('./lasting.ts', import.meta.url));

/** Of the programs that are to come: after them what it keeps of runs is full, and its code is compiled. */
const WARMING = 600;
/** What is lost on purpose is seen before that. */
const WARMING_TO_LOSE = 50;
const AT_ONCE = 16;
/** As in the launcher, and with a collection of garbage before each sample. */
const nodeOptions = ['--max-semi-space-size=4', '--heap-growing-percent=40', '--expose-gc', '--disable-warning=ExperimentalWarning'];

export interface Sample extends Memory, Vitals {
  readonly atMs: number;
}

export interface Steady {
  /** From when it was warm. */
  readonly samples: readonly Sample[];
  readonly programs: readonly Program[];
}

export interface SteadyOptions {
  /** There is time for little: the engine is not warmed, and there are no samples. */
  readonly isShort: boolean;
  /** What the engine loses on purpose. */
  readonly leak: Leak | null;
}

/** `draw` makes more programs. */
export async function runSteady(
  place: Place,
  until: number,
  draw: (label: string) => Program,
  { isShort, leak }: SteadyOptions,
): Promise<Steady> {
  const child = spawn(process.execPath, [...nodeOptions, lasting, place.home, place.effects, leak ?? 'none'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const programs: Program[] = [];
  const samples: Sample[] = [];
  let warm = false;
  const opened = Promise.withResolvers<void>();
  createInterface(child.stdout).on('line', (line) => {
    opened.resolve();
    if (warm) samples.push({ ...(JSON.parse(line) as Memory), ...vitalsOf(child.pid ?? 0, place.home), atMs: performance.now() });
  });
  await Promise.race([opened.promise, ended]);
  const { host, own, close } = await connect({ home: place.home, modules: [], contracts: createContracts(), env: {} });
  try {
    const see = async (more: readonly Program[]): Promise<void> => {
      programs.push(...more);
      const { out, acknowledgements } = place;
      await seeAll(
        { host, out, tell: (...given) => acknowledge(acknowledgements, given), looksBack: false },
        { programs: more, atOnce: AT_ONCE },
      );
    };
    if (!isShort) await see(Array.from({ length: leak === null ? WARMING : WARMING_TO_LOSE }, (_, n) => draw(`w${n}`)));
    warm = !isShort;
    for (let chapter = 0; chapter === 0 || performance.now() < until; chapter += 1)
      await see(Array.from({ length: AT_ONCE }, (_, n) => draw(`s${chapter}-${n}`)));
    if (own()) throw new Error('the engine that was to last has ended');
  } finally {
    await close();
    child.stdin.end();
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`the engine that was to last ended with ${code}`);
  return { samples, programs };
}
