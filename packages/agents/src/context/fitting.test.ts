import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Json } from '@scriptorium/core';
import { shown } from '../agent/instructions.ts';
import { earlierName, fit, planContext, splitLatest, tokensOf } from './fitting.ts';
import type { ContextPart } from './fitting.ts';
import { cutToTokens, mostTokensOf } from './tokens.ts';

const texts = fc.oneof(fc.string({ maxLength: 400 }), fc.string({ unit: 'grapheme', maxLength: 200 }));
const values: fc.Arbitrary<Json> = fc.oneof(
  texts,
  fc.array(texts, { maxLength: 20 }),
  fc.dictionary(fc.constantFrom('a', 'b', 'c'), texts),
);
const keepings = fc.constantFrom('pin', 'keep', 'summarise', 'drop');
const contexts: fc.Arbitrary<readonly ContextPart[]> = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('one', 'two', 'three', 'four', 'five', 'six'), value: values, keeping: keepings }),
  { selector: ({ name }) => name, maxLength: 6 },
);
const summaries = fc.dictionary(fc.constantFrom('one', 'two', 'three', 'four', 'five', 'six'), texts);

/** As an agent puts it together. */
function rendered(parts: { readonly [name: string]: Json }): string {
  return Object.entries(parts)
    .map(([name, value]) => `## ${name}\n\n${shown(value)}\n\n`)
    .join('');
}

describe('the context that travels', () => {
  it('is never over its budget, has all that is pinned, names what is missing, and is the same each time', () => {
    fc.assert(
      fc.property(contexts, fc.integer({ min: 0, max: 2_000 }), summaries, (parts, budget, said) => {
        const pinned = parts.filter(({ keeping }) => keeping === 'pin');
        const plan = planContext(parts, budget);
        const pins = pinned.reduce((sum, { name, value }) => sum + tokensOf(name, value), 0);
        assert.equal(plan === null, pins > budget);
        if (plan === null) return;
        const fitted = fit(plan, said);
        assert.ok(mostTokensOf(rendered(fitted.parts)) <= fitted.tokens && fitted.tokens <= budget, `${fitted.tokens} of ${budget}`);
        for (const { name, value } of pinned) assert.deepEqual(fitted.parts[name], value);
        const named = [...Object.entries(fitted.parts).map(([name]) => name), ...fitted.left.map(({ name }) => name)];
        assert.deepEqual([...new Set(named)].toSorted(), parts.map(({ name }) => name).toSorted());
        for (const { name, value } of parts)
          assert.ok(fitted.left.some((one) => one.name === name) || fitted.parts[name] === value, `${name} is changed in silence`);
        assert.deepEqual(fit(planContext(parts, budget) ?? plan, said), fitted);
      }),
      { numRuns: 2_000, seed: 6 },
    );
  });

  it('hands 200 turns over under 8,000 tokens, with the pins and the latest turns as they were', () => {
    const turns = Array.from({ length: 200 }, (_, index) => `Turn ${index}: ${'they talked about the lighthouse and the sea. '.repeat(4)}`);
    const parts: readonly ContextPart[] = [
      { name: 'rules', value: 'Nobody dies.', keeping: 'pin' },
      { name: 'turns', value: turns, keeping: 'summarise' },
    ];
    assert.ok(tokensOf('turns', turns) > 15_000);
    const plan = planContext(splitLatest(parts, 20), 8_000);
    assert.ok(plan !== null);
    const fitted = fit(plan, { [earlierName('turns')]: 'They talked about the lighthouse.' });
    assert.ok(fitted.tokens <= 8_000);
    assert.equal(fitted.parts['rules'], 'Nobody dies.');
    assert.deepEqual(fitted.parts['turns'], turns.slice(-20));
    assert.equal(fitted.parts['turns_before'], 'They talked about the lighthouse.');
    assert.deepEqual(
      fitted.left.map(({ name, how }) => [name, how]),
      [['turns_before', 'summarised']],
    );
  });

  it('cuts between characters, and never beyond what it is given', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 50 }), (text, tokens) => {
        const cut = cutToTokens(text.toWellFormed(), tokens);
        assert.ok(mostTokensOf(cut) <= tokens && cut.isWellFormed());
      }),
      { numRuns: 500, seed: 6 },
    );
  });
});
