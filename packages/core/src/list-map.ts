/**
 * A map of few entries that is never changed: a change makes another one, by copying a list. A hundred thousand items may
 * have one each. Of one entry it takes 40 bytes, where a `Map` takes 216, and a change among 128 copies 2 kB, where copying
 * a `Map` makes 20. It is looked up by going through the keys; numbers that are their own places are found at once.
 *
 * 1. Entries keep the order in which they were added, as those of a `Map` do.
 * 2. Maps that differ in values alone share the list of their keys.
 */

export class ListMap<K, V> implements ReadonlyMap<K, V> {
  readonly names: readonly K[];
  /** In the order of the names; of one entry the value itself. */
  readonly held: readonly V[] | V;

  constructor(names: readonly K[], values: readonly V[]) {
    this.names = names;
    this.held = values.length === 1 ? (values[0] as V) : values;
  }

  get size(): number {
    return this.names.length;
  }

  has(key: K): boolean {
    return placeOf(this.names, key) >= 0;
  }

  get(key: K): V | undefined {
    const place = placeOf(this.names, key);
    if (place < 0) return undefined;
    return this.names.length === 1 ? (this.held as V) : (this.held as readonly V[])[place];
  }

  keys(): MapIterator<K> {
    return this.names.values();
  }

  values(): MapIterator<V> {
    return valuesOf(this).values();
  }

  *entries(): MapIterator<[K, V]> {
    const values = valuesOf(this);
    for (let place = 0; place < values.length; place += 1) yield [this.names[place] as K, values[place] as V];
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }
}

export const noEntries: ListMap<never, never> = new ListMap<never, never>([], []);

/** More would take too long to go through: they are kept in a `Map`. */
const MOST_NUMBERS = 128;
const MOST_NAMES = 16;

/** The map with the entry changed, or added as the last one. */
export function withEntry<K extends number | string, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  const most = typeof key === 'number' ? MOST_NUMBERS : MOST_NAMES;
  if (map.size > most) return new Map(map).set(key, value);
  const known = map instanceof ListMap ? (map as ListMap<K, V>) : listOf(map);
  const place = placeOf(known.names, key);
  if (place >= 0) return new ListMap(known.names, valuesOf(known).with(place, value));
  if (known.size === most) return new Map(known).set(key, value);
  return new ListMap(withName(known.names, key), added(valuesOf(known), value));
}

export function withoutEntry<K extends number | string, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map;
  if (map.size === 1) return noEntries;
  const kept = [...map].filter(([name]) => name !== key);
  return map instanceof ListMap ? listOf(new Map(kept)) : new Map(kept);
}

export function listOf<K, V>(entries: Pick<ReadonlyMap<K, V>, 'keys' | 'values'>): ListMap<K, V> {
  return new ListMap([...entries.keys()], [...entries.values()]);
}

function placeOf<K>(names: readonly K[], key: K): number {
  if (typeof key === 'number' && key < names.length && names[key] === key) return key;
  return names.indexOf(key);
}

function valuesOf<K, V>({ names, held }: ListMap<K, V>): readonly V[] {
  return names.length === 1 ? [held as V] : (held as readonly V[]);
}

/** A list without room for more, which one that is spread into has. */
function added<T>(list: readonly T[], one: T): readonly T[] {
  return list.toSpliced(list.length, 0, one);
}

/** The numbers from 0 to before each: the items of most chunks open in their order, and all of those share one list. */
const firstNumbers: (readonly number[])[] = [];

function withName<K extends number | string>(names: readonly K[], key: K): readonly K[] {
  const { length } = names;
  if (key !== length || (length > 0 && names !== firstNumbers[length])) return length === 0 ? onlyName(key) : added(names, key);
  firstNumbers[length + 1] ??= Array.from({ length: length + 1 }, (_, number) => number);
  return firstNumbers[length + 1] as readonly K[];
}

/** Lists of one name, which all who need such a list may share. */
const alone = new Map<number | string, readonly (number | string)[]>();
const MOST_ALONE = 1_024;

export function onlyName<K extends number | string>(key: K): readonly K[] {
  const known = alone.get(key) as readonly K[] | undefined;
  if (known !== undefined) return known;
  if (alone.size === MOST_ALONE) alone.clear();
  const names: readonly K[] = [key];
  alone.set(key, names);
  return names;
}
