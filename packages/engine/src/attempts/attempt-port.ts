/** What the kernel asks of whoever runs attempts, and is given back. */

import type { BudgetScope, Command, Event, Failure, Usage } from '@scriptorium/core';
import type { ArtifactRow, MemoRow } from '../journal/journal.ts';
import type { LiveRun, Underway } from '../kernel/live-run.ts';
import type { ChargedBudget } from '../pools/ledger.ts';

type Dispatch = Extract<Command, { k: 'dispatch' }>;

/** All calls return at once; outcomes come back through `submit`. */
export interface Attempts {
  /** Whether an earlier result serves: if so it will be submitted, else `absent` is called. */
  readonly reuse: (run: LiveRun, underway: Underway, absent: () => void) => void;
  readonly start: (run: LiveRun, underway: Underway) => void;
  /** What a call may use at most; that of a flow is its budget. */
  readonly reserve: (run: LiveRun, dispatch: Dispatch) => Reserve;
  /** What the start of an attempt that calls a flow begins. */
  readonly begin: (run: LiveRun, underway: Underway) => Begun;
  /** `name@version` of the handler, as the journal names it. */
  readonly handlerOf: (dispatch: Dispatch) => string;
}

/** What a call may use at most, null for nothing, and who must have it; a failure where its handler cannot say. */
export type Reserve =
  | {
      readonly reserved: Usage | null;
      /** The budgets of its own run, as the journal names them. */
      readonly budgets: readonly BudgetScope[];
      /** With those of the runs that wait for its own. */
      readonly charged: readonly ChargedBudget[];
      readonly family: string;
    }
  | { readonly failure: Failure };

/** A child run that begins with an attempt, or why it cannot. */
export type Begun =
  | {
      readonly child: LiveRun;
      readonly detached: boolean;
      /** `name@version` of its flow. */
      readonly handler: string;
      readonly started: Extract<Event, { type: 'run.started' }>;
    }
  | { readonly failure: Failure };

/** What goes into the store together with the event of a result, if the event still counts. */
export interface Extras {
  readonly artifacts: readonly ArtifactRow[];
  readonly memo: MemoRow | null;
}
