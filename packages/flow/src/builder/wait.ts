/** What a step waits for. */

import type { Accepted } from './contract.ts';
import type { Condition, Whole } from './options.ts';
import type { Given, Ref, Untyped } from './ref.ts';

/** A while such as `5m`, or an instant. */
export type Time = string | { readonly for: Given<string> } | { readonly until: Given<string> };

/** `A` is the contract of the answer: a name in `schemas`, JSON Schema, or a schema of a library. */
export interface EventWait<A> {
  readonly event: string;
  /** Which of the signals of that name it is. */
  readonly match?: (event: Ref<Answer<A>>) => Condition;
  /** The question that people are asked. */
  readonly ask?: Given<string>;
  /** The roles that may answer it. */
  readonly to?: Given<readonly string[]>;
  readonly answer?: A;
}

export type Answer<A> = [A] extends [undefined] ? Untyped : A extends string ? Untyped : Accepted<A>;

export interface WaitOptions {
  readonly doc?: string;
  readonly timeout?: string;
}

/** What a flow that was started and not waited for is known by. */
export interface Started {
  readonly run: string;
}

export type StartOptions<Q> = Whole<Q> & {
  readonly doc?: string;
  /** The versions of the flow that will do: `^2`. */
  readonly version?: string;
};
