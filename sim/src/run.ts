/**
 * `npm run sim`: plays random scenarios until the time is over or something is wrong.
 *
 *     npm run sim -- [--seconds N] [--seed S] [--level reducer|engine]
 *     npm run sim -- --replay sim/found/<file>.json
 *     npm run sim -- --grade [name…] [--level reducer|engine]
 */

import { parseArgs } from 'node:util';
import { simulate, replay } from './campaign.ts';
import type { Campaign } from './campaign.ts';
import { keep, readKept } from './found.ts';
import { grade } from './grading.ts';
import type { Level } from './history.ts';

/** In so many histories every situation has been reached. */
const ENOUGH: { readonly [level in Level]: number } = { reducer: 20_000, engine: 5_000 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string' },
    level: { type: 'string' },
    replay: { type: 'string' },
    grade: { type: 'boolean', default: false },
  },
});
const level: Level | null = values.level === 'reducer' || values.level === 'engine' ? values.level : null;

if (values.replay !== undefined) await replayFile(values.replay);
else if (values.grade) process.exitCode = (await grade(positionals, level)) ? 0 : 1;
else {
  const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
  const levels: readonly Level[] = level === null ? ['reducer', 'engine'] : [level];
  for (const one of levels) {
    const campaign = await simulate({ level: one, seed, seconds: Number(values.seconds) / levels.length });
    if (!tell(one, seed, campaign)) process.exitCode = 1;
  }
}

/** Whether all is well. */
function tell(of: Level, seed: number, { histories, rows, twice, seconds, reached, found }: Campaign): boolean {
  console.log(`${of}: ${histories} histories from seed ${seed} in ${seconds.toFixed(1)} s, ${Math.round(histories / seconds)} a second`);
  console.log(`  ${Math.round(rows / Math.max(1, histories))} events in each; ${twice} played twice`);
  for (const [name, times] of reached) console.log(`  ${String(times).padStart(7)}  ${name}`);
  const missing = [...reached].filter(([, times]) => times === 0).map(([name]) => name);
  const isLong = histories >= ENOUGH[of];
  if (missing.length > 0) console.log(`  never reached${isLong ? '' : ' yet'}: ${missing.join('; ')}`);
  if (found === null) return missing.length === 0 || !isLong;
  for (const { number, what } of found.violations.slice(0, 10)) console.log(`  BROKEN ${number}: ${what}`);
  console.log(`npm run sim -- --replay ${keep(of, found)}`);
  return false;
}

async function replayFile(path: string): Promise<void> {
  const kept = readKept(path);
  const { violations, trace } = await replay(kept.level, kept.scenario);
  for (const { number, what } of violations) console.log(`BROKEN ${number}: ${what}`);
  console.log(
    trace === kept.trace ? `the history is the one that was kept: ${trace}` : `another history than the one that was kept: ${trace}`,
  );
  if (violations.length > 0) process.exitCode = 1;
}
