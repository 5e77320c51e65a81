import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PassingMap } from './passing-map.ts';

test('a passing map gives what was put into it last, the oldest name first, until it is taken out', () => {
  const map = new PassingMap<number>();
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  assert.deepEqual([map.size, map.get('a'), map.has('b'), [...map.values()]], [2, 3, true, [3, 2]]);
  map.delete('a');
  map.delete('nobody');
  assert.deepEqual([map.size, map.get('a'), map.has('a'), [...map.values()]], [1, undefined, false, [2]]);
});

test('what is taken out while the values are gone through is not among them any more', () => {
  const map = new PassingMap<number>();
  for (const [index, name] of ['a', 'b', 'c'].entries()) map.set(name, index);
  const seen: number[] = [];
  for (const value of map.values()) {
    seen.push(value);
    map.delete('b');
  }
  assert.deepEqual(seen, [0, 2]);
});
