/** Faults of the engine at a commit of its journal. */

import { openJournal } from '@scriptorium/engine';
import type { Journal } from '@scriptorium/engine';

/** The engine ends around the n-th commit of facts about the run, from 1: before it is written, or after it and before anything follows from it. */
export interface CommitFault {
  readonly commit: number;
  readonly when: 'before' | 'after';
}

/** Ends every engine that commits through the journals opened here, once for each fault; commits are counted across engines. */
export function faultyJournals(faults: readonly CommitFault[]): (path: string) => Journal {
  let commits = 0;
  return (path) => {
    const journal = openJournal(path);
    return {
      ...journal,
      commit: (batch) => {
        if (batch.events.some(({ run }) => run !== '')) commits += 1;
        else return journal.commit(batch);
        const fault = (when: CommitFault['when']): boolean => faults.some((one) => one.commit === commits && one.when === when);
        if (fault('before')) throw new Error(`the engine ends before commit ${commits}`);
        const recorded = journal.commit(batch);
        if (fault('after')) throw new Error(`the engine ends after commit ${commits}`);
        return recorded;
      },
    };
  };
}
