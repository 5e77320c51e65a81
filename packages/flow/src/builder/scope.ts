/** Builds the steps of one scope: each call adds a step and gives a reference to its output. */

import type { Caught, Catching } from './caught.ts';
import type { Undoing } from './compensation.ts';
import type { Definition } from './flow.ts';
import type { EachSettings, FannedOutput, Item, Items } from './items.ts';
import type {
  BodyOutput,
  Callee,
  CallOptions,
  CaughtError,
  Condition,
  Fallback,
  Narrowed,
  NullBy,
  Output,
  Policies,
  Whole,
  With,
} from './options.ts';
import type { Arguments, Data, Given, Ref, Resolved } from './ref.ts';
import type { States, StatesBody } from './states.ts';
import type { Answer, EventWait, Started, StartOptions, Time, WaitOptions } from './wait.ts';

/** What every step may have: `C` is its contract, `Q` its condition, `F` the entries of its `catch`. */
type StepOptions<L extends string, C, Q, F> = Policies<L, C> & Whole<Q> & { readonly catch?: Catching<L, F> };

type EachOptions<L extends string, S, B, C, Q, F> = Policies<L, C> &
  Whole<Q> &
  EachSettings<S, B> & {
    readonly catch?: (caught: Caught<L>, error: Ref<CaughtError>, item: Ref<Item<S, B>>) => readonly F[];
  };

type Guard = Condition | undefined;

export interface Scope<L extends string = never> {
  /** Calls a handler. */
  step<O>(name: string, callee: Callee<object, O>): Ref<Output<O, undefined, undefined, never>>;
  step<I, O, const C = undefined, Q extends Guard = undefined, F extends Fallback = never>(
    name: string,
    callee: Callee<I, O>,
    options: StepOptions<L, C, Q, F> & CallOptions & Undoing<L, Narrowed<C, NoInfer<O>>> & With<NoInfer<I>>,
  ): Ref<Output<O, C, Q, F>>;

  /** Starts a flow and goes on without waiting for its end. */
  start<I, O, Q extends Guard = undefined>(
    name: string,
    callee: Definition<I, O> | string,
    options: StartOptions<Q> & With<NoInfer<I>>,
  ): Ref<Started | NullBy<Q>>;

  /** Pure data. */
  value<const D extends Data, const C = undefined, Q extends Guard = undefined, F extends Fallback = never>(
    name: string,
    data: D,
    options?: StepOptions<L, C, Q, F>,
  ): Ref<Output<Resolved<D>, C, Q, F>>;

  /** Waits for a time; gives null. */
  wait<Q extends Guard = undefined, F extends Fallback = never>(
    name: string,
    time: Time,
    options?: WaitOptions & Whole<Q> & { readonly catch?: Catching<L, F> },
  ): Ref<Output<null, undefined, Q, F>>;
  /** Waits for an event; gives its answer. */
  wait<const A = undefined, Q extends Guard = undefined, F extends Fallback = never>(
    name: string,
    event: EventWait<A>,
    options?: WaitOptions & Whole<Q> & { readonly catch?: Catching<L, F> },
  ): Ref<Output<Answer<A>, undefined, Q, F>>;

  /** A scope of its own: its output is what `body` gives, else an object of the outputs of its steps. */
  scope<const D extends Data | StatesBody | void>(name: string, body: (s: Scope<L>) => D): Ref<BodyOutput<D>>;
  scope<const D extends Data | StatesBody | void, const C = undefined, Q extends Guard = undefined, F extends Fallback = never>(
    name: string,
    options: StepOptions<L, C, Q, F>,
    body: (s: Scope<L>) => D,
  ): Ref<Output<BodyOutput<D>, C, Q, F>>;

  /** Runs `body`, a scope, once for each item. Options that are policies apply to each item. */
  each<
    const S extends Items,
    const D extends Data | StatesBody | void,
    const C = undefined,
    B extends Given<number> | undefined = undefined,
    Q extends Guard = undefined,
    F extends Fallback = never,
  >(
    name: string,
    options: EachOptions<L, S, B, C, Q, F>,
    body: (item: Ref<Item<S, B>>, s: Scope<L>, index: Ref<number>) => D,
  ): Ref<FannedOutput<Output<BodyOutput<D>, C, undefined, never>, Q, F>>;
  /** Calls a handler once for each item. */
  each<
    const S extends Items,
    I,
    O,
    const C = undefined,
    B extends Given<number> | undefined = undefined,
    Q extends Guard = undefined,
    F extends Fallback = never,
  >(
    name: string,
    options: EachOptions<L, S, B, C, Q, F> & CallOptions & Undoing<L, Narrowed<C, NoInfer<O>>>,
    callee: Callee<I, O>,
    input: (item: Ref<Item<S, B>>, index: Ref<number>) => Arguments<NoInfer<I>>,
  ): Ref<FannedOutput<Output<O, C, undefined, never>, Q, F>>;

  /** When this scope is done although some of its steps are not: they are cancelled then. */
  until(condition: Condition): void;

  /**
   * Makes the whole scope one of states, one at a time, the first of `names` to begin with; the body returns what this
   * gives, and adds no steps. `build` adds every state and gives the scope's output, else it is that of the state it
   * ended with.
   */
  states<const N extends string, const D extends Data | void>(
    names: readonly [N, ...N[]],
    build: (s: States<N, L>) => D,
  ): StatesBody<BodyOutput<D>>;
}
