/** What a plan is made from. */

import type { Limit } from '@scriptorium/core';
import type { Known, StepCount } from './workload.ts';

export interface PlanRequest extends Known {
  readonly counts: readonly StepCount[];
  /** As they are now: what was changed by hand counts. */
  readonly pools: { readonly [pool: string]: Limit };
  readonly processors: number;
  /** Free on the disk of the outputs. */
  readonly freeBytes: number;
  /** What starts the run, as it is typed, without the name of the program; with another value for one input. */
  readonly command: (change: { readonly input: string; readonly value: number } | null) => string;
  /** What tries it on a few items; null where this is a trial itself. */
  readonly trial: string | null;
}

/** What a plan rests on. */
export interface Basis {
  readonly type: 'cold start: default model' | 'history';
  readonly runs: readonly string[];
}
