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
  const goOn = async (run: string): Promise<ResumeAllReport> => {
    try {
      await resumeRun(parts, run, by);
      return { resumed: [run], left: [] };
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      // It may have gone on with another one, and ended; or go on while a run that works for it cannot.
      const hasEnded = journal.run(run)?.endedAt !== null;
      const { message: reason, fix } = error;
      return {
        resumed: hasEnded || kernel.run(run) !== undefined ? [run] : [],
        left: hasEnded ? [] : [{ run, reason, ...(fix === undefined ? {} : { fix }) }],
      };
    }
  };
  // In the order of the runs, however long each takes to be read.
  const outcomes: ResumeAllReport[] = [];
  for (let first = 0; first < rows.length; first += AT_ONCE)
    outcomes.push(...(await Promise.all(rows.slice(first, first + AT_ONCE).map(({ run }) => goOn(run)))));
  return { resumed: outcomes.flatMap(({ resumed }) => resumed), left: outcomes.flatMap(({ left }) => left) };
}
