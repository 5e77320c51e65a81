import { deepEqual, equal, match } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { childRunId, createRunIds } from './run-id.ts';

const second = Date.UTC(2026, 10, 20, 19, 15, 3);

test('given runs that begin in one second, when they are named, then their names differ and rise', () => {
  const newRunId = createRunIds((_stream, bytes) => randomBytes(bytes));
  const names = Array.from({ length: 50_000 }, (_, index) => newRunId(second + (index % 1_000)));
  equal(new Set(names).size, names.length);
  deepEqual(names, names.toSorted());
  for (const name of names) match(name, /^20261120-191503-[0-9a-z]{6}$/);
});

test('given the greatest chance, when runs begin in two seconds, then each second has its own names', () => {
  const newRunId = createRunIds((_stream, bytes) => new Uint8Array(bytes).fill(31));
  equal(newRunId(second), '20261120-191503-fzzzzz');
  equal(newRunId(second + 999), '20261120-191503-g007zz');
  equal(newRunId(second + 1_000), '20261120-191504-fzzzzz');
});

test('given one attempt, when its run is named again, then it is the same name below the run that somebody started', () => {
  const above = '20261120-191503-7k2m9q.0v4mz81qk2h7';
  const name = childRunId(above, 'key', 0);
  match(name, /^20261120-191503-7k2m9q\.[0-9a-z]{12}$/);
  equal(childRunId(above, 'key', 0), name);
});
