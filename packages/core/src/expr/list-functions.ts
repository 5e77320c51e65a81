/** Functions on lists and objects. Collections come in as lists. */

import { equal, identityOf } from './equality.ts';
import { joinTypes, nullable } from './join.ts';
import type { ExprFunction } from './overload.ts';
import { overload } from './overload.ts';
import type { Scope } from './scope.ts';
import { charge, chargeText, fail, itemsOf, keysOf } from './scope.ts';
import { containsText, indexOfText, sizeOfText, sliceText } from './text-functions.ts';
import type { Type } from './type.ts';
import { any, bool, fieldsOf, int, listOf, membersOf, num, str } from './type.ts';
import { Collection } from './value.ts';
import type { Value } from './value.ts';

type List = readonly Value[];
type Obj = { readonly [key: string]: Value };

const list = listOf(any);
const object: Type = { k: 'obj', fields: {}, rest: any };

export const listFunctions: { readonly [name: string]: ExprFunction } = {
  size: {
    doc: 'How many characters, elements or keys there are. Of a collection it is a counter: nothing is loaded.',
    overloads: [
      overload([str], int, sizeOfText),
      overload([{ k: 'collection', of: any }], int, (_, collection: Collection) => collection.size),
      overload([list], int, (_, items: List) => items.length),
      overload([object], int, (scope, value: Obj) => keysOf(scope, value).length),
    ],
  },
  contains: {
    doc: 'Whether the text has another in it, or the list an element equal to the value.',
    overloads: [
      overload([str, str], bool, containsText),
      overload([list, any], bool, (scope, items: List, value: Value) => position(scope, items, value) >= 0),
    ],
  },
  indexOf: {
    doc: 'Where the text, from an index on, or the element first occurs, counted from 0; -1 where it does not.',
    overloads: [overload([str, str, int], int, indexOfText, 1), overload([list, any], int, position)],
  },
  slice: {
    doc: 'The part from the first index up to the second, or the end; negative indexes count from the end.',
    overloads: [
      overload([str, int, int], str, sliceText, 1),
      overload(
        [list, int, int],
        ([items]) => listOf(elementOf(items!)),
        (scope, items: List, start: number, end?: number) => made(scope, items.slice(start, end)),
        1,
      ),
    ],
  },
  join: {
    doc: 'The texts of a list in one, with a separator between them.',
    overloads: [overload([listOf(str), str], str, joinTexts, 1)],
  },
  flatten: {
    doc: 'The elements of the lists in a list; what is no list stays as it is. One level only.',
    overloads: [overload([list], ([items]) => listOf(joinTypes(...membersOf(elementOf(items!)).map(openedType))), flatten)],
  },
  sort: {
    doc: 'Numbers by value, texts by UTF-16 code units, smallest first.',
    overloads: [overload([listOf(num)], sameList, sortNumbers), overload([listOf(str)], sameList, sortTexts)],
  },
  reverse: {
    doc: 'The elements from the last to the first.',
    overloads: [overload([list], sameList, (scope, items: List) => made(scope, items.toReversed()))],
  },
  distinct: {
    doc: 'The first of each group of equal elements, in their order.',
    overloads: [overload([list], sameList, distinct)],
  },
  sum: {
    doc: 'The sum of the numbers; 0 for none.',
    overloads: [overload([listOf(int)], int, sum), overload([listOf(num)], num, sum)],
  },
  min: {
    doc: 'The smallest of a list, null for an empty one; or of two numbers.',
    overloads: extremes((a, b) => a < b),
  },
  max: {
    doc: 'The largest of a list, null for an empty one; or of two numbers.',
    overloads: extremes((a, b) => a > b),
  },
  keys: {
    doc: 'The keys of an object, in its order.',
    overloads: [overload([object], listOf(str), (scope, value: Obj) => made(scope, keysOf(scope, value)))],
  },
  values: {
    doc: 'The values of an object, in its order.',
    overloads: [
      overload(
        [object],
        ([type]) => listOf(anyValueOf(type!)),
        (scope, value: Obj) => made(scope, keysOf(scope, value)).map((key) => value[key]!),
      ),
    ],
  },
  entries: {
    doc: 'A list of { key, value } of an object, in its order.',
    overloads: [overload([object], ([type]) => listOf(entryOf(anyValueOf(type!))), entries)],
  },
};

/** The type of the elements of a list or collection. */
export function elementOf(type: Type): Type {
  return type.k === 'list' || type.k === 'collection' ? type.of : any;
}

/** The join of all values that an object may have under any key. */
export function anyValueOf(type: Type): Type {
  if (type.k !== 'obj') return any;
  const known = Object.values(type.fields).map((field) => field.type);
  return type.exact === true || type.rest ? joinTypes(...known, ...(type.rest ? [type.rest] : [])) : any;
}

function entryOf(value: Type): Type {
  return {
    k: 'obj',
    fields: fieldsOf([
      ['key', { type: str, optional: false }],
      ['value', { type: value, optional: false }],
    ]),
    rest: null,
    exact: true,
  };
}

function sameList([items]: readonly Type[]): Type {
  return listOf(elementOf(items!));
}

function openedType(type: Type): Type {
  return type.k === 'list' || type.k === 'collection' ? type.of : type;
}

function extremes(wins: (a: number | string, b: number | string) => boolean): ExprFunction['overloads'] {
  const pick = (scope: Scope, items: readonly (number | string)[]): Value => {
    charge(scope, items.length >> 2);
    return items.length === 0 ? null : items.reduce((best, item) => (wins(item, best) ? item : best));
  };
  const result = ([items]: readonly Type[]): Type => nullable(elementOf(items!));
  const ofTwo = (_: Scope, a: number, b: number): number => (wins(b, a) ? b : a);
  return [
    overload([listOf(num)], result, pick),
    overload([listOf(str)], result, pick),
    overload([int, int], int, ofTwo),
    overload([num, num], num, ofTwo),
  ];
}

function made<T extends List>(scope: Scope, items: T): T {
  charge(scope, 1 + items.length);
  return items;
}

function position(scope: Scope, items: List, value: Value): number {
  charge(scope, items.length >> 2);
  return items.findIndex((item) => equal(scope, item, value));
}

function joinTexts(scope: Scope, items: readonly string[], separator = ''): string {
  charge(scope, items.length >> 1);
  let length = 0;
  for (const item of items) length += item.length + separator.length;
  chargeText(scope, length);
  return items.join(separator);
}

function flatten(scope: Scope, items: List): List {
  const flat: Value[] = [];
  for (const item of items) {
    const inner = item instanceof Collection ? itemsOf(scope, item) : item;
    if (!Array.isArray(inner)) {
      charge(scope, 1);
      flat.push(inner);
      continue;
    }
    charge(scope, 1 + inner.length);
    for (const element of inner) flat.push(element);
  }
  return flat;
}

function sortNumbers(scope: Scope, items: readonly number[]): List {
  charge(scope, 1 + items.length * 2);
  return items.toSorted((a, b) => a - b);
}

function sortTexts(scope: Scope, items: readonly string[]): List {
  charge(scope, 1 + items.length * 2);
  return items.toSorted((a, b) => {
    charge(scope, Math.min(a.length, b.length) >> 8);
    return a < b ? -1 : a > b ? 1 : 0;
  });
}

function distinct(scope: Scope, items: List): List {
  const seen = new Set<string>();
  return items.filter((item) => {
    const identity = identityOf(scope, item);
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

function sum(scope: Scope, items: readonly number[]): number {
  charge(scope, 1 + (items.length >> 2));
  let total = 0;
  for (const item of items) total += item;
  if (!Number.isFinite(total)) fail(scope, scope.at, 'overflow', 'the sum is too large for a number');
  return total + 0;
}

function entries(scope: Scope, value: Obj): List {
  const keys = keysOf(scope, value);
  charge(scope, 1 + keys.length * 2);
  return keys.map((key) => ({ key, value: value[key]! }));
}
