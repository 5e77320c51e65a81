/** Types of `a + b`, `a < b`, `a == b`, `a in b` and `-a`. */

import type { Ast, BinaryAst } from './ast.ts';
import { textOf } from './ast.ts';
import type { Checker } from './checker.ts';
import { present, report } from './checker.ts';
import { joinTypes, overlaps } from './join.ts';
import { operands } from './operators.ts';
import { closest, didYouMean } from './suggestion.ts';
import { showType } from './type-text.ts';
import type { Type } from './type.ts';
import { any, bool, int, isWhole, listOf, membersOf, num, str, withoutNull } from './type.ts';

export function binaryType(checker: Checker, ast: BinaryAst, left: Type, right: Type): Type {
  switch (ast.op) {
    case '==':
    case '!=':
      equality(checker, ast, left, right);
      return bool;
    case 'in':
      membership(checker, ast, left, right);
      return bool;
    case '<':
    case '<=':
    case '>':
    case '>=':
      ordered(checker, ast, side(checker, ast, ast.left, left), side(checker, ast, ast.right, right));
      return bool;
    case '+':
      return sumType(checker, ast, side(checker, ast, ast.left, left), side(checker, ast, ast.right, right));
    default:
      return arithmetic(checker, ast, side(checker, ast, ast.left, left), side(checker, ast, ast.right, right));
  }
}

export function negativeType(checker: Checker, of: Ast, type: Type): Type {
  const bare = present(checker, of, type, "'-' is for num");
  if (isUnknown(bare)) return num;
  if (bare.k !== 'num') report(checker, 'no_overload', of, `'-' is for num, and ${textOf(checker.source, of)} is ${showType(bare)}`);
  return isWhole(bare) ? int : num;
}

function side(checker: Checker, ast: BinaryAst, of: Ast, type: Type): Type {
  return present(checker, of, type, `'${ast.op}' is for ${operands[ast.op]}`);
}

function isUnknown(type: Type): boolean {
  return type.k === 'any' || type.k === 'never';
}

function refuse(checker: Checker, ast: BinaryAst, left: Type, right: Type): void {
  const mixed =
    ast.op === '+' && [left, right].some((type) => type.k === 'str') ? ' — use string(…) or json(…) to make text of the other side' : '';
  const alike = operands[ast.op].includes('|') ? ', both sides alike' : '';
  report(
    checker,
    'no_overload',
    ast,
    `'${ast.op}' is for ${operands[ast.op]}${alike}; here it has ${showType(left)} and ${showType(right)}${mixed}`,
  );
}

function arithmetic(checker: Checker, ast: BinaryAst, left: Type, right: Type): Type {
  const numbers = [left, right].every((type) => isUnknown(type) || type.k === 'num');
  if (!numbers) refuse(checker, ast, left, right);
  return ast.op !== '/' && isWhole(left) && isWhole(right) ? int : num;
}

function sumType(checker: Checker, ast: BinaryAst, left: Type, right: Type): Type {
  if (isUnknown(left) && isUnknown(right)) return any;
  const sides = [left, right].filter((type) => !isUnknown(type));
  if (sides.every((type) => type.k === 'num')) return sides.length === 2 && sides.every(isWhole) ? int : num;
  if (sides.every((type) => type.k === 'str')) return str;
  if (sides.every((type) => membersOf(type).every((member) => member.k === 'list' || member.k === 'collection'))) {
    const elements = sides.flatMap(membersOf).map((member) => (member as { of: Type }).of);
    return listOf(sides.length === 2 ? joinTypes(...elements) : any);
  }
  refuse(checker, ast, left, right);
  return any;
}

function ordered(checker: Checker, ast: BinaryAst, left: Type, right: Type): void {
  const kinds = new Set([left, right].filter((type) => !isUnknown(type)).map((type) => type.k));
  const [kind] = kinds;
  const fine = kinds.size === 0 || (kinds.size === 1 && (kind === 'num' || kind === 'str' || kind === 'bool'));
  if (!fine) refuse(checker, ast, left, right);
}

function equality(checker: Checker, ast: BinaryAst, left: Type, right: Type): void {
  if (left.k === 'null' || right.k === 'null' || left.k === 'never' || right.k === 'never' || overlaps(left, right)) return;
  if (strayLiteral(checker, ast.left, right) || strayLiteral(checker, ast.right, left)) return;
  const [a, b] = [textOf(checker.source, ast.left), textOf(checker.source, ast.right)];
  report(checker, 'never_equal', ast, `${a} is ${showType(left)} and ${b} is ${showType(right)}: they are never equal`);
}

/** A literal text that is compared with a choice of texts which it is not one of. */
function strayLiteral(checker: Checker, ast: Ast, choices: Type): boolean {
  const bare = withoutNull(choices);
  if (ast.k !== 'literal' || typeof ast.value !== 'string' || bare.k !== 'str' || bare.of === undefined || bare.of.includes(ast.value))
    return false;
  const suggestion = closest(ast.value, bare.of);
  report(
    checker,
    'never_equal',
    ast,
    `${JSON.stringify(ast.value)} is not one of ${showType(bare)}${didYouMean(suggestion, '"')}`,
    suggestion === null ? null : JSON.stringify(suggestion),
  );
  return true;
}

function membership(checker: Checker, ast: BinaryAst, left: Type, right: Type): void {
  const container = present(checker, ast.right, right, "'in' is for list|obj", '[]');
  for (const member of membersOf(container)) {
    if (member.k === 'any') continue;
    if (member.k === 'list' || member.k === 'collection') elementIn(checker, ast, left, member.of);
    else if (member.k === 'obj') keyIn(checker, ast, left);
    else {
      const hint = member.k === 'str' ? ` — use ${textOf(checker.source, ast.right)}.contains(${textOf(checker.source, ast.left)})` : '';
      report(
        checker,
        'no_overload',
        ast.right,
        `'in' is for list|obj, and ${textOf(checker.source, ast.right)} is ${showType(member)}${hint}`,
      );
    }
  }
}

function elementIn(checker: Checker, ast: BinaryAst, left: Type, element: Type): void {
  const items = ast.right.k === 'list' ? ast.right.items : [];
  const stray = items.filter((item) => strayLiteral(checker, item, left));
  if (
    stray.length > 0 ||
    element.k === 'never' ||
    left.k === 'never' ||
    overlaps(left, element) ||
    strayLiteral(checker, ast.left, element)
  )
    return;
  report(
    checker,
    'never_equal',
    ast,
    `${textOf(checker.source, ast.left)} is ${showType(left)} and the elements are ${showType(element)}: they are never equal`,
  );
}

function keyIn(checker: Checker, ast: BinaryAst, key: Type): void {
  const bare = present(checker, ast.left, key, 'keys of an object are str');
  if (!isUnknown(bare) && bare.k !== 'str') report(checker, 'no_overload', ast.left, `keys of an object are str, not ${showType(bare)}`);
}
