/** A built flow, as the steps of others see it. */

import type { JsonObject } from '@scriptorium/core';
import type { Untyped } from './ref.ts';

declare const signature: unique symbol;

/**
 * A definition as a plain object: what its YAML says, and what `compileFlow` and `printFlow` take. Another flow can call
 * it, with inputs `I` for the output `O`.
 */
export type Definition<I = Untyped, O = Untyped> = JsonObject & {
  /** Never there: it holds the types. */
  readonly [signature]?: (input: I) => O;
};
