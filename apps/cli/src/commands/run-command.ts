/** The `run` that a plan is about, as it is typed. */

import type { Flow } from '@scriptorium/core';
import type { SettingFlags } from '../program/flags.ts';
import { inputNames } from '../configuration/input.ts';
import type { RunFlags } from './run.ts';

export function runCommand(
  flow: Flow,
  name: string,
  values: readonly string[],
  flags: RunFlags & SettingFlags,
  change: { readonly input: string; readonly value: number } | null,
): string {
  const { out, mode, profile, limit, test, fresh, home, env } = flags;
  const place = change === null ? -1 : inputNames(flow).indexOf(change.input);
  const isGiven = place >= 0 && place < values.length;
  const sets = flags.set.filter((set) => change === null || !set.startsWith(`${change.input}=`));
  const workers = flags.workers.filter(({ stage }) => stage !== null || change?.input !== 'workers');
  return [
    'run',
    name,
    ...values.map((value, index) => (isGiven && index === place ? String(change?.value) : value)),
    ...sets.flatMap((set) => ['--set', set]),
    ...(change === null || isGiven ? [] : ['--set', `${change.input}=${change.value}`]),
    ...workers.flatMap(({ stage, count }) => ['--workers', stage === null ? String(count) : `${stage}=${count}`]),
    ...Object.entries({ out, mode, profile, limit, home, env }).flatMap(([flag, value]) =>
      value === undefined ? [] : [`--${flag}`, String(value)],
    ),
    ...(test === true ? ['--test'] : []),
    ...(fresh === true ? ['--fresh'] : []),
  ]
    .map(quoted)
    .join(' ');
}

function quoted(word: string): string {
  return /^[\w./=:@%+,~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
