import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Finding } from './finding.ts';
import { compareJudges, mergeBands, worthOf } from './disagreement.ts';
import type { JudgedUnit } from './unit.ts';

const units = Array.from({ length: 12 }, (_, index): JudgedUnit => ({
  id: `u${String(index)}`,
  place: 'body',
  kind: 'chapter',
  heading: `Chapter ${String(index)}`,
  contents: `Chapter ${String(index)}`,
  ordinal: index,
  letters: 100,
  opening: '',
  source: null,
}));

const titles = (verdicts: readonly (readonly ['match' | 'real_mismatch', number | null])[]): Finding[] =>
  verdicts.map(([verdict, confidence], index) => ({ type: 'title', unit: `u${String(index)}`, verdict, comment: '', confidence }));

it('says what a confidence is worth by the units on which the rules are certain', () => {
  const model = titles([
    ...Array.from({ length: 8 }, () => ['match', 0.95] as const),
    ['real_mismatch', 0.95],
    ['real_mismatch', 0.6],
    ['match', null],
    ['real_mismatch', 0.7],
  ]);
  const rules = titles(units.map((_, index) => ['match', index === 11 ? 0.7 : 1] as const));
  const { bands, disagreements, more } = compareJudges(units, model, rules, () => null);
  assert.deepEqual(
    bands.map(({ from, to, compared, agreed, certain, right }) => [from, to, compared, agreed, certain, right]),
    [
      [0.9, 1, 9, 8, 9, 8],
      [0.7, 0.9, 1, 0, 0, 0],
      [0.5, 0.7, 1, 0, 1, 0],
      [null, null, 1, 1, 1, 1],
    ],
  );
  // Those first of which the rules are certain, and among them those of which the model is.
  assert.deepEqual(
    disagreements.map(({ unit }) => unit),
    ['u8', 'u9', 'u11'],
  );
  assert.equal(more, 0);
  const [high, , low] = mergeBands([...bands, ...bands]);
  assert.deepEqual([high?.compared, low?.compared], [18, 2]);
  assert.deepEqual([worthOf(high!), worthOf(low!)], [16 / 18, null]);
});

it('leaves alone what only one of them judged', () => {
  const { bands, disagreements } = compareJudges(units, titles([['match', 1]]), [], () => null);
  assert.deepEqual([bands, disagreements], [[], []]);
});
