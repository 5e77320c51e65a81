/** `core/score`: judges by rules - of how many words, which words are there, how near it is to another text - and by expressions. */

import { StepError } from '@scriptorium/core';
import type { Handler, Json, Schema } from '@scriptorium/core';
import { canonicalJson, createContracts } from '@scriptorium/flow';
import { defineScorer } from './scorer.ts';
import type { Scored, ScorerInput } from './scorer.ts';

/** One of these. */
export interface Rule {
  /** As many words as this; fewer or more count as far as they reach. */
  readonly words?: { readonly min?: number; readonly max?: number };
  /** All of these stand in it, whatever their case; each that does counts. */
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
  readonly equals?: Json;
  /** The same words as in this text, by their F1. */
  readonly near?: string;
  /** A JSON Schema that it fits. */
  readonly fits?: Schema;
}

interface RulesInput extends ScorerInput {
  readonly rules?: { readonly [name: string]: Rule & { readonly [key: string]: Json } };
  /** What expressions of the flow say: yes and no, or numbers from 0 to 1. */
  readonly scores?: { readonly [name: string]: number | boolean };
}

const count: Schema = { type: 'integer', minimum: 0 };
const texts: Schema = { type: 'array', minItems: 1, maxItems: 100, items: { type: 'string', minLength: 1 } };
const rule: Schema = {
  type: 'object',
  minProperties: 1,
  maxProperties: 1,
  properties: {
    words: { type: 'object', minProperties: 1, properties: { min: count, max: count }, additionalProperties: false },
    has: texts,
    lacks: texts,
    equals: true,
    near: { type: 'string', minLength: 1 },
    fits: { type: ['object', 'boolean'] },
  },
  additionalProperties: false,
};

export const rulesScorer: Handler = defineScorer<RulesInput>({
  name: 'core/score',
  version: '1.0.0',
  doc: 'Judges what a step gave, by rules and by expressions.',
  input: {
    rules: { type: 'object', minProperties: 1, maxProperties: 20, additionalProperties: rule },
    scores: {
      type: 'object',
      minProperties: 1,
      maxProperties: 20,
      additionalProperties: { anyOf: [{ type: 'boolean' }, { type: 'number', minimum: 0, maximum: 1 }] },
    },
  },
  score: ({ value, rules = {}, scores = {} }) => {
    if (Object.keys(rules).length + Object.keys(scores).length === 0)
      throw new StepError('contract.input', 'there is nothing to judge by', { fix: 'Give `rules`, `scores`, or both.' });
    return { ...Object.fromEntries(Object.entries(rules).map(([name, one]) => [name, byRule(one, value)])), ...scores };
  },
});

const contracts = createContracts();

function byRule({ words, has, lacks, equals, near, fits }: Rule, value: Json): Scored {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (words !== undefined) return inLength(wordsOf(text).length, words);
  if (has !== undefined) return withTexts(text, has, true);
  if (lacks !== undefined) return withTexts(text, lacks, false);
  if (near !== undefined) return nearTo(wordsOf(text), wordsOf(near));
  if (fits !== undefined) {
    const [issue] = contracts.compile(fits)(value);
    return issue === undefined ? { score: 1 } : { score: 0, why: `${issue.path || '/'} ${issue.message}` };
  }
  return canonicalJson(value) === canonicalJson(equals ?? null) ? { score: 1 } : { score: 0, why: 'it is something else' };
}

function inLength(length: number, { min = 0, max = Number.POSITIVE_INFINITY }: NonNullable<Rule['words']>): Scored {
  if (length < min) return { score: length / min, why: `${length} words, and ${min} at least` };
  if (length > max) return { score: max / length, why: `${length} words, and ${max} at most` };
  return { score: 1 };
}

function withTexts(text: string, wanted: readonly string[], areWanted: boolean): Scored {
  const whole = text.toLowerCase();
  const wrong = wanted.filter((one) => whole.includes(one.toLowerCase()) !== areWanted);
  if (wrong.length === 0) return { score: 1 };
  return { score: 1 - wrong.length / wanted.length, why: `${areWanted ? 'without' : 'with'} ${wrong.join(', ')}` };
}

/**
 * The harmonic mean of precision and recall of words, each counted as often as it stands there.
 *
 * Source: P. Rajpurkar and others, SQuAD: 100,000+ Questions for Machine Comprehension of Text, 2016.
 */
function nearTo(words: readonly string[], others: readonly string[]): Scored {
  const left = new Map<string, number>();
  for (const word of others) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of words) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    shared += 1;
  }
  return { score: shared === 0 ? 0 : (2 * shared) / (words.length + others.length) };
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}
