/** Whether every value of one type is a value of another; if not, where and why not. */

import { closest, didYouMean } from './suggestion.ts';
import { showType } from './type-text.ts';
import type { ObjectType, Type } from './type.ts';
import { isWhole, membersOf } from './type.ts';

/** `path` leads from the value to what does not fit, such as `issues[].severity`; empty for the value itself. */
export interface Mismatch {
  readonly path: string;
  readonly message: string;
}

/** `any` goes everywhere and takes everything: contracts are checked again at run time. */
export function assignable(from: Type, to: Type): Mismatch | null {
  if (from === to || from.k === 'any' || to.k === 'any' || from.k === 'never') return null;
  if (from.k === 'union') return firstOf(from.of, (member) => assignable(member, to));
  if (to.k === 'union') return toUnion(from, to.of);
  if (to.k === 'never') return mismatch('nothing may be given here');
  if (from.k === 'obj' && to.k === 'obj') return objects(from, to);
  if ((from.k === 'list' && to.k === 'list') || (from.k === 'collection' && to.k === 'collection'))
    return under('[]', assignable(from.of, to.of));
  return from.k === to.k ? literals(from, to) : kinds(from, to);
}

function kinds(from: Type, to: Type): Mismatch {
  if (from.k === 'null') return mismatch(`may be null, needs ${showType(to)} — give a default: (… ?? default)`);
  if (from.k === 'collection' && to.k === 'list')
    return mismatch(
      `is a collection, needs ${showType(to)} — take a part with .map(x, …), or let the handler's contract ask for a collection`,
    );
  return mismatch(`is ${showType(from)}, needs ${showType(to)}`);
}

function literals(from: Type, to: Type): Mismatch | null {
  if (to.k === 'bool' && from.k === 'bool')
    return to.of === undefined || to.of === from.of ? null : mismatch(`is ${showType(from)}, needs ${showType(to)}`);
  if (to.k === 'num' && from.k === 'num') {
    if (to.int === true && !isWhole(from)) return mismatch(`is ${showType(from)}, needs ${showType(to)} — use int(…) or round(…)`);
    const stray = to.of === undefined ? undefined : (from.of ?? [null]).find((value) => value === null || !to.of!.includes(value));
    return stray === undefined
      ? null
      : mismatch(stray === null ? `is ${showType(from)}, needs ${showType(to)}` : `${stray} is not one of ${showType(to)}`);
  }
  if (to.k === 'str' && from.k === 'str' && to.of !== undefined) {
    const stray = from.of?.find((value) => !to.of!.includes(value));
    if (from.of !== undefined && stray === undefined) return null;
    if (stray === undefined) return mismatch(`is ${showType(from)}, needs ${showType(to)}`);
    return mismatch(`${JSON.stringify(stray)} is not one of ${showType(to)}${didYouMean(closest(stray, to.of), '"')}`);
  }
  return null;
}

function objects(from: ObjectType, to: ObjectType): Mismatch | null {
  for (const [name, field] of Object.entries(to.fields)) {
    const given = Object.hasOwn(from.fields, name) ? from.fields[name]! : null;
    if (given === null && from.rest === null && field.optional) continue;
    if (given === null && (from.rest === null || (!field.optional && from.rest.k !== 'any'))) {
      return { path: name, message: from.rest === null ? `is missing (needs ${showType(field.type)})` : 'may be missing' };
    }
    if (given?.optional === true && !field.optional)
      return { path: name, message: `may be missing, needs ${showType(field.type)} — give a default: (… ?? default)` };
    const inner = assignable(given?.type ?? from.rest!, field.type);
    if (inner) return under(name, inner);
  }
  return extras(from, to);
}

function extras(from: ObjectType, to: ObjectType): Mismatch | null {
  for (const [name, field] of Object.entries(from.fields)) {
    if (Object.hasOwn(to.fields, name)) continue;
    if (to.exact === true)
      return { path: name, message: `is not expected (${fieldNames(to)})${didYouMean(closest(name, Object.keys(to.fields)))}` };
    const inner = to.rest === null ? null : assignable(field.type, to.rest);
    if (inner) return under(name, inner);
  }
  if (to.exact === true && from.rest !== null && from.rest.k !== 'any')
    return { path: '*', message: `may have keys that are not expected (${fieldNames(to)})` };
  return from.rest !== null && to.rest !== null ? under('*', assignable(from.rest, to.rest)) : null;
}

function fieldNames(type: ObjectType): string {
  const names = Object.keys(type.fields);
  return names.length === 0 ? 'no fields are' : `fields: ${names.slice(0, 12).join(', ')}`;
}

/** Explains by the one member that was most likely meant: the one of the same kind, or with the same tags. */
function toUnion(from: Type, members: readonly Type[]): Mismatch | null {
  const failures: { member: Type; failure: Mismatch }[] = [];
  for (const member of members) {
    const failure = assignable(from, member);
    if (failure === null) return null;
    failures.push({ member, failure });
  }
  const alike = failures.filter(({ member }) => member.k === from.k);
  const tagged = alike.filter(({ member }) => from.k === 'obj' && member.k === 'obj' && sharesTag(from, member));
  const meant = tagged.length === 1 ? tagged : alike;
  if (meant.length === 1) return meant[0]!.failure;
  return kinds(from, { k: 'union', of: members });
}

function sharesTag(from: ObjectType, to: ObjectType): boolean {
  return Object.entries(to.fields).some(([name, field]) => {
    const given = Object.hasOwn(from.fields, name) ? from.fields[name]! : null;
    const tag = field.type.k === 'str' && field.type.of !== undefined;
    return tag && given !== null && membersOf(given.type).length > 0 && assignable(given.type, field.type) === null;
  });
}

function firstOf(types: readonly Type[], check: (type: Type) => Mismatch | null): Mismatch | null {
  for (const type of types) {
    const found = check(type);
    if (found) return found;
  }
  return null;
}

function under(step: string, inner: Mismatch | null): Mismatch | null {
  if (inner === null) return null;
  const dot = inner.path === '' || inner.path.startsWith('[') ? '' : '.';
  return { path: `${step}${dot}${inner.path}`, message: inner.message };
}

function mismatch(message: string): Mismatch {
  return { path: '', message };
}
