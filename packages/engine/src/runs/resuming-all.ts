/** Going on with all that the end of an engine has left, or that could not go on before. */

import { HostError } from '@scriptorium/core';
import type { ResumeAllReport, ResumeAllRequest } from '@scriptorium/core';
import type { Parts } from '../parts.ts';
import { resumeRun } from './runs.ts';

/** Runs that are folded before the kernel goes on with them. */
const AT_ONCE = 500;

/** The oldest first. Runs that work for the steps of others go on with those. */
export async function resumeAll(parts: Parts, { flow, by }: ResumeAllRequest): Promise<ResumeAllReport> {
  const { journal, kernel } = parts;
  const filter = { status: ['interrupted', 'parked'], children: 'detached', ...(flow === undefined ? {} : { flow }) } as const;
  const rows = journal.runs(filter).toReversed();
  const resumed: string[] = [];
  const left: { run: string; reason: string; fix?: string }[] = [];
  const goOn = async (run: string): Promise<void> => {
    try {
      await resumeRun(parts, run, by);
      resumed.push(run);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      // It may have gone on with another one, and ended; or go on while a run that works for it cannot.
      if (kernel.run(run) !== undefined || journal.run(run)?.endedAt !== null) resumed.push(run);
      const { message: reason, fix } = error;
      if (journal.run(run)?.endedAt === null) left.push({ run, reason, ...(fix === undefined ? {} : { fix }) });
    }
  };
  for (let first = 0; first < rows.length; first += AT_ONCE)
    await Promise.all(rows.slice(first, first + AT_ONCE).map(({ run }) => goOn(run)));
  return { resumed, left };
}
