/** Checks one expression where it stands. */

import { any, assignable, bool, checkExpr, membersOf } from '@scriptorium/core';
import type { Expr, Narrowed, Type } from '@scriptorium/core';
import { namesWith } from './checking.ts';
import type { Checking, Where } from './checking.ts';
import type { ScalarPiece } from '../reading/piece.ts';
import { spanIn, textOf } from '../reading/text.ts';
import type { ExpressionPart } from '../reading/text.ts';

export interface CheckedExpression {
  readonly expr: Expr;
  readonly type: Type;
  /** What is known of names where it is true. */
  readonly whenTrue: Narrowed;
  readonly whenFalse: Narrowed;
}

export function checkExpression(piece: ScalarPiece, part: ExpressionPart, where: Where, checking: Checking): CheckedExpression {
  const { type, reads, issues, whenTrue, whenFalse } = checkExpr(part.source, where.names);
  const isMisread = checking.misnamed.some((name) => part.source.includes(name));
  for (const { code, message, from, to, suggestion } of isMisread ? [] : issues) {
    const span = spanIn(piece, part.from + from, part.from + to);
    const name = part.source.slice(from, to);
    const fix = code === 'no_such_name' && suggestion === undefined ? elsewhere(name, checking) : undefined;
    checking.findings.add({ code, message, span, path: where.path, suggestion, fix });
  }
  const expr: Expr = { $: part.source, reads: [...reads].sort() };
  if (issues.length === 0) {
    return { expr, type, whenTrue, whenFalse };
  }
  const unknown = unknownNames(expr, where);
  return { expr, type: any, whenTrue: unknown, whenFalse: unknown };
}

/** Where something is wrong with an expression, what it reads may be anything: nothing follows from the mistake. */
function unknownNames({ reads }: Expr, where: Where): Narrowed {
  return Object.fromEntries(reads.filter((name) => Object.hasOwn(where.names, name)).map((name) => [name, any]));
}

/** A name that is seen in other places only: says where, and how its value gets out. */
function elsewhere(name: string, { scopesOf }: Checking): string | undefined {
  if (name === 'error') {
    return '`error` is there only inside `catch`';
  }
  if (name === 'event') {
    return '`event` is there only inside the `match` of a `wait`; what it carried is the output of the step';
  }
  if (name === 'prev' || name === 'visits') {
    return `\`${name}\` is there only inside a state`;
  }
  if (name === 'item' || name === 'index') {
    return `\`${name}\` is there only inside an \`each\`; \`if\`, \`needs\` and \`each\` itself speak about the whole`;
  }
  const scope = scopesOf.get(name)?.[0];
  if (scope === undefined || scope === '') {
    return undefined;
  }
  return `'${name}' is a step inside '${scope}', and only its neighbours see it: give its value out in the \`output\` of '${scope}'`;
}

/** A scalar that must be one expression, such as `if`; undefined when it is something else. */
export function checkWhole(piece: ScalarPiece, what: string, where: Where, checking: Checking): CheckedExpression | undefined {
  const text = textOf(piece);
  if (reportUnclosed(piece, where, checking)) {
    return undefined;
  }
  if (text?.whole === undefined) {
    const bare = piece.value !== null && (text?.expressions.length ?? 0) === 0 ? String(piece.value).trim() : '…';
    checking.findings.add({
      code: 'not_an_expression',
      message: `${what} must be one expression`,
      span: piece.span,
      path: where.path,
      fix: `write \${ ${bare} }`,
    });
    return undefined;
  }
  return checkExpression(piece, text.whole, where, checking);
}

export function checkCondition(piece: ScalarPiece, what: string, where: Where, checking: Checking): Expr | undefined {
  return checkGuard(piece, what, where, checking).condition;
}

/** A condition, with what is seen where it holds and where it does not. */
export interface Guard {
  readonly condition: Expr | undefined;
  readonly then: Where;
  readonly otherwise: Where;
}

export function checkGuard(piece: ScalarPiece | undefined, what: string, where: Where, checking: Checking): Guard {
  const checked = piece === undefined ? undefined : checkWhole(piece, what, where, checking);
  if (piece === undefined || checked === undefined) {
    return { condition: undefined, then: where, otherwise: where };
  }
  const { expr: condition, whenTrue, whenFalse } = checked;
  const seen = (narrowed: Narrowed): Where => ({ ...where, names: namesWith(where.names, narrowed) });
  if (!expectType(piece, checked.type, bool, what, where, checking)) {
    const unknown = seen(unknownNames(condition, where));
    return { condition, then: unknown, otherwise: unknown };
  }
  return { condition, then: seen(whenTrue), otherwise: seen(whenFalse) };
}

/** Tells when a value of `type` does not fit; whether it does. */
export function expectType(piece: ScalarPiece, type: Type, expected: Type, what: string, where: Where, checking: Checking): boolean {
  const mismatch = assignable(type, expected);
  if (mismatch !== null) {
    const inner = mismatch.path === '' ? what : `${what}: ${mismatch.path}`;
    checking.findings.add({
      code: mayOnlyBeNull(type, expected) ? 'maybe_null' : 'wrong_type',
      message: `${inner} ${mismatch.message}`,
      span: textSpan(piece),
      path: where.path,
    });
  }
  return mismatch === null;
}

/** Whether null is all that keeps `type` from fitting. */
export function mayOnlyBeNull(type: Type, expected: Type): boolean {
  const members = membersOf(type);
  const others = members.filter(({ k }) => k !== 'null');
  return others.length > 0 && others.length < members.length && others.every((member) => assignable(member, expected) === null);
}

/** Tells of a `${` without its brace; whether there is one. */
export function reportUnclosed(piece: ScalarPiece, where: Where, checking: Checking): boolean {
  const unclosed = textOf(piece)?.parsed.unclosed;
  if (unclosed === undefined) {
    return false;
  }
  const comment = piece.style === 'plain' ? '; ` #` begins a comment in YAML: put quotes around the expression' : '';
  checking.findings.add({
    code: 'unclosed_expression',
    message: 'this `${` has no closing brace',
    span: spanIn(piece, unclosed, unclosed + 2),
    path: where.path,
    fix: `close it with }, or write $\${ for the two characters themselves${comment}`,
  });
  return true;
}

/** The whole expression with its braces, or the scalar. */
export function textSpan(piece: ScalarPiece): ScalarPiece['span'] {
  const text = textOf(piece);
  return text?.whole === undefined ? piece.span : spanIn(piece, text.whole.from, text.whole.to);
}
