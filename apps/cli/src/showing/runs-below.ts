/** The runs that work for the steps of another one, and those that were left to go on by themselves. */

import type { Host, RunSummary } from '@scriptorium/core';
import { settled } from '../progress/lines.ts';
import { plural } from './quantity.ts';
import { table } from '../terminal.ts';

/** Runs below one that are shown with it. */
const SHOWN = 10;

/** Live runs that are looked at for those that go on by themselves. */
const MAX_LIVE = 1_000;

/** The first of them, the unfinished ones before the others. */
export async function runsBelow(host: Host, run: string): Promise<{ readonly shown: readonly RunSummary[]; readonly count: number }> {
  const all = await host.list({ parent: run, limit: MAX_LIVE });
  const ranked = all.toSorted((a, b) => Number(a.endedAt !== null) - Number(b.endedAt !== null));
  return { shown: ranked.slice(0, SHOWN), count: all.length };
}

export function runsBelowText({ shown, count }: Awaited<ReturnType<typeof runsBelow>>): string {
  if (count === 0) return '';
  const rows = shown.map(({ run, flow, status, parent, progress }) => [
    `${parent?.step ?? ''}${parent?.key === undefined || parent.key === null ? '' : ` [${parent.key}]`}`,
    `${flow.name} ${flow.version}`,
    status,
    `${settled(progress.items)}/${progress.items.total}`,
    `${run}${parent?.detached === true ? ' (detached)' : ''}`,
  ]);
  const more = count > shown.length ? `  … and ${plural(count - shown.length, 'run')} more\n` : '';
  return `\n${table([['runs of steps', 'flow', 'status', 'items', 'run'], ...rows], '  ')}${more}`;
}

/** Waits for the runs that steps of runs, or of runs below them, started and left: this engine works on them, too. */
export async function seeThrough(host: Host, runs: readonly string[], signal: AbortSignal, note: (text: string) => void): Promise<void> {
  const families = new Set(runs.map(familyOf));
  for (;;) {
    const live = await host.list({ status: 'running', children: true, limit: MAX_LIVE });
    const left = live.filter((one) => one.parent?.detached === true && families.has(familyOf(one.run)));
    const [first] = left;
    if (first === undefined) return;
    note(`${plural(left.length, 'detached run')} not ended yet: ${first.run}${left.length > 1 ? ' and others' : ''}`);
    for await (const { status } of host.watch(first.run, { signal })) if (status === 'interrupted') return;
    if (signal.aborted) return;
  }
}

/** Names of runs begin with that of the run which somebody started. */
function familyOf(run: string): string | undefined {
  return run.split('.')[0];
}
