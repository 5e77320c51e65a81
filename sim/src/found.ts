/** Scenarios that went wrong once: kept as files, and played again by the tests. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Level } from './history.ts';
import type { Found } from './campaign.ts';
import type { Scenario } from './scenario.ts';

const folder: string = fileURLToPath(new URL('../found', import.meta.url));

export interface Kept {
  readonly level: Level;
  /** What was wrong when it was found. */
  readonly violations: readonly string[];
  /** Of its history then: another one means that the code, or the simulator, has changed since. */
  readonly trace: string;
  readonly scenario: Scenario;
}

/** Writes it below `sim/found` and gives the file's name. */
export function keep(level: Level, { scenario, violations, trace }: Found): string {
  mkdirSync(folder, { recursive: true });
  const name = `${level}-${violations[0]?.number ?? 0}-${trace.slice(0, 8)}.json`;
  const kept: Kept = { level, violations: violations.map(({ number, what }) => `${number}: ${what}`), trace, scenario };
  writeFileSync(join(folder, name), `${JSON.stringify(kept, null, 2)}\n`);
  return `sim/found/${name}`;
}

export function keptFiles(): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => join(folder, name));
}

export function readKept(path: string): Kept {
  return JSON.parse(readFileSync(path, 'utf8')) as Kept;
}
