/**
 * Builds a scope: of steps, or of states, one at a time. Each call adds one and gives a reference to its output. A scope
 * holds states and catches, and these hold scopes, so that their types are one.
 */

import type { Undoing } from './compensation.ts';
import type { LibrarySchema } from './contract.ts';
import type { Definition } from './definition.ts';
import type { EachSettings, FannedOutput, Item, Items } from './items.ts';
import type {
  BodyOutput,
  Callee,
  CallOptions,
  CatchFilter,
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
import type { Arguments, Data, Given, MaybeRef, Ref, RefOf, Resolved, Untyped } from './ref.ts';
import type { StatesBody } from './states-body.ts';
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

/** Where to go on: the name of a state, or an expression that can give nothing but names of states. */
export type Target<N extends string> = N | RefOf<N>;

/** The first entry whose `if` holds applies; the last has none. */
export type Next<N extends string> =
  | Target<N>
  | readonly [...(readonly { readonly if: Condition; readonly to: Target<N> }[]), { readonly to: Target<N>; readonly if?: never }];

/** What speaks about a state as a whole. `O` is what its own body gives. */
interface Going<N extends string, O, Q> {
  /** Where it is false the state does nothing and its output is null. */
  readonly if?: Q;
  /** How often it may be entered; beyond that it fails with `loop.exceeded`. */
  readonly max?: number;
  /** Without it the state is final. A function gets the new output, as the body gives it: of what a `catch` puts in its place only the checker knows. */
  readonly next?: Next<N> | ((own: Ref<O | NullBy<Q>>) => Next<N>);
  /** Events that end the state, whatever it does, with the state to go on with. */
  readonly events?: { readonly [event: string]: N };
}

type StateOptions<N extends string, L extends string, O, C, Q, F> = Policies<L, C> & Going<N, O, Q> & StateCatching<N, L, F>;

interface StateCatching<N extends string, L extends string, F> {
  readonly catch?: (caught: StateCaught<N, L>, error: Ref<CaughtError>) => readonly F[];
}

type StateEachOptions<N extends string, L extends string, S, B, O, C, Q, F> = Policies<L, C> &
  Going<N, O, Q> &
  EachSettings<S, B> & {
    readonly catch?: (caught: StateCaught<N, L>, error: Ref<CaughtError>, item: Ref<Item<S, B>>) => readonly F[];
  };

/**
 * The states of one scope. The reference that a call gives is not null for TypeScript; that some way to a state leaves
 * another out, so that its output may be null there, the checker tells.
 */
export interface States<N extends string, L extends string = never> {
  /** Calls a handler. */
  step<I, O, const C = undefined, Q extends Guard = undefined, F extends Fallback = never>(
    name: N,
    callee: Callee<I, O>,
    options: StateOptions<N, L, Narrowed<C, NoInfer<O>>, C, Q, F> & CallOptions & Undoing<L, Narrowed<C, NoInfer<O>>> & With<NoInfer<I>>,
  ): Ref<Output<O, C, Q, F>>;

  /** Starts a flow and goes on without waiting for its end. */
  start<I, O, Q extends Guard = undefined>(
    name: N,
    callee: Definition<I, O> | string,
    options: Omit<StartOptions<Q>, 'needs'> & Going<N, Started, Q> & With<NoInfer<I>>,
  ): Ref<Started | NullBy<Q>>;

  /** Pure data. */
  value<const D extends Data, const C = undefined, Q extends Guard = undefined, F extends Fallback = never>(
    name: N,
    data: D,
    options?: StateOptions<N, L, Narrowed<C, Resolved<NoInfer<D>>>, C, Q, F>,
  ): Ref<Output<Resolved<D>, C, Q, F>>;

  /** Waits for a time; gives null. */
  wait<Q extends Guard = undefined, F extends Fallback = never>(
    name: N,
    time: Time,
    options?: WaitOptions & Going<N, null, Q> & StateCatching<N, L, F>,
  ): Ref<Output<null, undefined, Q, F>>;
  /** Waits for an event; gives its answer. */
  wait<const A = undefined, Q extends Guard = undefined, F extends Fallback = never>(
    name: N,
    event: EventWait<A>,
    options?: WaitOptions & Going<N, Answer<NoInfer<A>>, Q> & StateCatching<N, L, F>,
  ): Ref<Output<Answer<A>, undefined, Q, F>>;

  /** A scope of its own, of steps or of states. What it gives is not known to its `next` here. */
  scope<const D extends Data | StatesBody | void, const C = undefined, Q extends Guard = undefined, F extends Fallback = never>(
    name: N,
    options: StateOptions<N, L, Narrowed<C, Untyped>, C, Q, F>,
    body: (s: Scope<L>) => D,
  ): Ref<Output<BodyOutput<D>, C, Q, F>>;

  /** Runs `body`, a scope, once for each item. */
  each<
    const S extends Items,
    const D extends Data | StatesBody | void,
    const C = undefined,
    B extends Given<number> | undefined = undefined,
    Q extends Guard = undefined,
    F extends Fallback = never,
  >(
    name: N,
    options: StateEachOptions<N, L, S, B, Untyped, C, Q, F>,
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
    name: N,
    options: StateEachOptions<N, L, S, B, Untyped, C, Q, F> & CallOptions & Undoing<L, Narrowed<C, NoInfer<O>>>,
    callee: Callee<I, O>,
    input: (item: Ref<Item<S, B>>, index: Ref<number>) => Arguments<NoInfer<I>>,
  ): Ref<FannedOutput<Output<O, C, undefined, never>, Q, F>>;

  /**
   * The latest output of a state that is added further down, or of the one that reads it: null until it has run. Its
   * type is that of `of`, the handler or the contract that gives it.
   */
  readonly latest: <T = Untyped>(name: N, of?: Callee<never, T> | LibrarySchema<T>) => MaybeRef<T>;
  /** The output of the state before, null in the first. */
  readonly prev: Untyped;
  /** How often the state was entered, this time included. */
  readonly visits: Ref<number>;
}

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
