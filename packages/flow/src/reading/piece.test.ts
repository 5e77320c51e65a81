import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Findings } from '../diagnostic.ts';
import { linesOf } from './lines.ts';
import { offsetsOf } from './piece.ts';
import type { ScalarPiece } from './piece.ts';
import { readSource } from './source.ts';

function scalarOf(source: string): ScalarPiece {
  const lines = linesOf(source);
  const piece = readSource(source, lines, new Findings('f', lines));
  const value = piece?.type === 'map' ? piece.entries.get('a')?.value : undefined;
  assert.ok(value?.type === 'scalar');
  return value;
}

/** The source at the place of `word` in the value. */
function at(source: string, word: string): string {
  const piece = scalarOf(source);
  const index = String(piece.value).indexOf(word);
  assert.notEqual(index, -1, `${JSON.stringify(piece.value)} has ${word}`);
  const offsets = offsetsOf(piece);
  return source.slice(offsets[index], (offsets[index + word.length - 1] ?? 0) + 1);
}

test('given any style of scalar, every word is found where it was written', () => {
  const sources = {
    plain: 'a: one two WORD three\n',
    'plain over lines': 'a: one\n  two\n\n  WORD three\n',
    double: 'a: "one WORD"\n',
    'double with escapes': 'a: "one \\"two\\" \\u00e9\\x41\\n\\tWORD"\n',
    'double over lines': 'a: "one\n  two \\\n  WORD"\n',
    single: "a: 'it''s WORD'\n",
    literal: 'a: |\n  one\n    two\n\n  WORD\n',
    'literal with indentation and chomping': 'a: |2-\n    one\n   WORD\n',
    folded: 'a: >-\n  one\n  two\n\n  three WORD\n',
    'folded with a comment in its header': 'a: > # note\n  one\n  WORD\n',
    'windows line ends': 'a: >-\r\n  one\r\n  WORD\r\n',
  };
  for (const [name, source] of Object.entries(sources)) {
    assert.equal(at(source, 'WORD'), 'WORD', name);
  }
});

test('given escapes, the place of an escaped character is that of its escape', () => {
  assert.equal(at('a: "x \\"y"\n', '"').charAt(0), '\\');
  assert.equal(at("a: 'it''s'\n", "'s").slice(-1), 's');
});
