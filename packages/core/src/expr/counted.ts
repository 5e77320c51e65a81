/** Which names an expression does more with than count them: anything but `name.size()` or `size(name)`. */

import { unreachable } from '../errors.ts';
import type { Ast, Span } from './ast.ts';
import { ExprFailure } from './failure.ts';
import { parse } from './parse.ts';

export interface Uncounted extends Span {
  readonly name: string;
}

/** The places where one of `names` is read otherwise, in order; none where the expression has a mistake of its own. */
export function uncounted(source: string, names: readonly string[]): readonly Uncounted[] {
  try {
    return usesIn(parse(source), new Set(names));
  } catch (error) {
    if (error instanceof ExprFailure) return [];
    throw error;
  }
}

function usesIn(ast: Ast, names: ReadonlySet<string>): readonly Uncounted[] {
  if (ast.k === 'name') return names.has(ast.name) ? [{ name: ast.name, from: ast.from, to: ast.to }] : [];
  const [only] = ast.k === 'call' && ast.name === 'size' && ast.args.length === 1 ? ast.args : [];
  if (only?.k === 'name') return [];
  return partsOf(ast).flatMap((part) => usesIn(part, names));
}

function partsOf(ast: Exclude<Ast, { readonly k: 'name' }>): readonly Ast[] {
  switch (ast.k) {
    case 'literal':
      return [];
    case 'field':
    case 'has':
    case 'chain':
    case 'unary':
      return [ast.of];
    case 'index':
      return [ast.of, ast.index];
    case 'call':
      return ast.args;
    case 'macro':
      return [ast.of, ...(ast.when === null ? [] : [ast.when]), ast.body];
    case 'binary':
    case 'logic':
      return [ast.left, ast.right];
    case 'choice':
      return [ast.test, ast.then, ast.otherwise];
    case 'list':
      return ast.items;
    case 'map':
      return ast.entries.flatMap(({ key, value }) => [key, value]);
    default:
      return unreachable(ast);
  }
}
