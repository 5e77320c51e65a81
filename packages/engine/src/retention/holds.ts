/**
 * What is at work on runs that have ended, so that nothing is removed under its hands, and what is being removed, so that
 * nothing begins on it.
 *
 * 1. A run that is held does not begin to leave; one that leaves cannot be held.
 * 2. What was held since the last look counts as held: it may be the parent of a new fork, or have been taken back.
 */

import { HostError } from '@scriptorium/core';

export interface Holds {
  /** Returns how to let go. Raises `not_found` for a run that is being removed. */
  readonly hold: (run: string) => () => void;
  /** Whether the run is being removed. */
  readonly leaves: (run: string) => boolean;
  /** From here on it counts what is held. */
  readonly look: () => void;
  /** Marks the runs as leaving, all of them or none; whether it did. */
  readonly leave: (runs: readonly string[]) => boolean;
  /** Their events are gone, which their rows say. */
  readonly left: () => void;
}

export function createHolds(): Holds {
  const held = new Map<string, number>();
  const leaving = new Set<string>();
  /** Let go of since the last look. */
  const touched = new Set<string>();
  return {
    hold: (run) => {
      if (leaving.has(run)) throw new HostError('not_found', `the events of run ${run} are being removed: it ended long ago`);
      held.set(run, (held.get(run) ?? 0) + 1);
      return () => {
        const others = (held.get(run) ?? 1) - 1;
        if (others > 0) held.set(run, others);
        else held.delete(run);
        touched.add(run);
      };
    },
    leaves: (run) => leaving.has(run),
    look: () => touched.clear(),
    leave: (runs) => {
      if (runs.some((run) => held.has(run) || touched.has(run))) return false;
      for (const run of runs) leaving.add(run);
      return true;
    },
    left: () => leaving.clear(),
  };
}
