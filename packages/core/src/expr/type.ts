/** What the checker knows about a value: shapes of JSON, literal unions, and collections. */

export interface Field {
  readonly type: Type;
  /** Whether the key may be absent; reading it then gives null. */
  readonly optional: boolean;
}

/**
 * `of` narrows a kind to literal values. In an object `rest` is the type of the keys that are not named in `fields`,
 * null where nothing is known of them; `exact` says that there are none.
 */
export type Type =
  | { readonly k: 'any' }
  | { readonly k: 'never' }
  | { readonly k: 'null' }
  | { readonly k: 'bool'; readonly of?: boolean }
  | { readonly k: 'num'; readonly int?: boolean; readonly of?: readonly number[] }
  | { readonly k: 'str'; readonly of?: readonly string[] }
  | { readonly k: 'list'; readonly of: Type }
  | ObjectType
  | { readonly k: 'union'; readonly of: readonly Type[] }
  /** One side of an `each`'s output, by reference; what reads it sees a list. */
  | { readonly k: 'collection'; readonly of: Type };

export interface ObjectType {
  readonly k: 'obj';
  readonly fields: { readonly [name: string]: Field };
  readonly rest: Type | null;
  readonly exact?: boolean;
}

export const any: Type = { k: 'any' };
export const never: Type = { k: 'never' };
export const nullType: Type = { k: 'null' };
export const bool: Type = { k: 'bool' };
export const num: Type = { k: 'num' };
export const int: Type = { k: 'num', int: true };
export const str: Type = { k: 'str' };

export function listOf(of: Type): Type {
  return { k: 'list', of };
}

export function literalType(value: null | boolean | number | string): Type {
  if (value === null) return nullType;
  if (typeof value === 'boolean') return { k: 'bool', of: value };
  if (typeof value === 'string') return { k: 'str', of: [value] };
  return Number.isInteger(value) ? { k: 'num', int: true, of: [value] } : { k: 'num', of: [value] };
}

/** The kinds a type may be, unions opened; nothing for `never`. */
export function membersOf(type: Type): readonly Type[] {
  return type.k === 'union' ? type.of : type.k === 'never' ? [] : [type];
}

/** Whether null is among the values that are known of; `any` promises nothing and is not. */
export function isNullable(type: Type): boolean {
  return membersOf(type).some((member) => member.k === 'null');
}

export function withoutNull(type: Type): Type {
  return isNullable(type) ? unionOf(membersOf(type).filter((member) => member.k !== 'null')) : type;
}

/** Of members that are joined already. */
export function unionOf(members: readonly Type[]): Type {
  return members.length === 0 ? never : members.length === 1 ? members[0]! : { k: 'union', of: members };
}

export function isWhole(type: Type): boolean {
  return type.k === 'num' && (type.int === true || type.of?.every(Number.isInteger) === true);
}

/** Fields by name; `__proto__` is a name like any other. */
export function fieldsOf(entries: Iterable<readonly [string, Field]>): { readonly [name: string]: Field } {
  return Object.fromEntries(entries);
}

/** Types share their parts, and walks over them do not: one of more parts or levels than this tells nothing any more. */
const MAX_PARTS = 10_000;
const MAX_LEVELS = 200;

interface Extent {
  /** Shared ones count as often as they occur. */
  readonly parts: number;
  readonly levels: number;
}

const measured = new WeakMap<Type, Extent>();

/** The type, or `any` when walking it would take too long. */
export function boundedType(type: Type): Type {
  const { parts, levels } = extentOf(type);
  return parts > MAX_PARTS || levels > MAX_LEVELS ? any : type;
}

function extentOf(type: Type): Extent {
  const known = measured.get(type);
  if (known !== undefined) return known;
  let [parts, levels] = [1, 1];
  for (const inner of innerTypes(type)) {
    const extent = extentOf(inner);
    parts += extent.parts;
    levels = Math.max(levels, extent.levels + 1);
  }
  measured.set(type, { parts, levels });
  return { parts, levels };
}

function innerTypes(type: Type): readonly Type[] {
  switch (type.k) {
    case 'list':
    case 'collection':
      return [type.of];
    case 'union':
      return type.of;
    case 'obj':
      return [...Object.values(type.fields).map((field) => field.type), ...(type.rest === null ? [] : [type.rest])];
    default:
      return [];
  }
}
