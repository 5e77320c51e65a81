/**
 * The operators on values. There is one kind of number, so `/` never cuts off: 7 / 2 is 3.5, and int(7 / 2) is 3; the
 * sign of `%` is that of its left side. Results that no JSON number can hold are failures.
 */

import type { BinaryOp, Span } from './ast.ts';
import { equal } from './equality.ts';
import type { Scope } from './scope.ts';
import { charge, chargeText, fail, isObject, itemsOf, kindOf } from './scope.ts';
import { Collection } from './value.ts';
import type { Value } from './value.ts';

/** What the sides of an operator may be, for messages. */
export const operands: { readonly [op in BinaryOp | '&&' | '||' | '!']: string } = {
  '*': 'num',
  '/': 'num',
  '%': 'num',
  '-': 'num',
  '+': 'num|str|list',
  '<': 'num|str|bool',
  '<=': 'num|str|bool',
  '>': 'num|str|bool',
  '>=': 'num|str|bool',
  '==': 'any',
  '!=': 'any',
  in: 'list|obj',
  '&&': 'bool',
  '||': 'bool',
  '!': 'bool',
};

export function binary(scope: Scope, op: BinaryOp, a: Value, b: Value, at: Span): Value {
  scope.at = at;
  switch (op) {
    case '==':
      return equal(scope, a, b);
    case '!=':
      return !equal(scope, a, b);
    case 'in':
      return isIn(scope, a, b, at);
    case '+':
      return plus(scope, a, b, at);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(scope, op, a, b, at);
    default:
      return arithmetic(scope, op, a, b, at);
  }
}

/** The failure of an operator that has nothing to do with what it was given. */
export function misapplied(scope: Scope, op: keyof typeof operands, at: Span, ...sides: readonly Value[]): never {
  const kinds = sides.map(kindOf);
  if (kinds.includes('null'))
    fail(scope, at, 'null_value', `'${op}' is for ${operands[op]}, and was given null — give a default: (… ?? default)`);
  return fail(
    scope,
    at,
    'no_overload',
    `'${op}' is for ${operands[op]}${kinds.length > 1 ? ', both sides alike' : ''}; it was given ${kinds.join(' and ')}`,
  );
}

function plus(scope: Scope, a: Value, b: Value, at: Span): Value {
  if (typeof a === 'number' && typeof b === 'number') return finite(scope, a + b, at);
  if (typeof a === 'string' && typeof b === 'string') {
    chargeText(scope, a.length + b.length);
    return a + b;
  }
  if (isList(a) && isList(b)) {
    const [left, right] = [itemsOf(scope, a), itemsOf(scope, b)];
    charge(scope, 1 + left.length + right.length);
    return left.concat(right);
  }
  return misapplied(scope, '+', at, a, b);
}

function arithmetic(scope: Scope, op: '*' | '/' | '%' | '-', a: Value, b: Value, at: Span): number {
  if (typeof a !== 'number' || typeof b !== 'number') return misapplied(scope, op, at, a, b);
  if (b === 0 && (op === '/' || op === '%')) fail(scope, at, 'divide_by_zero', `'${op}' by 0`);
  return finite(scope, op === '*' ? a * b : op === '/' ? a / b : op === '%' ? a % b : a - b, at);
}

/** Adding 0 turns -0 into 0: JSON has no sign for it. */
function finite(scope: Scope, value: number, at: Span): number {
  return Number.isFinite(value) ? value + 0 : fail(scope, at, 'overflow', 'the result is too large for a number');
}

function compare(scope: Scope, op: '<' | '<=' | '>' | '>=', a: Value, b: Value, at: Span): boolean {
  const alike = typeof a === typeof b && (typeof a === 'number' || typeof a === 'string' || typeof a === 'boolean');
  if (!alike) return misapplied(scope, op, at, a, b);
  if (typeof a === 'string') charge(scope, Math.min(a.length, (b as string).length) >> 8);
  return op === '<' ? a < b! : op === '<=' ? a <= b! : op === '>' ? a > b! : a >= b!;
}

function isIn(scope: Scope, value: Value, container: Value, at: Span): boolean {
  if (isList(container)) {
    const items = itemsOf(scope, container);
    charge(scope, items.length >> 2);
    return items.some((item) => equal(scope, item, value));
  }
  if (!isObject(container)) return misapplied(scope, 'in', at, container);
  if (typeof value !== 'string') return fail(scope, at, 'no_overload', `keys of an object are str, not ${kindOf(value)}`);
  return Object.hasOwn(container, value);
}

function isList(value: Value): value is readonly Value[] | Collection {
  return Array.isArray(value) || value instanceof Collection;
}
