/**
 * The checker: gives every node a type, and reports everything that cannot work before it runs. Each judgement also
 * says what is known where the value is true and where it is false, so that `x != null && x.y` needs no `?.`.
 */

import type { Ast, BinaryAst, CallAst, Literal, LogicAst, MacroAst, MapAst } from './ast.ts';
import { textOf } from './ast.ts';
import { callType, macroType, variableType } from './check-call.ts';
import { binaryType, negativeType } from './check-operator.ts';
import { fieldType, indexType, presentType } from './check-path.ts';
import type { Checker } from './checker.ts';
import { report } from './checker.ts';
import type { Branch, Facts } from './facts.ts';
import { differentFrom, equalTo, joinBranches, noFacts, pathOf, refine, withVariable } from './facts.ts';
import type { ExprIssue } from './failure.ts';
import { ExprFailure, issueOf } from './failure.ts';
import { joinTypes, nullable } from './join.ts';
import { parse } from './parse.ts';
import { closest, didYouMean, listNames } from './suggestion.ts';
import { showType } from './type-text.ts';
import type { Field, Type } from './type.ts';
import { any, bool, fieldsOf, isNullable, listOf, literalType, membersOf, never, nullType, num, str, withoutNull } from './type.ts';
import { unreachable } from '../errors.ts';

export interface Checked {
  /** Of the value; `any` where the source does not parse. */
  readonly type: Type;
  /** The names at the root that it reads, in the order of their first use. */
  readonly reads: readonly string[];
  /** Everything that is wrong, in the order of the source. */
  readonly issues: readonly ExprIssue[];
  /** The names of which more is known where the value is true, with their types there. */
  readonly whenTrue: Narrowed;
  /** The same where it is false. */
  readonly whenFalse: Narrowed;
}

export type Narrowed = Readonly<Record<string, Type>>;

/** A value's type, and what is known after it was true or false. */
interface Judgement {
  readonly type: Type;
  readonly yes: Branch;
  readonly no: Branch;
}

export function checkExpr(source: string, names: { readonly [name: string]: Type }): Checked {
  const issues: ExprIssue[] = [];
  const checker: Checker = { source, names, reads: new Set(), issues, broken: false };
  try {
    const { type, yes, no } = judge(checker, parse(source), noFacts);
    const reads = [...checker.reads];
    return {
      type,
      reads,
      issues: issues.sort((a, b) => a.from - b.from || a.to - b.to),
      whenTrue: narrowedNames(reads, yes),
      whenFalse: narrowedNames(reads, no),
    };
  } catch (error) {
    if (!(error instanceof ExprFailure)) throw error;
    return { type: any, reads: [], issues: [issueOf(error)], whenTrue: {}, whenFalse: {} };
  }
}

/** Nothing is told of an outcome that cannot be. */
function narrowedNames(reads: readonly string[], branch: Branch): Narrowed {
  const told = reads.flatMap((name): [string, Type][] => {
    const type = branch?.paths.get(name);
    return type === undefined ? [] : [[name, type]];
  });
  return Object.assign(Object.create(null) as Record<string, Type>, Object.fromEntries(told));
}

function judge(checker: Checker, ast: Ast, facts: Facts): Judgement {
  switch (ast.k) {
    case 'logic':
      return logic(checker, ast, facts);
    case 'unary': {
      if (ast.op === '-') return plain(negativeType(checker, ast.of, typeOf(checker, ast.of, facts)), facts);
      const of = condition(checker, ast.of, facts, "what follows '!' is");
      return { type: bool, yes: of.no, no: of.yes };
    }
    case 'choice':
      return choice(checker, ast, facts);
    case 'binary':
      return comparison(checker, ast, facts);
    case 'has':
      return presence(checker, ast.of, facts);
    case 'literal':
      return { type: literalType(ast.value), yes: ast.value === false ? null : facts, no: ast.value === true ? null : facts };
    case 'name':
    case 'chain':
    case 'field':
    case 'index':
      return truth(checker, ast, path(checker, ast, facts), facts);
    case 'call':
      return plain(callType(checker, ast, argumentTypes(checker, ast, facts)), facts);
    case 'macro':
      return plain(macro(checker, ast, facts), facts);
    case 'list':
      return plain(listOf(joinTypes(...ast.items.map((item) => typeOf(checker, item, facts)))), facts);
    case 'map':
      return plain(mapType(checker, ast, facts), facts);
    default:
      return unreachable(ast);
  }
}

/** What a path tells as a condition is only looked into where it is one. */
function typeOf(checker: Checker, ast: Ast, facts: Facts): Type {
  return isPath(ast) ? path(checker, ast, facts) : judge(checker, ast, facts).type;
}

/** Judges what must be true or false, and says so if it is not. */
function condition(checker: Checker, ast: Ast, facts: Facts, what: string): Judgement {
  const judged = judge(checker, ast, facts);
  const text = textOf(checker.source, ast);
  if (withoutNull(judged.type).k !== 'bool' && judged.type.k !== 'any' && judged.type.k !== 'never') {
    report(checker, 'not_a_bool', ast, `${what} bool, and ${text} is ${showType(judged.type)}${boolHint(judged.type, text)}`);
  } else if (isNullable(judged.type)) {
    report(checker, 'maybe_null', ast, `${text} may be null; ${what} bool — use (${text} ?? false)`);
  }
  return judged;
}

function boolHint(type: Type, text: string): string {
  const bare = withoutNull(type);
  if (isNullable(type) && bare.k !== 'never') return ` — use ${text} != null`;
  if (bare.k === 'str') return ` — use ${text} != ""`;
  if (bare.k === 'num') return ` — use ${text} != 0`;
  return bare.k === 'list' || bare.k === 'collection' ? ` — use ${text}.size() > 0` : '';
}

/** Narrows a path; its type is looked up again for that, without reporting anything twice. */
function refined(checker: Checker, facts: Branch, ast: Ast, narrower: (type: Type) => Type): Branch {
  const { issues, broken } = checker;
  checker.issues = null;
  const branch = refine(facts, ast, (of, at) => typeOf(checker, of, at), narrower);
  checker.issues = issues;
  checker.broken = broken;
  return branch;
}

type PathAst = Ast & { readonly k: 'name' | 'chain' | 'field' | 'index' };

function isPath(ast: Ast): ast is PathAst {
  return ast.k === 'name' || ast.k === 'chain' || ast.k === 'field' || ast.k === 'index';
}

function plain(type: Type, facts: Facts): Judgement {
  return { type, yes: facts, no: facts };
}

function path(checker: Checker, ast: PathAst, facts: Facts): Type {
  switch (ast.k) {
    case 'name':
      return nameType(checker, ast, facts);
    case 'chain': {
      const outer = checker.broken;
      checker.broken = false;
      const type = typeOf(checker, ast.of, facts);
      const whole = checker.broken ? nullable(type) : type;
      checker.broken = outer;
      return whole;
    }
    case 'field':
      return known(ast, facts, fieldType(checker, ast, typeOf(checker, ast.of, facts)));
    case 'index':
      return known(ast, facts, indexType(checker, ast, typeOf(checker, ast.of, facts), aside(checker, ast.index, facts)));
  }
}

/** Names that a message may speak of. */
const MAX_VISIBLE = 1_000;

function known(ast: Ast, facts: Facts, type: Type): Type {
  const path = facts.paths.size === 0 ? null : pathOf(ast);
  return (path === null ? undefined : facts.paths.get(path)) ?? type;
}

function nameType(checker: Checker, ast: Ast & { k: 'name' }, facts: Facts): Type {
  const { name } = ast;
  const variable = facts.variables.get(name);
  if (variable === undefined) checker.reads.add(name);
  const declared = variable ?? (Object.hasOwn(checker.names, name) ? checker.names[name]! : null);
  if (declared !== null) return known(ast, facts, declared);
  const visible = [...keysOf(checker.names), ...facts.variables.keys()];
  const suggestion = closest(name, visible);
  const names = visible.length === 0 ? 'no names are' : `names: ${listNames(visible)}`;
  report(checker, 'no_such_name', ast, `'${name}' is not visible here (${names})${didYouMean(suggestion)}`, suggestion);
  return any;
}

/** Listed once for all expressions of a scope: ten thousand steps may each misspell one of ten thousand names. */
const listed = new WeakMap<object, readonly string[]>();

function keysOf(names: Checker['names']): readonly string[] {
  const known = listed.get(names) ?? Object.keys(names).slice(0, MAX_VISIBLE);
  listed.set(names, known);
  return known;
}

/** A path that may be true or false is a condition on itself. */
function truth(checker: Checker, ast: Ast, type: Type, facts: Facts): Judgement {
  if (!membersOf(type).some((member) => member.k === 'bool')) return plain(type, facts);
  const not = (before: Type): Type =>
    joinTypes(
      ...membersOf(before).map((member) =>
        member.k !== 'bool' ? member : member.of === true ? never : ({ k: 'bool', of: false } as const),
      ),
    );
  return { type, yes: refined(checker, facts, ast, equalTo({ k: 'bool', of: true })), no: refined(checker, facts, ast, not) };
}

/**
 * A side that fails may be outvoted by the other, and what is told of the outcome still holds: what fails has a type, so
 * the facts are those of some value that it could have had.
 */
function logic(checker: Checker, ast: LogicAst, facts: Facts): Judgement {
  if (ast.op === '??') return coalesce(checker, ast, facts);
  const side = `a side of '${ast.op}' is`;
  const left = condition(checker, ast.left, facts, side);
  if (ast.op === '&&') {
    const right = condition(checker, ast.right, left.yes ?? facts, side);
    return { type: bool, yes: left.yes && right.yes, no: joinBranches(left.no, left.yes && right.no) };
  }
  const right = condition(checker, ast.right, left.no ?? facts, side);
  return { type: bool, yes: joinBranches(left.yes, left.no && right.yes), no: left.no && right.no };
}

function coalesce(checker: Checker, ast: LogicAst, facts: Facts): Judgement {
  const left = judge(checker, ast.left, facts);
  const absent = isNullable(left.type) ? refined(checker, facts, ast.left, equalTo(nullType)) : facts;
  const right = judge(checker, ast.right, absent ?? facts);
  const type = left.type.k === 'any' ? any : isNullable(left.type) ? joinTypes(withoutNull(left.type), right.type) : left.type;
  return { type, yes: joinBranches(left.yes, right.yes), no: joinBranches(left.no, right.no) };
}

function choice(checker: Checker, ast: Ast & { k: 'choice' }, facts: Facts): Judgement {
  const test = condition(checker, ast.test, facts, "the condition before '?' is");
  const then = judge(checker, ast.then, test.yes ?? facts);
  const otherwise = judge(checker, ast.otherwise, test.no ?? facts);
  const both = joinTypes(then.type, otherwise.type);
  const type = test.yes === null ? otherwise.type : test.no === null ? then.type : both;
  return {
    type,
    yes: joinBranches(test.yes && then.yes, test.no && otherwise.yes),
    no: joinBranches(test.yes && then.no, test.no && otherwise.no),
  };
}

/** What `==`, `!=` and `in` tell of the paths that they compare. */
function comparison(checker: Checker, ast: BinaryAst, facts: Facts): Judgement {
  const left = typeOf(checker, ast.left, facts);
  const right = typeOf(checker, ast.right, facts);
  const type = binaryType(checker, ast, left, right);
  if (ast.op === '==' || ast.op === '!=') {
    const [yes, no] = equality(checker, ast, left, right, facts);
    return ast.op === '==' ? { type, yes, no } : { type, yes: no, no: yes };
  }
  return ast.op === 'in' ? membership(checker, ast, right, type, facts) : plain(type, facts);
}

function equality(checker: Checker, ast: BinaryAst, left: Type, right: Type, facts: Facts): readonly [Branch, Branch] {
  let yes: Branch = facts;
  let no: Branch = facts;
  for (const [path, type, other] of [
    [ast.left, right, ast.right],
    [ast.right, left, ast.left],
  ] as const) {
    const kind = path.k === 'call' && path.name === 'type' && other.k === 'literal' ? path.args[0] : undefined;
    if (kind !== undefined && other.k === 'literal') {
      yes = refined(checker, yes, kind, (before) => ofKind(before, other.value, true));
      no = refined(checker, no, kind, (before) => ofKind(before, other.value, false));
    } else if (pathOf(path) !== null) {
      yes = refined(checker, yes, path, equalTo(type));
      if (other.k === 'literal') no = refined(checker, no, path, differentFrom(other.value));
    }
  }
  return [yes, no];
}

function membership(checker: Checker, ast: BinaryAst, container: Type, type: Type, facts: Facts): Judgement {
  const { left, right } = ast;
  if (container.k === 'list' && pathOf(left) !== null) {
    const yes = refined(checker, facts, left, equalTo(container.of));
    const literals = right.k === 'list' ? right.items : [];
    const no = literals.reduce<Branch>(
      (branch, item) => (item.k === 'literal' ? refined(checker, branch, left, differentFrom(item.value)) : branch),
      facts,
    );
    return { type, yes, no };
  }
  if (left.k !== 'literal' || typeof left.value !== 'string' || pathOf(right) === null) return plain(type, facts);
  const key = left.value;
  return { type, yes: refined(checker, facts, right, (owner) => presentType(owner, key)), no: facts };
}

function presence(checker: Checker, of: Ast, facts: Facts): Judgement {
  typeOf(checker, of, facts);
  const path = of.k === 'chain' ? of.of : of;
  const key = path.k === 'field' ? path.name : path.k === 'index' && path.index.k === 'literal' ? path.index.value : null;
  if ((path.k !== 'field' && path.k !== 'index') || typeof key !== 'string') return plain(bool, facts);
  return { type: bool, yes: refined(checker, facts, path.of, (owner) => presentType(withoutNull(owner), key)), no: facts };
}

function argumentTypes(checker: Checker, ast: CallAst, facts: Facts): readonly Type[] {
  const [receiver, ...others] = ast.args;
  return receiver === undefined ? [] : [typeOf(checker, receiver, facts), ...others.map((arg) => aside(checker, arg, facts))];
}

/** The type of a part that is no link of the chain at hand. */
function aside(checker: Checker, ast: Ast, facts: Facts): Type {
  const { broken } = checker;
  const type = typeOf(checker, ast, facts);
  checker.broken = broken;
  return type;
}

function macro(checker: Checker, ast: MacroAst, facts: Facts): Type {
  const element = variableType(checker, ast, typeOf(checker, ast.of, facts));
  const { broken } = checker;
  if (facts.variables.has(ast.variable) || Object.hasOwn(checker.names, ast.variable)) {
    report(checker, 'shadowed', ast.variableAt, `'${ast.variable}' is a name already: give the variable of ${ast.name} another one`);
  }
  const inside = withVariable(facts, ast.variable, element);
  const tested = ast.name === 'map' ? ast.when : ast.body;
  const test = tested === null ? null : condition(checker, tested, inside, `the condition of ${ast.name} is`);
  const kept = test?.yes?.paths.get(ast.variable) ?? (test?.yes === null ? never : element);
  const body = ast.name === 'map' ? typeOf(checker, ast.body, test?.yes ?? inside) : bool;
  checker.broken = broken;
  return macroType(ast, kept, body);
}

/** What is left of a type when `type(…)` says, or does not say, this kind. */
function ofKind(before: Type, kind: Literal, is: boolean): Type {
  if (before.k === 'any') return is ? (typesByKind.get(kind) ?? any) : any;
  return joinTypes(...membersOf(before).filter((member) => (member.k === kind) === is));
}

const typesByKind: ReadonlyMap<Literal, Type> = new Map<Literal, Type>([
  ['null', nullType],
  ['bool', bool],
  ['num', num],
  ['str', str],
  ['list', listOf(any)],
  ['obj', { k: 'obj', fields: {}, rest: any }],
  ['collection', { k: 'collection', of: any }],
]);

function mapType(checker: Checker, ast: MapAst, facts: Facts): Type {
  const fields = new Map<string, Field>();
  const computed: Type[] = [];
  for (const { key, value } of ast.entries) {
    const type = typeOf(checker, value, facts);
    if (key.k === 'literal' && typeof key.value === 'string') {
      if (fields.has(key.value)) report(checker, 'duplicate_key', key, `the key ${JSON.stringify(key.value)} is given twice`);
      fields.set(key.value, { type, optional: false });
      continue;
    }
    const keyType = typeOf(checker, key, facts);
    if (keyType.k !== 'any' && keyType.k !== 'never' && keyType.k !== 'str')
      report(checker, 'no_overload', key, `keys of an object are str, not ${showType(keyType)}`);
    computed.push(type);
  }
  return {
    k: 'obj',
    fields: fieldsOf(fields),
    rest: computed.length > 0 ? joinTypes(...computed) : null,
    ...(computed.length > 0 ? {} : { exact: true }),
  };
}
