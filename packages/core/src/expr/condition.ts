/**
 * What must be true or false. As in CEL, a failure does not matter where the rest decides: `a && false` is false and
 * `a || true` is true whatever becomes of `a`, and one element decides `all` or `exists` over the failures of others.
 * Where nothing decides, the first failure stands. Failures that bound the work are never dropped.
 */

import type { Ast } from './ast.ts';
import { textOf } from './ast.ts';
import { ExprFailure } from './failure.ts';
import type { Run, Scope } from './scope.ts';
import { charge, fail, kindOf } from './scope.ts';
import type { Value } from './value.ts';

/** Raising and dropping a failure takes about as long as this many units of other work. */
const DROPPED_FUEL = 20;

const bounds: ReadonlySet<string> = new Set(['out_of_fuel', 'too_large']);

export interface Side {
  readonly ast: Ast;
  readonly run: Run;
}

export function condition(scope: Scope, value: Value, ast: Ast, what: string): boolean {
  if (typeof value === 'boolean') return value;
  const text = textOf(scope.source, ast);
  if (value === null) fail(scope, ast, 'null_value', `${text} is null; ${what} is bool — use (${text} ?? false)`);
  return fail(scope, ast, 'not_a_bool', `${what} is bool, and ${text} is ${kindOf(value)}`);
}

/** `&&` where false decides, `||` where true does. */
export function logicOf(decisive: boolean, left: Side, right: Side): Run {
  const what = `a side of '${decisive ? '||' : '&&'}'`;
  const runLeft = left.run;
  const runRight = right.run;
  return (scope) => {
    try {
      if (condition(scope, runLeft(scope), left.ast, what) === decisive) return decisive;
    } catch (failure) {
      return rescued(scope, droppable(scope, failure), decisive, runRight);
    }
    return condition(scope, runRight(scope), right.ast, what);
  };
}

/** `all` where false decides, `exists` where true does. */
export function quantified(scope: Scope, items: readonly Value[], decisive: boolean, holds: (item: Value) => boolean): boolean {
  let first: ExprFailure | null = null;
  for (const item of items) {
    try {
      if (holds(item) === decisive) return decisive;
    } catch (failure) {
      const dropped = droppable(scope, failure);
      first ??= dropped;
    }
  }
  if (first !== null) throw first;
  return !decisive;
}

/** The value of the right side if it decides; else the failure of the left one stands, whatever the right one does. */
function rescued(scope: Scope, failure: ExprFailure, decisive: boolean, right: Run): boolean {
  let value: Value;
  try {
    value = right(scope);
  } catch (other) {
    droppable(scope, other);
    throw failure;
  }
  if (value !== decisive) throw failure;
  return decisive;
}

function droppable(scope: Scope, failure: unknown): ExprFailure {
  if (!(failure instanceof ExprFailure) || bounds.has(failure.code)) throw failure;
  charge(scope, DROPPED_FUEL);
  return failure;
}
