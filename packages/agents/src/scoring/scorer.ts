/**
 * Scorers: handlers that judge what another step gave. A result has `scores`, from 0 to 1 by their names, and `of`, the
 * step that was judged; reports find it by that, and by nothing else.
 */

import { defineHandler, StepError } from '@scriptorium/core';
import type { Handler, Json, JsonObject, Schema } from '@scriptorium/core';

/** One score, and why it is not the best. */
export interface Scored {
  /** From 0 to 1. */
  readonly score: number;
  readonly why?: string;
}

export interface ScorerInput extends JsonObject {
  /** The step whose result is judged. */
  readonly of?: string;
  readonly value: Json;
  /** How much each score counts in the whole; 1 unless given. */
  readonly weights?: { readonly [name: string]: number };
}

/** Of a reason: more of it would make results too large to be kept with their events. */
const MAX_WHY = 300;
/** Scores of one result. */
const MAX_SCORES = 20;

export const ofSchema: Schema = { type: 'string', minLength: 1, description: 'the step whose result is judged' };
export const weightsSchema: Schema = {
  type: 'object',
  additionalProperties: { type: 'number', minimum: 0 },
  description: 'how much each score counts in the whole; 1 unless given',
};

/** What every scorer gives. */
export const scoredSchema: Schema = {
  type: 'object',
  required: ['score', 'scores'],
  properties: {
    score: { type: 'number', minimum: 0, maximum: 1, description: 'the mean of all scores, by their weights' },
    scores: { type: 'object', additionalProperties: { type: 'number', minimum: 0, maximum: 1 } },
    why: { type: 'object', additionalProperties: { type: 'string' } },
    of: { type: 'string' },
  },
};

export interface ScorerDefinition<I> {
  /** As steps name it: `team/rhymes`. */
  readonly name: string;
  readonly version: string;
  readonly doc: string;
  /** JSON Schemas of what it takes beside `of`, `value` and `weights`. */
  readonly input?: { readonly [name: string]: Schema };
  readonly score: (input: I) => { readonly [name: string]: Scored | number | boolean };
}

/** A function that judges, as a handler. It has to give the same for the same, since its results are taken over. */
export function defineScorer<I extends ScorerInput = ScorerInput>({ name, version, doc, input = {}, score }: ScorerDefinition<I>): Handler {
  return defineHandler<I>({
    name,
    version,
    doc,
    input: {
      type: 'object',
      required: ['value'],
      properties: { of: ofSchema, value: { description: 'what is judged' }, weights: weightsSchema, ...input },
      additionalProperties: false,
    },
    output: scoredSchema,
    effects: 'none',
    pure: true,
    run: (given) => scoredResult(score(given), given),
  });
}

/** The result of a scorer. Raises `contract.output` for what is no score. */
export function scoredResult(
  given: { readonly [name: string]: Scored | number | boolean },
  { of, weights = {} }: Pick<ScorerInput, 'of' | 'weights'>,
): JsonObject {
  const all = Object.entries(given).map(([name, one]) => ({ name, ...(typeof one === 'object' ? one : { score: Number(one) }) }));
  const wrong = all.find(({ score }) => !(score >= 0 && score <= 1));
  if (all.length === 0 || all.length > MAX_SCORES)
    throw new StepError('contract.output', `there are ${all.length} scores, and a result has 1 to ${MAX_SCORES}`);
  if (wrong !== undefined) throw new StepError('contract.output', `the score ${wrong.name} is ${wrong.score}, and scores go from 0 to 1`);
  const weightOf = (name: string): number => weights[name] ?? 1;
  const whole = all.reduce((sum, { name }) => sum + weightOf(name), 0);
  const score = whole === 0 ? 0 : all.reduce((sum, one) => sum + one.score * weightOf(one.name), 0) / whole;
  const why = all.flatMap((one) => (one.why === undefined ? [] : [[one.name, one.why.slice(0, MAX_WHY).toWellFormed()] as const]));
  return {
    score: rounded(score),
    scores: Object.fromEntries(all.map(({ name, score }) => [name, rounded(score)])),
    ...(why.length === 0 ? {} : { why: Object.fromEntries(why) }),
    ...(of === undefined ? {} : { of }),
  };
}

/** Four digits: what differs less is not different. */
function rounded(score: number): number {
  return Math.round(score * 10_000) / 10_000;
}
