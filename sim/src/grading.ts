/**
 * Grades the simulator: plants one mistake after the other, plays scenarios until one of them goes wrong, and says how
 * fast that was. A mistake that is never found is a fault of the simulator. As many processes look for mistakes as there
 * are cores, and each takes the next one when it is done.
 */

import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Level } from './history.ts';
import type { Sought, Unsought } from './grading-process.ts';
import { mutants } from './mutants/all.ts';
import type { Mutant } from './mutants/mutant.ts';

/** Looks for all of them, or for those with these names; whether all were found. */
export async function grade(names: readonly string[], level: Level | null): Promise<boolean> {
  const started = performance.now();
  const isWanted = ({ name, level: own }: Mutant): boolean =>
    (names.length === 0 || names.includes(name)) && (level === null || own === level);
  const all = mutants.flatMap((mutant, index) => (isWanted(mutant) ? [index] : []));
  const left = [...all];
  const sought: Sought[] = [];
  const work = async (): Promise<void> => {
    const child = fork(new URL('grading-process.ts', import.meta.url));
    try {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        child.send(next);
        const one = await new Promise<Sought | Unsought>((resolve, reject) => {
          child.once('message', (message) => resolve(message as Sought | Unsought));
          child.once('exit', (code) => reject(new Error(`a process ended with ${code} while it looked for ${mutants[next ?? 0]?.name}`)));
        });
        child.removeAllListeners('exit');
        if ('failed' in one) {
          console.log(`WRONG  ${mutants[one.mutant]?.name} could not be looked for: ${one.failed}`);
          continue;
        }
        sought.push(one);
        tell(one);
      }
    } finally {
      child.kill();
    }
  };
  const processes = Math.min(availableParallelism(), all.length);
  await Promise.all(Array.from({ length: processes }, work));
  const found = sought.filter(({ by }) => by !== null);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  const cpu = (sought.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / 1_000).toFixed(1);
  console.log(`${found.length} of ${all.length} found in ${seconds} s, with ${processes} processes and ${cpu} s of their time`);
  return found.length === all.length;
}

function tell({ mutant: place, histories, by, ms, cpuMs, wrong }: Sought): void {
  for (const what of wrong) console.log(`WRONG  without any mistake: ${what}`);
  const { name, kind } = mutants[place] ?? {};
  const how = by === null ? 'MISSED' : 'found ';
  console.log(
    `${how} ${String(ms).padStart(6)} ms (${String(cpuMs).padStart(5)} of the processor) after ${String(histories).padStart(4)} histories of the kind ${kind}${by === null ? '' : `, by ${by}`}  ${name}`,
  );
}
