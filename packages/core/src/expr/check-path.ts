/** Types of `a.b` and `a[b]`. */

import type { FieldAst, IndexAst } from './ast.ts';
import { textOf } from './ast.ts';
import type { Checker } from './checker.ts';
import { report } from './checker.ts';
import { functionOf } from './functions.ts';
import { fieldOf, joinTypes, nullable } from './join.ts';
import { anyValueOf } from './list-functions.ts';
import { closest, didYouMean, listNames } from './suggestion.ts';
import { showType } from './type-text.ts';
import type { ObjectType, Type } from './type.ts';
import { any, fieldsOf, isNullable, isWhole, membersOf, nullType, withoutNull } from './type.ts';

export function fieldType(checker: Checker, ast: FieldAst, owner: Type): Type {
  const bare = reached(checker, ast, owner, `.${ast.name}`);
  const members = membersOf(bare);
  const strange = members.find((member) => member.k !== 'obj' && member.k !== 'any');
  if (strange !== undefined) {
    const text = textOf(checker.source, ast.of);
    report(checker, 'no_such_field', ast.nameAt, `${text} is ${showType(strange)}, which has no fields${fieldHint(ast, text, strange)}`);
    return any;
  }
  return namedField(checker, ast, members, ast.name);
}

export function indexType(checker: Checker, ast: IndexAst, owner: Type, key: Type): Type {
  const bare = reached(checker, ast, owner, '[…]');
  return joinTypes(...membersOf(bare).map((member) => memberIndex(checker, ast, member, key)));
}

/** The type of an owner that has the key. */
export function presentType(owner: Type, key: string): Type {
  return joinTypes(
    ...membersOf(owner).flatMap((member): readonly Type[] => {
      if (member.k !== 'obj') return [member];
      const field = Object.hasOwn(member.fields, key) ? member.fields[key]! : null;
      const type = field?.type ?? member.rest;
      if (type === null) return member.exact === true ? [] : [member];
      return [{ ...member, fields: fieldsOf([...Object.entries(member.fields), [key, { type, optional: false }]]) }];
    }),
  );
}

/** The owner without null: by `?.`, or after a report. */
function reached(checker: Checker, ast: FieldAst | IndexAst, owner: Type, access: string): Type {
  if (!isNullable(owner)) return owner;
  if (ast.optional) {
    checker.broken = true;
    return withoutNull(owner);
  }
  const text = textOf(checker.source, ast.of);
  const at = ast.k === 'field' ? ast.nameAt : ast.index;
  const bare = withoutNull(owner);
  report(
    checker,
    'maybe_null',
    at,
    `${text} ${bare.k === 'never' ? 'is' : 'may be'} null — use ${text}?.${access.startsWith('.') ? access.slice(1) : access}`,
  );
  return bare;
}

/** Where only some members of a union know the field, the others read as null. */
function namedField(checker: Checker, ast: FieldAst | IndexAst, members: readonly Type[], name: string): Type {
  const types = members.map((member) => (member.k === 'obj' ? fieldOf(member, name) : any));
  if (members.length > 0 && types.every((type) => type === null)) {
    noSuchField(checker, ast, members as readonly ObjectType[], name);
    return any;
  }
  return joinTypes(...types.map((type) => type ?? nullType));
}

function noSuchField(checker: Checker, ast: FieldAst | IndexAst, members: readonly ObjectType[], name: string): void {
  const known = [...new Set(members.flatMap((member) => Object.keys(member.fields)))];
  const suggestion =
    closest(name, known) ?? known.find((other) => other.replaceAll('-', '_').startsWith(`${name}_`) && other.includes('-')) ?? null;
  const fields = known.length === 0 ? 'it has no fields' : `fields: ${listNames(known)}`;
  const text = textOf(checker.source, ast.of);
  const dashed = suggestion !== null && !/^[A-Za-z_]\w*$/.test(suggestion);
  const hint = dashed ? ` — did you mean ${text}[${JSON.stringify(suggestion)}]?` : didYouMean(suggestion);
  report(
    checker,
    'no_such_field',
    ast.k === 'field' ? ast.nameAt : ast.index,
    `${text} has no field '${name}' (${fields})${hint}`,
    dashed ? null : suggestion,
  );
}

function fieldHint(ast: FieldAst, text: string, type: Type): string {
  if (functionOf(ast.name) !== null) return ` — use ${text}.${ast.name}()`;
  if (type.k !== 'list' && type.k !== 'collection') return '';
  if (ast.name === 'length' || ast.name === 'count') return ` — use ${text}.size()`;
  return ` — use ${text}.map(x, x.${ast.name}), or ${text}[0]?.${ast.name}`;
}

function memberIndex(checker: Checker, ast: IndexAst, owner: Type, key: Type): Type {
  const text = textOf(checker.source, ast.of);
  switch (owner.k) {
    case 'any':
      return any;
    case 'list':
    case 'collection':
      if (key.k !== 'any' && key.k !== 'never' && !isWhole(key)) {
        report(
          checker,
          'no_overload',
          ast.index,
          `the index of a list is int, not ${showType(key)}${key.k === 'num' ? ' — use int(…)' : ''}`,
        );
      }
      return nullable(owner.of);
    case 'obj':
      return keyed(checker, ast, owner, key);
    default:
      report(
        checker,
        'no_overload',
        ast.index,
        `[ ] is for list|obj, and ${text} is ${showType(owner)}${owner.k === 'str' ? ' — use .slice(from, to)' : ''}`,
      );
      return any;
  }
}

function keyed(checker: Checker, ast: IndexAst, owner: ObjectType, key: Type): Type {
  if (key.k === 'any' || key.k === 'never') return nullable(anyValueOf(owner));
  if (key.k !== 'str') {
    report(checker, 'no_overload', ast.index, `keys of an object are str, not ${showType(key)}`);
    return any;
  }
  if (key.of === undefined) return nullable(anyValueOf(owner));
  if (ast.index.k === 'literal') return namedField(checker, ast, [owner], key.of[0]!);
  return joinTypes(...key.of.map((name) => fieldOf(owner, name) ?? (owner.exact === true ? nullType : any)));
}
