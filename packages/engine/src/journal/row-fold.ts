/** The row of a run that began and ends while somebody follows it, from its events: what the store would say, without asking. */

import type { Event, Recorded } from '@scriptorium/core';
import type { RunRow } from './journal-reads.ts';

/** The row after the event, of which `row` is the one before; null where only the store has it. */
export function rowAfter(row: RunRow | null, { run, at, event }: Recorded): RunRow | null {
  switch (event.type) {
    case 'run.started':
      return begunRow(run, at, event);
    case 'run.settled':
      return row === null ? null : { ...row, status: event.status, endedAt: at, output: event.output, error: event.error };
    default:
      return event.type.startsWith('run.') || event.type.startsWith('actor.') ? null : row;
  }
}

function begunRow(run: string, at: number, { flow, by, options, input, parent }: Extract<Event, { type: 'run.started' }>): RunRow {
  const { name, version, hash } = flow;
  return {
    run,
    flow: { name, version, hash },
    status: 'running',
    startedAt: at,
    endedAt: null,
    startedBy: by,
    options,
    input,
    output: null,
    error: null,
    amendments: { rollbacks: [], migrations: [] },
    parent: parent ?? null,
    forkedFrom: null,
    pruned: null,
  };
}
