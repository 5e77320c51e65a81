import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fingerprint } from './fingerprint.ts';

const cases: readonly (readonly [string, string])[] = [
  ['chapter 12 has 3.5 KB', 'chapter <n> has <n> KB'],
  ['cannot read "the book.txt"', 'cannot read <text>'],
  ["can't find 'x' here", "can't find <text> here"],
  ["ENOENT: no such file or directory, open '/data/books/a 1.txt'", 'ENOENT: no such file or directory, open <text>'],
  ['open /data/books/a.txt failed', 'open <path> failed'],
  ['open C:\\books\\a.txt failed', 'open <path> failed'],
  ['in clean/20260101/pg84.json', 'in <path>'],
  ['GET https://example.org/v1?x=1 answered 503', 'GET <url> answered <n>'],
  ['hash sha256:0123456789abcdef differs', 'hash <id> differs'],
  ['two\n  lines', 'two lines'],
];

for (const [message, pattern] of cases) {
  test(`${JSON.stringify(message)} is one with every ${JSON.stringify(pattern)}`, () => assert.equal(fingerprint(message), pattern));
}

test('given a long and hostile message, then the pattern stays short', () => {
  assert.ok(fingerprint(`'${'/a'.repeat(50_000)}`).length <= 400);
});
