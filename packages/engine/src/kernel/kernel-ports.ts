/** What the kernel needs of the rest of the engine. */

import type { Instant, Recorded } from '@scriptorium/core';
import type { Attempts } from '../attempts/attempt-port.ts';
import type { Batch, Entry } from '../journal/journal.ts';
import type { ValueStore } from '../journal/values.ts';
import type { PoolChange, PoolBoard } from '../pools/pool-board.ts';
import type { LiveRun } from './live-run.ts';
import type { Timers } from './timers.ts';

export interface KernelPorts {
  readonly now: () => Instant;
  /** Does the work at one moment. */
  readonly holdTime: (work: () => void) => void;
  /** Makes a turn soon; see {@link Clock}. */
  readonly soon: (turn: () => void) => void;
  readonly commit: (batch: Batch) => readonly Recorded<unknown>[];
  readonly values: ValueStore;
  readonly pools: PoolBoard;
  readonly timers: Timers;
  readonly attempts: Attempts;
  /** The place of a fact about the engine itself in the journal. */
  readonly entryOf: (event: PoolChange) => Entry;
  /** What breakers did, after its commit. */
  readonly announce: (changes: readonly PoolChange[]) => void;
  /** Events of one run, after their commit. */
  readonly publish: (run: LiveRun, events: readonly Recorded[]) => void;
  /** A step has been made. */
  readonly turned: () => void;
  /** The commit failed or its outcome is unknown. */
  readonly halt: (error: unknown) => void;
}
