/**
 * Where the time of a program went: the functions with the most time of their own, as a table.
 *
 *   node --cpu-prof --cpu-prof-dir=profiles bench/run.ts flows
 *   node bench/hot-path.ts profiles/CPU.….cpuprofile [rows]
 */

import { readFileSync } from 'node:fs';

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[];
  /** Ids of nodes, one for each sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

const [path, rows = '30'] = process.argv.slice(2);
if (path === undefined) throw new Error('name a .cpuprofile, as `node --cpu-prof` writes it');
const profile = JSON.parse(readFileSync(path, 'utf8')) as Profile;
const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
const own = new Map<string, number>();
profile.samples.forEach((id, index) => {
  const name = names.get(id) ?? '?';
  own.set(name, (own.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0));
});
own.delete('(idle)');
const total = [...own.values()].reduce((sum, us) => sum + us, 0);
console.log(`${(total / 1_000_000).toFixed(2)} s at work`);
for (const [name, us] of [...own].toSorted((a, b) => b[1] - a[1]).slice(0, Number(rows)))
  console.log(`${((100 * us) / total).toFixed(1).padStart(5)} %  ${(us / 1000).toFixed(0).padStart(7)} ms  ${name}`);

function nameOf({ functionName, url, lineNumber }: Frame): string {
  const file = url.replace(/^.*\/(?=(?:packages|bench|apps|node_modules)\/)/, '');
  return `${functionName === '' ? '(anonymous)' : functionName}${file === '' ? '' : `  ${file}:${lineNumber + 1}`}`;
}
