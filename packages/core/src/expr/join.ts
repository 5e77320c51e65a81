/** Unions of types, and what a comparison leaves of one. */

import { assignable } from './assignment.ts';
import type { Field, ObjectType, Type } from './type.ts';
import { any, bool, fieldsOf, isWhole, membersOf, never, nullType, str } from './type.ts';

/** Beyond these a join gives up literals, or merges objects into one. */
const MAX_LITERALS = 256;
const MAX_SHAPES = 16;

/** The narrowest type that has all values of all these. */
export function joinTypes(...types: readonly Type[]): Type {
  const members = types.flatMap(membersOf);
  const first = members[0];
  if (first === undefined) return never;
  if (members.length === 1) return first;
  if (members.some((member) => member.k === 'any')) return any;
  const joined: Type[] = [];
  for (const k of ['bool', 'num', 'str', 'list', 'collection', 'obj', 'null'] as const) {
    const same = members.filter((member) => member.k === k);
    if (same.length > 0) joined.push(...joinSame(same));
  }
  return joined.length === 1 ? joined[0]! : { k: 'union', of: joined };
}

export function nullable(type: Type): Type {
  return joinTypes(type, nullType);
}

/** The type of the value under a key of an object, null where nothing is known of that key. */
export function fieldOf(type: ObjectType, name: string): Type | null {
  const field = Object.hasOwn(type.fields, name) ? type.fields[name]! : null;
  if (field) return field.optional ? nullable(field.type) : field.type;
  if (type.rest) return type.rest.k === 'any' ? any : nullable(type.rest);
  return null;
}

/** Whether two values of these types can be equal. */
export function overlaps(a: Type, b: Type): boolean {
  return membersOf(a).some((left) => membersOf(b).some((right) => overlap(left, right)));
}

/** What is left of `type` when it equals a value of `other`. */
export function keepEqual(type: Type, other: Type): Type {
  if (type.k === 'any') return other;
  if (other.k === 'any') return type;
  return joinTypes(
    ...membersOf(type)
      .filter((member) => overlaps(member, other))
      .map((member) => keepMember(member, other)),
  );
}

/** What is left of `type` when it differs from the one value of `literal`. */
export function dropEqual(type: Type, literal: Type): Type {
  const dropped = membersOf(type).map((member): Type => {
    if (member.k === 'null' && literal.k === 'null') return never;
    if (member.k === 'bool' && literal.k === 'bool')
      return member.of === undefined ? { k: 'bool', of: !literal.of } : member.of === literal.of ? never : member;
    if (member.k === 'num' && literal.k === 'num' && member.of)
      return withLiterals(
        member,
        member.of.filter((value) => value !== literal.of![0]),
      );
    if (member.k === 'str' && literal.k === 'str' && member.of)
      return withLiterals(
        member,
        member.of.filter((value) => value !== literal.of![0]),
      );
    return member;
  });
  return joinTypes(...dropped);
}

function joinSame(types: readonly Type[]): readonly Type[] {
  const first = types[0]!;
  if (types.length === 1 || first.k === 'null') return [first];
  switch (first.k) {
    case 'bool':
      return [types.every((type) => type.k === 'bool' && type.of === first.of) ? first : bool];
    case 'num': {
      const whole = types.every(isWhole);
      const literals = literalsOf(types as readonly { of?: readonly number[] }[]);
      return [{ k: 'num', ...(whole ? { int: true } : {}), ...(literals ? { of: literals } : {}) }];
    }
    case 'str': {
      const literals = literalsOf(types as readonly { of?: readonly string[] }[]);
      return [literals ? { k: 'str', of: literals } : str];
    }
    case 'list':
    case 'collection':
      return [{ k: first.k, of: joinTypes(...types.map((type) => (type as { of: Type }).of)) }];
    default:
      return joinObjects(types as readonly ObjectType[]);
  }
}

function literalsOf<T>(types: readonly { readonly of?: readonly T[] }[]): readonly T[] | null {
  if (types.some((type) => type.of === undefined)) return null;
  const literals = [...new Set(types.flatMap((type) => type.of!))];
  return literals.length > MAX_LITERALS ? null : literals;
}

function joinObjects(types: readonly ObjectType[]): readonly Type[] {
  const kept: ObjectType[] = [];
  for (const type of types) {
    if (kept.some((other) => covers(other, type))) continue;
    kept.splice(0, kept.length, ...kept.filter((other) => !covers(type, other)), type);
  }
  return kept.length > MAX_SHAPES ? [mergeObjects(kept)] : kept;
}

/** Whether a union with `wide` in it gains nothing from `narrow`: neither values nor fields that may be read. */
function covers(wide: ObjectType, narrow: ObjectType): boolean {
  if (wide === narrow) return true;
  if (Object.keys(narrow.fields).some((name) => !Object.hasOwn(wide.fields, name)) || (narrow.rest !== null && wide.rest === null))
    return false;
  const loose = Object.keys(narrow.fields).some((name) => narrow.fields[name]!.type.k === 'any' && wide.fields[name]!.type.k !== 'any');
  return !loose && narrow.exact === wide.exact && assignable(narrow, wide) === null;
}

function mergeObjects(types: readonly ObjectType[]): ObjectType {
  const names = new Set(types.flatMap((type) => Object.keys(type.fields)));
  const fields = [...names].map((name): [string, Field] => {
    const found = types.flatMap((type) =>
      Object.hasOwn(type.fields, name) ? [type.fields[name]!] : type.rest ? [{ type: type.rest, optional: true }] : [],
    );
    return [
      name,
      {
        type: joinTypes(...found.map((field) => field.type)),
        optional: found.length < types.length || found.some((field) => field.optional),
      },
    ];
  });
  const rests = types.flatMap((type) => (type.rest ? [type.rest] : []));
  const exact = types.every((type) => type.exact);
  return { k: 'obj', fields: fieldsOf(fields), rest: rests.length > 0 ? joinTypes(...rests) : null, ...(exact ? { exact } : {}) };
}

function overlap(a: Type, b: Type): boolean {
  if (a.k === 'any' || b.k === 'any') return true;
  if (a.k === 'bool' && b.k === 'bool') return a.of === undefined || b.of === undefined || a.of === b.of;
  if (a.k === 'num' && b.k === 'num') return meet(a.of, b.of, (value) => wholeOnly(a, value) && wholeOnly(b, value));
  if (a.k === 'str' && b.k === 'str') return meet(a.of, b.of, () => true);
  if (a.k === 'obj' && b.k === 'obj') {
    return Object.entries(a.fields).every(([name, field]) => {
      const other = Object.hasOwn(b.fields, name) ? b.fields[name]! : null;
      return field.optional || other === null || other.optional || overlaps(field.type, other.type);
    });
  }
  const listLike = (type: Type): boolean => type.k === 'list' || type.k === 'collection';
  return a.k === b.k || (listLike(a) && listLike(b));
}

function meet<T>(a: readonly T[] | undefined, b: readonly T[] | undefined, allowed: (value: T) => boolean): boolean {
  const values = a ?? b;
  return values === undefined || values.some((value) => (b === undefined || b.includes(value)) && allowed(value));
}

function wholeOnly(type: { readonly int?: boolean }, value: number): boolean {
  return type.int !== true || Number.isInteger(value);
}

function keepMember(member: Type, other: Type): Type {
  const literals = membersOf(other).filter((type) => type.k === member.k);
  if (member.k === 'bool')
    return joinTypes(...literals.filter((type) => overlap(member, type)).map((type) => (member.of === undefined ? type : member)));
  if ((member.k !== 'num' && member.k !== 'str') || literals.some((type) => (type as { of?: unknown }).of === undefined)) return member;
  const values = literals.flatMap((type) => (type as { of: readonly unknown[] }).of);
  return withLiterals(
    member,
    values.filter((value) => (member.of as readonly unknown[] | undefined)?.includes(value) ?? true),
  );
}

function withLiterals(member: Type & { readonly k: 'num' | 'str' }, values: readonly unknown[]): Type {
  return values.length === 0 ? never : ({ ...member, of: values } as Type);
}
