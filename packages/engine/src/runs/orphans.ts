/** Runs that end without having been worked on: what they need is not there, or nobody waits for them any more. */

import { ROOT } from '@scriptorium/core';
import type { RunRow } from '../journal/journal-reads.ts';
import type { Parts } from '../parts.ts';
import { commitFacts, statesOf, unload } from './setting-apart.ts';

type Named = Pick<RunRow, 'run'>;

/** The run, which must not be in the kernel, ends as it is, and so do the runs below it. */
export async function endParked(parts: Parts, { run }: Named, by: string, reason: string): Promise<void> {
  commitFacts(parts, run, [
    { actor: ROOT, event: { type: 'run.cancelling', by, reason } },
    {
      actor: ROOT,
      event: { type: 'run.settled', status: 'cancelled', output: null, error: { code: 'cancelled', message: 'the run was cancelled' } },
    },
  ]);
  await parts.recorder.finish(run);
  parts.views.notify(run, true);
  parts.children.settle(run);
  await endBelow(parts, run, new Set(), by, `run ${run}, which waited for it, was cancelled`);
}

/** Ends the runs that worked for attempts which no longer count; the run itself must not be in the kernel. */
export function endOrphans(parts: Parts, run: string, by: string): Promise<void> {
  const awaited = statesOf(parts, run)
    .flatMap(({ open }) => [...open.values()].flatMap(({ steps }) => [...steps.values()]))
    .flatMap((step) => (step.type === 'running' && step.child !== null ? [step.child] : []));
  return endBelow(parts, run, new Set(awaited), by, `run ${run}, which waited for it, was rolled back`);
}

async function endBelow(parts: Parts, run: string, awaited: ReadonlySet<string>, by: string, reason: string): Promise<void> {
  for (const child of parts.journal.childRuns(run)) {
    if (child.parent?.detached === true || awaited.has(child.run)) continue;
    if (child.endedAt === null) {
      await unload(parts, child.run);
      await endParked(parts, child, by, reason);
    } else await endBelow(parts, child.run, new Set(), by, `run ${child.run}, which waited for it, was cancelled`);
  }
}
