/** What undoes a call, should a scope around it fail after all. */

import type { Callee, PoolOptions, RetryOptions, With } from './options.ts';
import type { Ref } from './ref.ts';

declare const undoing: unique symbol;

export interface Compensation {
  /** Never there: only `undo` makes one. */
  readonly [undoing]: true;
}

interface UndoOptions<L extends string> {
  readonly doc?: string;
  readonly version?: string;
  readonly timeout?: string;
  readonly retry?: RetryOptions | readonly RetryOptions[];
  readonly limit?: L | PoolOptions;
}

export type Undo<L extends string> = <I, O>(callee: Callee<I, O>, options: UndoOptions<L> & With<NoInfer<I>>) => Compensation;

/** What a call may have beside its policies: `O` is what it gives, for each item where there are some. */
export interface Undoing<L extends string, O> {
  /** Sees what the call gave. */
  readonly compensate?: (undo: Undo<L>, own: Ref<O>) => Compensation;
}
