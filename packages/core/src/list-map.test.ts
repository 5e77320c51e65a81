import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { ListMap, noEntries, withEntry, withoutEntry } from './list-map.ts';

function assertSame<K, V>(map: ReadonlyMap<K, V>, expected: ReadonlyMap<K, V>, absent: K): void {
  assert.deepEqual([...map], [...expected]);
  assert.deepEqual([...map.keys()], [...expected.keys()]);
  assert.deepEqual([...map.values()], [...expected.values()]);
  assert.equal(map.size, expected.size);
  for (const [key, value] of expected) assert.deepEqual([map.has(key), map.get(key)], [true, value]);
  assert.deepEqual([map.has(absent), map.get(absent)], [false, undefined]);
  const visited: [K, V][] = [];
  map.forEach((value, key) => visited.push([key, value]));
  assert.deepEqual(visited, [...expected]);
}

/** Of each change: the key, and the value, which is a list at times; without one the entry goes. */
function changesOf<K>(key: fc.Arbitrary<K>): fc.Arbitrary<readonly (readonly [K, unknown])[]> {
  const value = fc.oneof(fc.string(), fc.array(fc.nat()), fc.constant(undefined));
  return fc.array(fc.tuple(key, value), { maxLength: 400, size: 'max' });
}

function play<K extends number | string>(changes: readonly (readonly [K, unknown])[], absent: K): void {
  let map: ReadonlyMap<K, unknown> = noEntries;
  const expected = new Map<K, unknown>();
  for (const [key, value] of changes) {
    const [before, was] = [map, [...map]];
    map = value === undefined ? withoutEntry(map, key) : withEntry(map, key, value);
    if (value === undefined) expected.delete(key);
    else expected.set(key, value);
    assert.deepEqual([...before], was, 'a change touched the map before it');
  }
  assertSame(map, expected, absent);
}

it('has what a map has after the same changes, for few numbers and many', () => {
  fc.assert(fc.property(changesOf(fc.nat(9)), (changes) => play(changes, 10)));
  fc.assert(
    fc.property(changesOf(fc.nat(200)), (changes) => play(changes, 201)),
    { numRuns: 30 },
  );
});

it('has what a map has after the same changes, for few names and many', () => {
  const name = (most: number): fc.Arbitrary<string> => fc.nat(most).map((number) => `step ${number}`);
  fc.assert(fc.property(changesOf(name(3)), (changes) => play(changes, '')));
  fc.assert(
    fc.property(changesOf(name(40)), (changes) => play(changes, '')),
    { numRuns: 30 },
  );
});

it('shares the list of its keys where a value alone is another', () => {
  const [one, other] = [withEntry(noEntries, 'wait', 1), withEntry(noEntries, 'wait', 2)];
  assert.ok(one instanceof ListMap && other instanceof ListMap);
  assert.equal(one.names, other.names);
  const both = withEntry(one, 'then', 3);
  const changed = withEntry(both, 'wait', 4);
  assert.ok(both instanceof ListMap && changed instanceof ListMap);
  assert.equal(both.names, changed.names);
});
