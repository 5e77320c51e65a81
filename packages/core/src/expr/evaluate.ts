/** Evaluates expressions. Compiled once; what was used lately is kept. */

import { parse } from './parse.ts';
import { programOf } from './program.ts';
import type { Run } from './scope.ts';
import type { Value } from './value.ts';

/** Units of work an evaluation may do: a round of a macro, an element made, 32 characters written. */
export const DEFAULT_FUEL = 100_000;

/** Two generations of as many programs each: what is used again moves to the younger one. */
const GENERATION = 2048;

let young = new Map<string, Run>();
let old = new Map<string, Run>();

const nowhere = { from: 0, to: 0 };

/**
 * The value of an expression. `names` answers for each name at the root, undefined where there is no such name; what it
 * throws passes through. Raises {@link ExprFailure} for everything that the expression or its data do wrong.
 */
export function evaluate(source: string, names: (name: string) => Value | undefined, options?: { readonly fuel?: number }): Value {
  const fuel = options?.fuel ?? DEFAULT_FUEL;
  const run = young.get(source) ?? compiled(source);
  return run({ source, names, slots: [], fuel, tank: fuel, loaded: null, at: nowhere });
}

function compiled(source: string): Run {
  const run = old.get(source) ?? programOf(parse(source));
  if (young.size >= GENERATION) {
    old = young;
    young = new Map();
  }
  young.set(source, run);
  return run;
}
