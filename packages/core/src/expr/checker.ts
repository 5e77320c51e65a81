/** What the parts of the checker share: what it was given, and what it has found so far. */

import type { Ast, Span } from './ast.ts';
import { textOf } from './ast.ts';
import type { ExprIssue } from './failure.ts';
import type { Type } from './type.ts';
import { isNullable, withoutNull } from './type.ts';

export interface Checker {
  readonly source: string;
  readonly names: { readonly [name: string]: Type };
  readonly reads: Set<string>;
  /** Null while a type is looked up again, for a condition. */
  issues: ExprIssue[] | null;
  /** Whether a `?.` of the chain at hand may meet null. */
  broken: boolean;
}

export function report(checker: Checker, code: string, at: Span, message: string, suggestion: string | null = null): void {
  checker.issues?.push({ code, message, from: at.from, to: at.to, ...(suggestion === null ? {} : { suggestion }) });
}

/** The type without null; that it may be null is reported, as what `usage` does not take. */
export function present(checker: Checker, ast: Ast, type: Type, usage: string, fallback = 'default'): Type {
  if (!isNullable(type)) return type;
  const text = textOf(checker.source, ast);
  const bare = withoutNull(type);
  report(checker, 'maybe_null', ast, `${text} ${bare.k === 'never' ? 'is' : 'may be'} null; ${usage} — use (${text} ?? ${fallback})`);
  return bare;
}
