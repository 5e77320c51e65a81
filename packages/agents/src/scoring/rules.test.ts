import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Context, Json } from '@scriptorium/core';
import { rulesScorer } from './rules.ts';
import { defineScorer } from './scorer.ts';

interface Result {
  readonly score: number;
  readonly scores: { readonly [name: string]: number };
  readonly why?: { readonly [name: string]: string };
  readonly of?: string;
}

const judged = (given: Json): Result => rulesScorer.run(given as never, {} as Context) as unknown as Result;
const byRule = (rule: Json, value: Json): number => judged({ value, rules: { it: rule } }).score;

describe('rules', () => {
  for (const [what, rule, value, score] of [
    ['as many words as were asked for', { words: { min: 2, max: 4 } }, 'an old pond', 1],
    ['half as many words', { words: { min: 6 } }, 'an old pond', 0.5],
    ['twice as many words', { words: { max: 2 } }, 'one two three four', 0.5],
    ['one of two texts', { has: ['pond', 'frog'] }, 'An old POND', 0.5],
    ['a text that is not wanted', { lacks: ['pond'] }, 'an old pond', 0],
    ['no text that is not wanted', { lacks: ['frog', 'sea'] }, 'an old pond', 1],
    ['the same value with its names in another order', { equals: { a: 1, b: 2 } }, { b: 2, a: 1 }, 1],
    ['another value', { equals: 3 }, 4, 0],
    ['the words of another text', { near: 'the old pond' }, 'an old pond', 0.6667],
    ['none of the words of another text', { near: 'frogs' }, 'an old pond', 0],
    ['what fits a schema', { fits: { type: 'object', required: ['a'] } }, { a: 1 }, 1],
    ['what does not fit it', { fits: { type: 'object', required: ['a'] } }, {}, 0],
  ] as const) {
    it(`give ${score} for ${what}`, () => assert.equal(byRule(rule as Json, value as Json), score));
  }

  it('come together by their weights, with what expressions say, and say why', () => {
    const result = judged({
      of: 'write',
      value: 'an old pond',
      rules: { long: { words: { min: 6 } } },
      scores: { true: true, half: 0.5 },
      weights: { long: 2, true: 1, half: 0 },
    });
    assert.deepEqual(result, {
      score: 0.6667,
      scores: { long: 0.5, true: 1, half: 0.5 },
      why: { long: '3 words, and 6 at least' },
      of: 'write',
    });
  });

  it('have to be there', () => assert.throws(() => judged({ value: 'x' }), { code: 'contract.input' }));
});

it('a function of the project judges as a handler, and a score beyond 0 to 1 is none', () => {
  const scorer = defineScorer({
    name: 'team/even',
    version: '1.0.0',
    doc: 'Likes even numbers.',
    score: ({ value }) => ({ even: Number(value) % 2 === 0, size: Number(value) / 10 }),
  });
  assert.deepEqual(scorer.run({ value: 4 } as never, {} as Context), { score: 0.7, scores: { even: 1, size: 0.4 } });
  assert.throws(() => scorer.run({ value: 12 } as never, {} as Context), { code: 'contract.output' });
});
