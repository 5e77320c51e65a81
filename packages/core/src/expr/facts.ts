/**
 * What is known of names at one point of an expression: their types, and what the conditions on the way there have
 * told of paths such as `review.notes`. Facts never change; a condition gives two new sets of them.
 */

import type { Ast, Literal } from './ast.ts';
import { dropEqual, fieldOf, joinTypes, keepEqual } from './join.ts';
import type { ObjectType, Type } from './type.ts';
import { fieldsOf, isNullable, literalType, membersOf, nullType } from './type.ts';

export interface Facts {
  /** Variables of the surrounding macros. */
  readonly variables: ReadonlyMap<string, Type>;
  readonly paths: ReadonlyMap<string, Type>;
}

/** Null where a condition cannot have that outcome. */
export type Branch = Facts | null;

export type Refine = (type: Type) => Type;

export const noFacts: Facts = { variables: new Map(), paths: new Map() };

/** A key for `a.b["c"][0]`, the same however it is written; null for what is no path. */
export function pathOf(ast: Ast): string | null {
  switch (ast.k) {
    case 'name':
      return ast.name;
    case 'chain':
      return pathOf(ast.of);
    case 'field':
      return stepOf(ast.of, `.${ast.name}`);
    case 'index': {
      const at: Literal = ast.index.k === 'literal' ? ast.index.value : null;
      return typeof at === 'string' ? stepOf(ast.of, `.${at}`) : typeof at === 'number' ? stepOf(ast.of, `#${at}`) : null;
    }
    default:
      return null;
  }
}

export function withVariable(facts: Facts, name: string, type: Type): Facts {
  const paths = [...facts.paths].filter(([path]) => path !== name && !path.startsWith(`${name}\u0000`));
  return { variables: new Map([...facts.variables, [name, type]]), paths: new Map(paths) };
}

/**
 * The facts when a path's type is narrowed. What that says of the object it lies in is narrowed too: null is out where
 * `?.` could not have led to the value, and so are the members of a tagged union whose tag differs.
 */
export function refine(facts: Branch, ast: Ast, typeOf: (ast: Ast, facts: Facts) => Type, narrower: Refine): Branch {
  if (facts === null) return null;
  if (ast.k === 'chain') return refineChain(facts, ast, typeOf, narrower);
  const path = pathOf(ast);
  if (path === null) return facts;
  const before = typeOf(ast, facts);
  const type = narrower(before);
  if (type.k === 'never' && before.k !== 'never') return null;
  const told: Facts = { variables: facts.variables, paths: new Map([...facts.paths, [path, type]]) };
  const key = keyOf(ast);
  if (key === null || (ast.k !== 'field' && ast.k !== 'index')) return told;
  return refine(told, ast.of, typeOf, (owner) => joinTypes(...membersOf(owner).flatMap((member) => ownerOf(member, key, narrower))));
}

/** A chain that `?.` broke off is null although its last link never is: that outcome stays possible. */
function refineChain(facts: Facts, ast: Extract<Ast, { k: 'chain' }>, typeOf: (ast: Ast, facts: Facts) => Type, narrower: Refine): Branch {
  const before = typeOf(ast, facts);
  if (narrower(before).k === 'never' && before.k !== 'never') return null;
  return refine(facts, ast.of, typeOf, narrower) ?? facts;
}

export function joinBranches(a: Branch, b: Branch): Branch {
  if (a === null || b === null || a === b) return a ?? b;
  const paths: [string, Type][] = [];
  for (const [path, type] of a.paths) {
    const other = b.paths.get(path);
    if (other !== undefined) paths.push([path, joinTypes(type, other)]);
  }
  return { variables: a.variables, paths: new Map(paths) };
}

export function equalTo(type: Type): Refine {
  return (before) => keepEqual(before, type);
}

export function differentFrom(literal: Literal): Refine {
  return (before) => dropEqual(before, literalType(literal));
}

function stepOf(of: Ast, step: string): string | null {
  const base = pathOf(of);
  return base === null ? null : `${base}\u0000${step}`;
}

function keyOf(ast: Ast): string | null {
  if (ast.k === 'field') return ast.name;
  return ast.k === 'index' && ast.index.k === 'literal' && typeof ast.index.value === 'string' ? ast.index.value : null;
}

/** What is left of one member of the owner's type when its field is narrowed. */
function ownerOf(member: Type, key: string, narrower: Refine): readonly Type[] {
  if (member.k === 'null') return narrower(nullType).k === 'never' ? [] : [member];
  if (member.k !== 'obj') return [member];
  const before = fieldOf(member, key) ?? nullType;
  const after = narrower(before);
  if (after.k === 'never') return [];
  return [after === before || !Object.hasOwn(member.fields, key) ? member : withField(member, key, after)];
}

function withField(type: ObjectType, name: string, narrowed: Type): ObjectType {
  const declared = type.fields[name]!;
  const optional = declared.optional && isNullable(narrowed);
  return { ...type, fields: fieldsOf([...Object.entries(type.fields), [name, { type: narrowed, optional }]]) };
}
