/** Builds the steps of one scope: each call adds a step and gives a reference to its output. */

import type { ItemCollection, Json, JsonObject } from '@scriptorium/core';
import { callerOf, setOrigin } from '../origin.ts';
import { plain, plainRecord } from './data.ts';
import { callOf, stepOf } from './options.ts';
import type {
  AnyOptions,
  BodyOutput,
  Callee,
  CatchFilter,
  CaughtError,
  Condition,
  Fallback,
  NullBy,
  Output,
  Policies,
  Whole,
  With,
} from './options.ts';
import { makeRef } from './ref.ts';
import type { Arguments, Data, Given, Ref, RefOf, Resolved, Untyped } from './ref.ts';

/** What every step may have: `C` is its contract, `Q` its condition, `F` the entries of its `catch`. */
type StepOptions<L extends string, C, Q, F> = Policies<L, C> &
  Whole<Q> & { readonly catch?: (caught: Caught<L>, error: Ref<CaughtError>) => readonly F[] };

type CallOptions = {
  /** The versions of the handler that will do: `^2`. */
  readonly version?: string;
};

/** What an `each` goes through. */
type Items = RefOf<readonly unknown[]> | RefOf<ItemCollection<unknown>> | readonly Data[];

type EachOptions<L extends string, S, B, C, Q, F> = Policies<L, C> &
  Whole<Q> & {
    readonly in: S;
    /** What expressions call an item; `item` unless it is given. */
    readonly as?: string;
    /** Items per group; the body then gets lists. */
    readonly batch?: B;
    /** What an item is known by on resume, in logs and progress. */
    readonly key?: (item: Ref<Item<S, B>>) => RefOf<string | number>;
    readonly workers?: Given<number>;
    /** How many items may fail: a count, or a share such as `10%`. */
    readonly tolerate?: Given<number | string>;
    readonly catch?: (caught: Caught<L>, error: Ref<CaughtError>, item: Ref<Item<S, B>>) => readonly F[];
  };

type Item<S, B> = [B] extends [undefined] ? Element<S> : readonly Element<S>[];

type Element<S> = Json extends S
  ? Untyped
  : S extends RefOf<infer T>
    ? Json extends T
      ? Untyped
      : T extends readonly (infer E)[]
        ? E
        : T extends ItemCollection<infer E>
          ? E
          : never
    : S extends readonly (infer E)[]
      ? Resolved<E>
      : never;

/** The output of an `each`, both sides in the order of the items. */
export interface Fanned<T> {
  readonly ok: ItemCollection<T>;
  readonly failed: ItemCollection<FailedItem>;
}

export interface FailedItem {
  readonly key: string;
  readonly index: number;
  readonly error: { readonly code: string; readonly message: string };
}

type FannedOutput<T, Q, F> = Fanned<Output<T, undefined, undefined, F>> | NullBy<Q>;

type Guard = Condition | undefined;

export interface Scope<L extends string = never> {
  /** Calls a handler. */
  step<O>(name: string, callee: Callee<object, O>): Ref<Output<O, undefined, undefined, never>>;
  step<I, O, const C = undefined, Q extends Guard = undefined, F extends Fallback = never>(
    name: string,
    callee: Callee<I, O>,
    options: StepOptions<L, C, Q, F> & CallOptions & With<NoInfer<I>>,
  ): Ref<Output<O, C, Q, F>>;

  /** Pure data. */
  value<const D extends Data, const C = undefined, Q extends Guard = undefined, F extends Fallback = never>(
    name: string,
    data: D,
    options?: StepOptions<L, C, Q, F>,
  ): Ref<Output<Resolved<D>, C, Q, F>>;

  /** A scope of its own: its output is what `body` gives, else an object of the outputs of its steps. */
  scope<const D extends Data | void>(name: string, body: (s: Scope<L>) => D): Ref<BodyOutput<D>>;
  scope<const D extends Data | void, const C = undefined, Q extends Guard = undefined, F extends Fallback = never>(
    name: string,
    options: StepOptions<L, C, Q, F>,
    body: (s: Scope<L>) => D,
  ): Ref<Output<BodyOutput<D>, C, Q, F>>;

  /** Runs `body`, a scope, once for each item. Options that are policies apply to each item. */
  each<
    const S extends Items,
    const D extends Data | void,
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
    options: EachOptions<L, S, B, C, Q, F> & CallOptions,
    callee: Callee<I, O>,
    input: (item: Ref<Item<S, B>>, index: Ref<number>) => Arguments<NoInfer<I>>,
  ): Ref<FannedOutput<Output<O, C, undefined, never>, Q, F>>;
}

/** Makes the entries of a `catch`; the first that fits a failure replaces the output. */
export interface Caught<L extends string = never> {
  readonly value: <const D extends Data>(data: D, filter?: CatchFilter) => Fallback<Resolved<D>>;
  readonly step: <I, O, const C = undefined>(
    callee: Callee<I, O>,
    options: CatchFilter & Policies<L, C> & CallOptions & With<NoInfer<I>>,
  ) => Fallback<Output<O, C, undefined, never>>;
  readonly scope: <const D extends Data | void>(options: CatchFilter & Policies<L>, body: (s: Scope<L>) => D) => Fallback<BodyOutput<D>>;
}

type AnyBody = (...parameters: readonly unknown[]) => unknown;

/** What `body` adds to a scope of its own, as the keys of a step: its steps and output, or its data where it has no steps. */
export function bodyOf(where: string, body: (scope: Scope<string>) => unknown): JsonObject {
  const steps = new Map<string, Json>();
  let open = true;
  const add = (name: string, step: JsonObject, callee: (...parameters: never) => unknown): Untyped => {
    if (!open) {
      throw new TypeError(`the step '${name}' comes too late for ${where}: a body adds its steps before it returns, and is not async`);
    }
    if (steps.has(name)) {
      throw new TypeError(`${where} has a step '${name}' already: give this one another name`);
    }
    setOrigin(step, callerOf(callee));
    steps.set(name, step);
    return makeRef(name, { atomic: true });
  };
  const given = body(scopeWith(add));
  open = false;
  if (given instanceof Promise) {
    throw new TypeError(`the body of ${where} is async: what it waits for belongs into a step`);
  }
  const result = given === undefined ? undefined : plain(given, `what the body of ${where} gives`);
  if (steps.size === 0 && result !== undefined) {
    return { value: result };
  }
  return { steps: Object.fromEntries(steps), ...(result === undefined ? {} : { output: result }) };
}

type Add = (name: string, step: JsonObject, callee: (...parameters: never) => unknown) => Untyped;

function scopeWith(add: Add): Scope<string> {
  function step(name: string, callee: Callee<never, unknown>, options: AnyOptions = {}): Untyped {
    return add(name, stepOf(options, { body: callOf(callee, options), catch: catchOf(options) }), step);
  }
  function value(name: string, data: unknown, options: AnyOptions = {}): Untyped {
    return add(name, stepOf(options, { body: { value: plain(data, `the value of '${name}'`) }, catch: catchOf(options) }), value);
  }
  function scope(name: string, ...rest: readonly [AnyBody] | readonly [AnyOptions, AnyBody]): Untyped {
    const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
    return add(name, stepOf(options, { body: bodyOf(`the scope '${name}'`, body), catch: catchOf(options) }), scope);
  }
  function each(name: string, options: AnyOptions, what: AnyBody | Callee<never, unknown>, input?: AnyBody): Untyped {
    const item = makeRef(options.as ?? 'item', { atomic: true });
    const index = makeRef('index', { atomic: true });
    const body =
      typeof what === 'function'
        ? bodyOf(`the each '${name}'`, (inner) => what(item, inner, index))
        : callOf(what, { ...options, with: (input?.(item, index) ?? {}) as { readonly [name: string]: unknown } });
    return add(name, stepOf(options, { each: eachOf(options, item), body, catch: catchOf(options, item) }), each);
  }
  return { step, value, scope, each } as unknown as Scope<string>;
}

function eachOf({ in: list, as, key, workers, batch, tolerate }: AnyOptions, item: Untyped): Json {
  return plainRecord({ in: list, as, key: key?.(item as never), workers, batch, tolerate }, '`each`');
}

function catchOf(options: AnyOptions, item?: Untyped): Json | undefined {
  const entries = options.catch as ((caught: object, error: Untyped, item?: Untyped) => readonly JsonObject[]) | undefined;
  return entries?.(caught, makeRef('error', { atomic: true }), item);
}

const caught = {
  value: (data: unknown, filter: AnyOptions = {}): JsonObject => entryOf({ value: plain(data, 'the value of a catch') }, filter),
  step: (callee: Callee<never, unknown>, options: AnyOptions): JsonObject => entryOf(callOf(callee, options), options),
  scope: (options: AnyOptions, body: AnyBody): JsonObject => entryOf(bodyOf('the catch', body), options),
};

/** `errors` first, as they are read. */
function entryOf(body: JsonObject, options: AnyOptions): JsonObject {
  return { ...plainRecord({ errors: options.errors }, '`catch`'), ...stepOf(options, { body }) };
}
