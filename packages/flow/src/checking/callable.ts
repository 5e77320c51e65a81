/** What may be known of what a step calls: a handler, or a flow. */

import type { JsonObject, Loan, Schema } from '@scriptorium/core';

/** What the compiler must know of a handler; a `Handler` fits. */
export interface Callable {
  readonly name: string;
  readonly version: string;
  readonly doc?: string;
  readonly input: Schema;
  readonly output: Schema;
  readonly effects: 'none' | 'read' | 'write';
  /** The codes that it may raise beside the common ones. */
  readonly errors: readonly string[] | { readonly [code: string]: string };
  /** Whether a second call with the same idempotency key has no second effect. */
  readonly idempotent?: boolean;
  /** The flows that do parts of its work. */
  readonly flows?: readonly { readonly name: string }[];
  /** What a step lends it; see `Handler`. */
  readonly lends?: (given: JsonObject) => Loan;
  /** There where calls cost something; what they cost is only known in a run. */
  readonly cost?: (input: never, about: never) => unknown;
}

/** What a call may do outside of the run, and the codes that it may fail with. */
export type Deeds = Required<Pick<Callable, 'effects' | 'errors' | 'idempotent'>>;

/** The code of whatever may go wrong. */
export const anyError = '*';

/** Where it may do anything, or some of it is not known. */
export const unknownDeeds: Deeds = { effects: 'none', errors: [anyError], idempotent: false };
