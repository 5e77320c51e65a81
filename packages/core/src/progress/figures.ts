/** Progress as it is shown: the same figures for the terminal, `status`, NDJSON and the report. */

import type { Budget } from '../ir.ts';
import type { Instant, Ms } from '../json.ts';
import type { Usage } from '../budgets/usage.ts';

export interface Tally {
  readonly total: number;
  readonly waiting: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cancelled: number;
  /** Of the succeeded, those whose result came by a fallback. */
  readonly degraded: number;
  /** Of the succeeded, those taken over from an earlier run. */
  readonly reused: number;
}

export interface StageProgress extends Tally {
  /** The step's path, for instance `books/clean`. */
  readonly id: string;
  /** Attempts beyond the first of a step. */
  readonly retries: number;
  /** Time per attempt that succeeded. */
  readonly ms: { readonly count: number; readonly total: Ms; readonly p50: Ms; readonly p95: Ms };
  /** By attempts that have ended. */
  readonly used: Usage;
}

export interface RunUsage {
  /** By attempts that have ended; of those that were lost, what was reserved for them. */
  readonly used: Usage;
  /** For attempts at work. */
  readonly reserved: Usage;
  /** Of the flow as a whole. */
  readonly budget: Budget | null;
  /** In a fork, of `used`: what it has copied from the run beside it, which was paid for there. It counts on the budget. */
  readonly inherited?: Usage;
}

export interface ErrorGroup {
  readonly step: string;
  readonly code: string;
  /** The message with numbers, paths and quoted parts replaced. */
  readonly pattern: string;
  /** Steps that this error ended. */
  readonly count: number;
  /** Of these, those that a `catch` replaced. */
  readonly caught: number;
  /** Attempts that this error ended and that were made again. */
  readonly retried: number;
  readonly example: { readonly key: string | null; readonly message: string; readonly fix: string | null };
}

export interface Progress {
  readonly at: Instant;
  /** Items of the outermost `each`; for a flow without one, its steps. */
  readonly items: Tally;
  readonly stages: readonly StageProgress[];
  /** The most frequent first, at most 50. */
  readonly errors: readonly ErrorGroup[];
  /** Share of the expected work that is done, 0 to 1. */
  readonly fraction: number;
  /** 80 % interval of the remaining time; null before there is anything to judge by. */
  readonly eta: { readonly lowMs: Ms; readonly highMs: Ms } | null;
  readonly usage: RunUsage;
  /** Steps that wait for a time, a signal or an answer. */
  readonly awaiting: number;
  /** Items settled a minute over the last minute of activity. */
  readonly itemsPerMinute: number;
}
