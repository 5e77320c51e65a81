/** What a `catch` does instead. */

import type { BodyOutput, Callee, CallOptions, CatchFilter, CaughtError, Fallback, Output, Policies, With } from './options.ts';
import type { Data, Ref, Resolved } from './ref.ts';
import type { Scope } from './scope.ts';
import type { StatesBody } from './states.ts';

/** Makes the entries of a `catch`; the first that fits a failure replaces the output. */
export interface Caught<L extends string = never> {
  readonly value: <const D extends Data>(data: D, filter?: CatchFilter) => Fallback<Resolved<D>>;
  readonly step: <I, O, const C = undefined>(
    callee: Callee<I, O>,
    options: CatchFilter & Policies<L, C> & CallOptions & With<NoInfer<I>>,
  ) => Fallback<Output<O, C, undefined, never>>;
  readonly scope: <const D extends Data | StatesBody | void>(
    options: CatchFilter & Policies<L>,
    body: (s: Scope<L>) => D,
  ) => Fallback<BodyOutput<D>>;
}

/** In a state, an entry may also go on with another state, and the one that failed then has no output. */
export interface StateCaught<N extends string, L extends string = never> extends Caught<L> {
  readonly to: (state: N, filter?: CatchFilter) => Fallback<never>;
}

/** Gives the entries for failures of a step, in the order in which they are tried. */
export type Catching<L extends string, F> = (caught: Caught<L>, error: Ref<CaughtError>) => readonly F[];
