/** What steps may be given beside what they do, and how a definition writes it. */

import type { Json, JsonObject, TypedHandler } from '@scriptorium/core';
import type { Accepted } from './contract.ts';
import { jsonSchemaOf } from './contract.ts';
import { plain, plainRecord } from './data.ts';
import { sourceOf } from './ref.ts';
import type { Arguments, RefOf, Resolved, Untyped } from './ref.ts';
import type { StatesBody } from './states.ts';

export type Condition = RefOf<boolean>;

/** A handler, or its name where TypeScript does not know it: `core/fail`, with a version range `core/fail@^1`. */
export type Callee<I, O> = TypedHandler<I, O> | string;

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
  readonly breaker?: { readonly failures: number; readonly cooldown: string };
}

/** `Limits` are the names of the flow's pools. A schema in `returns` that carries a type gives it to the step. */
export interface Policies<Limits extends string, Contract = undefined> {
  readonly doc?: string;
  readonly timeout?: string;
  readonly retry?: RetryOptions | readonly RetryOptions[];
  readonly limit?: Limits | PoolOptions;
  /** A name in `schemas`, JSON Schema, or a schema of a library. */
  readonly returns?: Contract;
}

export interface CallOptions {
  /** The versions of the handler that will do: `^2`. */
  readonly version?: string;
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
  readonly in?: unknown;
  readonly as?: string;
  readonly key?: (item: never) => unknown;
  readonly workers?: unknown;
  readonly batch?: unknown;
  readonly tolerate?: unknown;
  readonly catch?: unknown;
  readonly max?: number;
  readonly next?: unknown;
}

/** Keys of a step whose value is written already; those that are undefined are left out. */
export interface Written {
  readonly body: JsonObject;
  readonly each?: Json;
  readonly catch?: Json | undefined;
  readonly next?: Json | undefined;
}

/** A step's keys, in the order in which definitions are read best. */
export function stepOf(options: AnyOptions, { body, each, catch: caught, next }: Written): JsonObject {
  const { doc, needs, max, returns, timeout, retry, limit } = options;
  return {
    ...plainRecord({ doc, needs: needs?.map(nameOf), max, if: options.if }, 'the step'),
    ...(each === undefined ? {} : { each }),
    ...body,
    ...plainRecord({ returns: returns === undefined ? undefined : jsonSchemaOf(returns), timeout, retry, limit }, 'the step'),
    ...(caught === undefined ? {} : { catch: caught }),
    ...(next === undefined ? {} : { next }),
  };
}

/** The keys of a call. */
export function callOf(callee: Callee<never, unknown>, { version, with: given }: AnyOptions): JsonObject {
  const name = typeof callee === 'string' ? callee : callee.name;
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
