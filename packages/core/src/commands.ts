/** What the reducer asks the host to do. Commands are idempotent: the host recognises what it already does. */

import type { BudgetScope } from './budgets/usage.ts';
import type { Undoable, UndoCall } from './compensation/compensation-event.ts';
import type { At } from './carried.ts';
import type { Event, ItemRow, ResultRow } from './events.ts';
import type { FlowCall } from './ir.ts';
import type { Failure } from './errors.ts';
import type { Instant, Json, Ms } from './json.ts';
import type { Note } from './parts/part.ts';
import type { Value } from './expr/value.ts';

export type Command =
  /** A fact that follows from the state: append it to this actor, fold it, decide again. */
  | { readonly k: 'append'; readonly event: Event }
  /** Append `own` to this actor and `event`, with `own` as its sender, to another actor of the run; in one commit where the host can. */
  | { readonly k: 'tell'; readonly own: Event; readonly to: string; readonly event: Event }
  /** Start this attempt as soon as its pool allows it. Known by its {@link attemptKey}. */
  | {
      readonly k: 'dispatch';
      readonly item: number;
      readonly node: string;
      readonly attempt: number;
      /** See {@link iterationOf}: attempts are counted anew in every visit of a state. */
      readonly iteration: string;
      readonly uses: string;
      /** Set where `uses` is a flow: the attempt is a run of its own. */
      readonly flow: FlowCall | null;
      readonly input: Value;
      readonly key: string | null;
      readonly pool: string | null;
      readonly timeoutMs: Ms | null;
      /** For a retry that must not start later: past this instant append `retry.expired` of the attempt before it instead. */
      readonly startBy: Instant | null;
      /** Fails with `limit.open` while its pool's breaker is open, rather than wait for it. */
      readonly refusable: boolean;
      /** What it must fit into, the innermost first; where it never can, it fails with `budget.exceeded`. */
      readonly budgets: readonly BudgetScope[];
      /** Under what the result may be taken over by a later call of the same handler. */
      readonly cache: CacheKey | null;
      /** It ran several times when the engine ended: now it runs while nothing else does, so that it is known who did it. */
      readonly alone: boolean;
      /** To be said in `attempt.started`: the step has a compensation. */
      readonly undoable: boolean;
      /** What the attempts before it have noted. */
      readonly notes: readonly Note[];
      /** What the last attempt failed with, for a retry. */
      readonly failure: Failure | null;
      /** Under which name the end of its run is noted, where `flow` does a part of the step's work. */
      readonly part: string | null;
    }
  /** Abort the attempt; its end is reported as `attempt.lost` with reason `cancelled`, or as its result if that came first. */
  | ({ readonly k: 'cancel' } & AttemptId)
  /** Append `event` (a `retry.due`, `step.timed_out` or `wait.over`) when the wall clock reaches `at`. Known by the event. */
  | { readonly k: 'timer'; readonly at: Instant; readonly event: Extract<Event, At> }
  /** Store the rows {@link inPages} of `pageSize` and append `each.opened` with the pages' hash. Known by `item` and `node`. */
  | {
      readonly k: 'open';
      readonly item: number;
      readonly node: string;
      readonly rows: Iterable<ItemRow>;
      readonly opened: Omit<Extract<Event, { type: 'each.opened' }>, 'pages'>;
    }
  /** As `open`, for what is to be undone. */
  | {
      readonly k: 'open';
      readonly item: number;
      readonly node: string;
      readonly rows: Iterable<UndoCall>;
      readonly opened: Omit<Extract<Event, { type: 'compensation.begun' }>, 'pages'>;
    }
  /**
   * Store the rows as one page; then as `tell`, with the page's hash put into `chunk.settled` and `chunk.reported`. What
   * can be undone, if anything, is a page of its own: its hash and `undoable` go into the report.
   */
  | {
      readonly k: 'settle';
      readonly rows: readonly ResultRow[];
      readonly to: string;
      readonly report: Omit<Extract<Event, { type: 'chunk.reported' }>, 'page' | 'undo'>;
      readonly undo: readonly Undoable[];
    };

export interface AttemptId {
  readonly item: number;
  readonly node: string;
  readonly attempt: number;
  readonly iteration: string;
}

/** The input, or what the step gives instead of it. */
export type CacheKey = { readonly by: 'input' } | { readonly by: 'key'; readonly key: Json };

/** How the host names an attempt that it was asked to dispatch. */
export function attemptKey({ item, node, attempt, iteration }: AttemptId): string {
  return `${item}:${node}:${attempt}${iteration === '' ? '' : `@${iteration}`}`;
}

/** How the reducer reads what it holds by reference. It must answer from the hash alone, at once, or throw. */
export interface Values {
  readonly read: (ref: string) => unknown;
}
