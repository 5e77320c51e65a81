/** The shape of a function's entry in the table that the checker and the evaluator both read. */

import { assignable } from './assignment.ts';
import type { Scope } from './scope.ts';
import { charge, kindOf } from './scope.ts';
import { showType } from './type-text.ts';
import type { Type } from './type.ts';
import { membersOf } from './type.ts';
import type { Value } from './value.ts';

export interface Overload {
  readonly params: readonly Type[];
  /** How many of the last parameters may be left out. */
  readonly optional: number;
  readonly result: (args: readonly Type[]) => Type;
  /** Called with arguments that the parameters accept. */
  readonly run: (scope: Scope, ...args: never[]) => Value;
}

export interface ExprFunction {
  readonly doc: string;
  readonly overloads: readonly Overload[];
}

export function overload(
  params: readonly Type[],
  result: Type | ((args: readonly Type[]) => Type),
  run: Overload['run'],
  optional = 0,
): Overload {
  return { params, optional, result: typeof result === 'function' ? result : () => result, run };
}

/** Whether as many arguments may be given. */
export function takes(entry: Overload, count: number): boolean {
  return count <= entry.params.length && count >= entry.params.length - entry.optional;
}

/** Collections serve wherever lists do. */
export function acceptsType(param: Type, type: Type): boolean {
  if (param.k === 'list' && type.k === 'collection') return assignable(type.of, param.of) === null;
  return assignable(type, param) === null;
}

/** The same for values; lists are looked into where their elements matter. */
export function acceptsValue(scope: Scope, param: Type, value: Value): boolean {
  if (param.k === 'any') return true;
  const kind = kindOf(value);
  return membersOf(param).some((member) => {
    if (member.k !== 'list' || kind !== 'list' || member.of.k === 'any') {
      const whole = member.k !== 'num' || member.int !== true || Number.isInteger(value);
      return whole && (member.k === kind || (member.k === 'list' && kind === 'collection'));
    }
    const items = value as readonly Value[];
    charge(scope, items.length >> 3);
    return items.every((item) => acceptsValue(scope, member.of, item));
  });
}

/** `str|list|obj`: what the first parameter may be. */
export function receiversOf(entry: ExprFunction): string {
  const kinds = entry.overloads.map(({ params }) => (params[0]!.k === 'collection' ? '' : showType(params[0]!).replace('<any>', '')));
  return [...new Set(kinds.filter((kind) => kind !== ''))].join('|');
}

/** `(str, str) or (list, any)`. */
export function signaturesOf(entry: ExprFunction): string {
  const signatures = entry.overloads
    .filter(({ params }) => params[0]!.k !== 'collection')
    .map(
      ({ params, optional }) =>
        `(${params.map((param, index) => showType(param).replace('<any>', '') + (index >= params.length - optional ? '?' : '')).join(', ')})`,
    );
  return signatures.join(' or ');
}
