/** What steps may be given beside what they do, and how a definition writes it. */

import type { Json, JsonObject, TypedHandler } from '@scriptorium/core';
import type { Accepted } from './contract.ts';
import { jsonSchemaOf } from './contract.ts';
import { plain, plainRecord } from './data.ts';
import { sourceOf } from './ref.ts';
import type { Arguments, RefOf, Resolved, Untyped } from './ref.ts';
import type { Definition } from './definition.ts';
import type { StatesBody } from './states-body.ts';

export type Condition = RefOf<boolean>;

/** A handler, a built flow, or a name where TypeScript does not know it: `core/fail`, with a version range `core/fail@^1`. */
export type Callee<I, O> = TypedHandler<I, O> | Definition<I, O> | string;

export interface RetryOptions {
  readonly max: number;
  readonly delay?: string;
  readonly factor?: number;
  readonly cap?: string;
  readonly within?: string;
  readonly errors?: string | readonly string[];
}

export interface PoolOptions {
  readonly concurrent?: number;
  readonly rate?: string;
  /** Tokens of models in a time: `90000/m`. */
  readonly tokens?: string;
  readonly breaker?: { readonly failures: number; readonly cooldown: string };
}

export interface BudgetOptions {
  readonly usd?: number;
  readonly tokens?: number;
  readonly calls?: number;
}

/** `Limits` are the names of the flow's pools. A schema in `returns` that carries a type gives it to the step. */
export interface Policies<Limits extends string, Contract = undefined> {
  readonly doc?: string;
  readonly timeout?: string;
  readonly retry?: RetryOptions | readonly RetryOptions[];
  readonly limit?: Limits | PoolOptions;
  /** What all calls inside may use at most. */
  readonly budget?: BudgetOptions;
  /** A name in `schemas`, JSON Schema, or a schema of a library. */
  readonly returns?: Contract;
}

export interface CallOptions {
  /** The versions of the handler that will do: `^2`. */
  readonly version?: string;
  /** Takes over what an earlier call gave: for the same input, or under a key. */
  readonly cache?: true | string | RefOf<string | number | boolean | null>;
}

/** What speaks about a step as a whole. */
export interface Whole<Guard> {
  /** Where it is false the step is skipped and its output is null. */
  readonly if?: Guard;
  /** Steps beside this one to wait for without reading them. */
  readonly needs?: readonly RefOf<unknown>[];
}

/** The input of a handler; it may be left out where nothing in it is required. */
export type With<I> = object extends I ? { readonly with?: Arguments<I> } : { readonly with: Arguments<I> };

/** What a step gives, with what replaces it. */
export type Output<O, Contract, Guard, Instead> = Narrowed<Contract, O> | (Instead extends Fallback<infer T> ? T : never) | NullBy<Guard>;

/** A condition, also one whose type is not known, lets a step be skipped. */
export type NullBy<Guard> = 0 extends 1 & Guard ? null : [Guard] extends [undefined] ? never : null;

/** What a call gives: what its contract says, else what the handler does. */
export type Narrowed<Contract, O> = [Contract] extends [undefined]
  ? unknown extends O
    ? Untyped
    : O
  : Contract extends string
    ? unknown extends O
      ? Untyped
      : O
    : Accepted<Contract>;

declare const output: unique symbol;

/** One entry of `catch`, whose output is a `T`. */
export interface Fallback<T = unknown> {
  /** Never there: it holds the type. */
  readonly [output]: T;
}

/** What is known of a failure that is being caught. */
export interface CaughtError {
  readonly code: string;
  readonly message: string;
  readonly details?: { readonly [key: string]: Untyped };
}

/** Which failures an entry of `catch` is for; without it, all. */
export interface CatchFilter {
  readonly errors?: string | readonly string[];
  readonly if?: Condition;
}

/** What a body gives: its data with references, or nothing for an object of all its steps. */
export type BodyOutput<D> = [D] extends [void] ? Untyped : D extends StatesBody<infer T> ? T : Resolved<D>;

/** As the implementation sees them; the types above are for those who call. */
export interface AnyOptions extends Policies<string, unknown>, Whole<Condition>, CatchFilter {
  readonly version?: string;
  readonly with?: { readonly [name: string]: unknown };
  readonly cache?: unknown;
  readonly compensate?: unknown;
  readonly events?: JsonObject;
  readonly in?: unknown;
  readonly as?: string;
  readonly key?: (item: never) => unknown;
  readonly workers?: unknown;
  readonly batch?: unknown;
  readonly tolerate?: unknown;
  readonly until?: unknown;
  readonly catch?: unknown;
  readonly max?: number;
  readonly next?: unknown;
}

/** Keys of a step whose value is written already; those that are undefined are left out. */
export interface Written {
  readonly body: JsonObject;
  readonly each?: Json;
  readonly catch?: Json | undefined;
  readonly compensate?: Json | undefined;
  readonly next?: Json | undefined;
}

/** A step's keys, in the order in which definitions are read best. */
export function stepOf(options: AnyOptions, { body, each, ...after }: Written): JsonObject {
  // As it is: what was built inside knows the place of its call, and a copy would not.
  const written = Object.fromEntries(Object.entries(after).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
  const { doc, needs, max, returns, timeout, retry, limit, budget, cache, events } = options;
  const contract = returns === undefined ? undefined : jsonSchemaOf(returns);
  return {
    ...plainRecord({ doc, needs: needs?.map(nameOf), max, if: options.if }, 'the step'),
    ...(each === undefined ? {} : { each }),
    ...body,
    ...plainRecord({ returns: contract, timeout, retry, limit, budget, cache }, 'the step'),
    ...written,
    ...plainRecord({ events }, 'the step'),
  };
}

/** The keys of a call. */
export function callOf(callee: Callee<never, unknown>, { version, with: given }: AnyOptions): JsonObject {
  const name = typeof callee === 'string' ? callee : String('run' in callee ? callee.name : callee['flow']);
  return {
    uses: version === undefined ? name : `${name}@${version}`,
    ...(given === undefined ? {} : { with: plain(given, '`with`') }),
  };
}

/** The step that a reference is the output of. */
function nameOf(ref: RefOf<unknown>): string {
  const text = sourceOf(ref)?.text ?? '';
  if (!/^\w+$/.test(text)) {
    throw new TypeError(`\`needs\` takes steps as the scope gave them, not ${text === '' ? typeof ref : `'${text}'`}`);
  }
  return text;
}
