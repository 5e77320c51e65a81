/** How the engine checks values against schemas; the library behind it is the composition root's choice. */

import type { Carried, Json, Schema, Values } from '@scriptorium/core';

export interface Contracts {
  /** A check that lists everything wrong with a value, with JSON pointers; none when it fits. Throws on a broken schema. */
  readonly compile: (schema: Schema) => (value: Json) => readonly { readonly path: string; readonly message: string }[];
}

/** Whether an output that is kept fits a contract; collections are taken as they are. */
export function contractsFit(contracts: Contracts, values: Values): (returns: Schema, output: Carried) => boolean {
  return (returns, output) => {
    if (returns === true || output.collections === true) return true;
    return contracts.compile(returns)('v' in output ? output.v : (values.read(output.ref) as Json)).length === 0;
  };
}
