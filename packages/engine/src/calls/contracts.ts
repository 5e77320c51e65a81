/** How the engine checks values against schemas; the library behind it is the composition root's choice. */

import { jsonOf } from '@scriptorium/core';
import type { Carried, Json, Schema, Values } from '@scriptorium/core';

export interface Contracts {
  /** A check that lists everything wrong with a value, with JSON pointers; none when it fits. Throws on a broken schema. */
  readonly compile: (schema: Schema) => (value: Json) => readonly { readonly path: string; readonly message: string }[];
}

/** What is wrong with a value that somebody gave. */
export function misfitText(issues: ReturnType<ReturnType<Contracts['compile']>>): string {
  return issues.map(({ path, message }) => `${path === '' ? 'it' : path} ${message}`).join('; ');
}

/** Whether an output that is kept fits a contract; collections are taken as they are. */
export function contractsFit(contracts: Contracts, values: Values): (returns: Schema, output: Carried) => boolean {
  return (returns, output) => {
    if (returns === true || output.collections === true) return true;
    return contracts.compile(returns)(jsonOf(output, values)).length === 0;
  };
}
