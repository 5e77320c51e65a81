/** Types of calls and of what macros go through. */

import type { CallAst, MacroAst } from './ast.ts';
import { macroNames, textOf } from './ast.ts';
import type { Checker } from './checker.ts';
import { present, report } from './checker.ts';
import { functionOf, functions } from './functions.ts';
import { joinTypes } from './join.ts';
import type { Overload } from './overload.ts';
import { acceptsType, receiversOf, signaturesOf, takes } from './overload.ts';
import { closest, didYouMean } from './suggestion.ts';
import { showType } from './type-text.ts';
import type { Type } from './type.ts';
import { any, bool, isNullable, listOf, membersOf, never, nullType, str, withoutNull } from './type.ts';

export function callType(checker: Checker, ast: CallAst, given: readonly Type[]): Type {
  const entry = functionOf(ast.name);
  if (entry === null) return unknownFunction(checker, ast, given[0]);
  const args = given.map((type, at) => (at === 0 && ast.optional ? optionalReceiver(checker, type) : type));
  const candidates = entry.overloads.filter((candidate) => takes(candidate, args.length));
  if (args.length === 0 || candidates.length === 0) {
    report(
      checker,
      'no_overload',
      ast.nameAt,
      `${ast.name} takes ${signaturesOf(entry)}, not ${args.length} argument${args.length === 1 ? '' : 's'}`,
    );
    return any;
  }
  const whole = resolved(candidates, args);
  if (whole !== null) return whole.type;
  const shown = ast.method ? `.${ast.name}()` : `${ast.name}()`;
  const bare = resolved(candidates, args.map(withoutNull));
  if (bare === null) {
    report(
      checker,
      'no_overload',
      ast.nameAt,
      `${shown} takes ${signaturesOf(entry)}; here it has (${args.map((type) => showType(type)).join(', ')})`,
    );
    return any;
  }
  for (const [at, type] of args.entries()) {
    const usage = at === 0 ? `${shown} is for ${receiversOf(entry)}` : `${shown} takes ${signaturesOf(entry)}`;
    if (!acceptsType(bare.params[at]!, nullType)) present(checker, ast.args[at]!, type, usage);
  }
  return bare.type;
}

/** The result for every kind that the receiver may be, null if there is one that no overload takes. */
function resolved(
  candidates: readonly Overload[],
  args: readonly Type[],
): { readonly type: Type; readonly params: readonly Type[] } | null {
  const receivers = args[0]!.k === 'never' ? [never] : membersOf(args[0]!);
  const results: Type[] = [];
  let params: readonly Type[] = [];
  for (const receiver of receivers) {
    const all = [receiver, ...args.slice(1)];
    const fitting = candidates.filter((candidate) => all.every((type, at) => acceptsType(candidate.params[at]!, type)));
    const [first] = fitting;
    if (first === undefined) return null;
    params = first.params;
    const decided = all.some((type) => type.k === 'any') ? fitting : [first];
    results.push(...decided.map((candidate) => candidate.result(all)));
  }
  return { type: joinTypes(...results), params };
}

/** The type of a macro's variable. */
export function variableType(checker: Checker, ast: MacroAst, range: Type): Type {
  const usage = `.${ast.name}() is for list|obj`;
  const bare = ast.optional ? optionalReceiver(checker, range) : present(checker, ast.of, range, usage, '[]');
  const types = membersOf(bare).map((member): Type => {
    if (member.k === 'any') return any;
    if (member.k === 'list' || member.k === 'collection') return member.of;
    if (member.k === 'obj') return str;
    report(checker, 'no_overload', ast.nameAt, `${usage}, and ${textOf(checker.source, ast.of)} is ${showType(member)}`);
    return any;
  });
  return joinTypes(...types);
}

/** `kept` is the type of the elements for which the condition of a filter holds. */
export function macroType(ast: MacroAst, kept: Type, body: Type): Type {
  return ast.name === 'map' ? listOf(body) : ast.name === 'filter' ? listOf(kept) : bool;
}

function optionalReceiver(checker: Checker, type: Type): Type {
  if (isNullable(type)) checker.broken = true;
  return withoutNull(type);
}

function unknownFunction(checker: Checker, ast: CallAst, receiver: Type | undefined): Type {
  const owner = receiver === undefined ? never : withoutNull(receiver);
  if (ast.method && owner.k === 'obj' && Object.hasOwn(owner.fields, ast.name)) {
    report(
      checker,
      'no_such_function',
      ast.nameAt,
      `'${ast.name}' is a field, not a function — use ${textOf(checker.source, ast.args[0]!)}.${ast.name}`,
    );
    return any;
  }
  const suggestion = foreignNames.get(ast.name) ?? closest(ast.name, [...Object.keys(functions), ...macroNames]);
  report(checker, 'no_such_function', ast.nameAt, `there is no function '${ast.name}'${didYouMean(suggestion)}`, suggestion);
  return any;
}

/** What other languages call functions of ours. */
const foreignNames: ReadonlyMap<string, string> = new Map([
  ['length', 'size'],
  ['len', 'size'],
  ['count', 'size'],
  ['includes', 'contains'],
  ['has_key', 'contains'],
  ['toLowerCase', 'lower'],
  ['lowerAscii', 'lower'],
  ['toUpperCase', 'upper'],
  ['upperAscii', 'upper'],
  ['strip', 'trim'],
  ['replaceAll', 'replace'],
  ['unique', 'distinct'],
  ['uniq', 'distinct'],
  ['some', 'exists'],
  ['any', 'exists'],
  ['every', 'all'],
  ['find', 'filter'],
  ['select', 'filter'],
  ['where', 'filter'],
  ['toString', 'string'],
  ['str', 'string'],
  ['num', 'double'],
  ['number', 'double'],
  ['float', 'double'],
  ['parseInt', 'int'],
  ['tojson', 'json'],
  ['stringify', 'json'],
  ['typeof', 'type'],
  ['concat', 'join'],
]);
