/**
 * Whether what was measured is what should have happened: asked of the store, after the engine has ended, and not of the
 * engine that was measured.
 */

import { join } from 'node:path';
import { openJournal } from '@scriptorium/engine';
import type { Json } from '@scriptorium/core';

export interface Expected {
  readonly runs: ReadonlyMap<string, Json>;
  /** Of all runs together, facts about the engine itself left out; null where it depends on when something was killed. */
  readonly events: number | null;
}

/** What a store as a whole is not, whatever is in it, or null. */
export function storeFault(home: string): string | null {
  const journal = openJournal(join(home, 'journal.db'));
  try {
    return journal.verify().fault?.message ?? null;
  } finally {
    journal.close();
  }
}

/** The first thing that is not as it must be, or null: every run succeeded with its output, and nothing is left open. */
export function faultIn(home: string, { runs, events }: Expected): string | null {
  const journal = openJournal(join(home, 'journal.db'));
  try {
    const verified = journal.verify();
    if (verified.fault !== null) return verified.fault.message;
    const rows = journal.runs();
    if (rows.length !== runs.size) return `there are ${rows.length} runs, and ${runs.size} were started`;
    for (const { run, status, output, error } of rows) {
      if (status !== 'succeeded') return `run ${run} is ${status}: ${error?.message ?? 'no error'}`;
      const value = output === null ? null : 'v' in output ? output.v : journal.json(output.ref);
      if (JSON.stringify(value) !== JSON.stringify(runs.get(run))) return `run ${run} gave ${JSON.stringify(value)}`;
      const open = journal.actors(run, { settled: false });
      if (open.length > 0) return `run ${run} has ended, and ${open[0]?.actor} has not`;
    }
    const engine = journal.readActor('', 'engine').length;
    if (events !== null && verified.events - engine !== events)
      return `there are ${verified.events - engine} events of runs instead of ${events}`;
    return null;
  } finally {
    journal.close();
  }
}
