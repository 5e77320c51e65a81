/** What a run undid after something had failed, for its report. */

import { parseUndoId } from '@scriptorium/core';
import type { Recorded } from '@scriptorium/core';

/** How many of them a report lists. */
const MAX_LISTED = 200;

export interface CompensationReport {
  /** How often something failed, or the run was cancelled, when there was something to undo. */
  readonly begun: number;
  readonly undone: number;
  readonly failed: number;
  /** The first of them, in order. */
  readonly steps: readonly {
    readonly step: string;
    readonly key: string | null;
    readonly at: string;
    /** The code of what kept it from being undone. */
    readonly error: string | null;
  }[];
}

export interface Compensations {
  readonly fold: (recorded: Recorded) => void;
  readonly show: () => CompensationReport;
}

export function createCompensations(): Compensations {
  const count = { begun: 0, undone: 0, failed: 0 };
  const steps: CompensationReport['steps'][number][] = [];
  const keys = new Map<string, string | null>();
  return {
    fold: ({ actor, at, event }) => {
      if (event.type === 'compensation.begun') count.begun += 1;
      if (event.type !== 'attempt.started' && event.type !== 'attempt.succeeded' && event.type !== 'step.failed') return;
      const undo = parseUndoId(event.node);
      if (undo === null) return;
      const place = `${actor}|${event.item}|${event.node}`;
      if (event.type === 'attempt.started') {
        keys.set(place, event.key);
        return;
      }
      const error = event.type === 'step.failed' ? event.error.code : null;
      count[error === null ? 'undone' : 'failed'] += 1;
      if (steps.length < MAX_LISTED) steps.push({ step: undo.node, key: keys.get(place) ?? null, at: new Date(at).toISOString(), error });
      keys.delete(place);
    },
    show: () => ({ ...count, steps }),
  };
}
