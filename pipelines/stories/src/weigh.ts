/**
 * What a critic's scores mean for a chapter: how good it is, what is to be mended first, and whether the loop goes on.
 *
 * 1. At most three passes; each has something that ended it or is followed by another.
 * 2. A pass that made the chapter worse is kept out of it: the best one is what goes on.
 */

import { defineHandler } from '@scriptorium/core';
import type { Handler, Json, JsonObject } from '@scriptorium/core';
import { paragraphSchema, paragraphsOf, textOf } from './paragraph.ts';
import type { Paragraph } from './paragraph.ts';

/** Of the score of the whole. */
const weights = {
  structure: 1.2,
  coherence: 1.3,
  genre: 0.7,
  character: 1.3,
  pacing: 1,
  theme: 0.8,
  dialogue: 1,
  setting: 0.8,
  emotion: 1,
  originality: 0.9,
  technique: 1,
} as const;

type Dimension = keyof typeof weights;
type Scores = { readonly [dimension in Dimension]: number };

const MAX_PASSES = 3;
/** A pass that gains less than this was the last. */
const LEAST_GAIN = 0.1;
/** Dimensions below this are weak; the weakest is mended first. */
const WEAK = 7;

export interface Weighed {
  readonly pass: number;
  readonly score: number;
  readonly gain: number | null;
  /** The dimension to mend first; null where none is weak. */
  readonly focus: string | null;
  /** What ended the loop; null where it goes on. */
  readonly ended: 'target' | 'accepted' | 'small_gain' | 'passes' | null;
  readonly text: string;
  readonly paragraphs: readonly Paragraph[];
  /** Of every pass. */
  readonly passes: readonly { readonly pass: number; readonly score: number; readonly choice: string }[];
}

export const weighedSchema: JsonObject = {
  type: 'object',
  required: ['pass', 'score', 'gain', 'focus', 'ended', 'text', 'paragraphs', 'passes'],
  properties: {
    pass: { type: 'integer' },
    score: { type: 'number' },
    gain: { type: ['number', 'null'] },
    focus: { type: ['string', 'null'] },
    ended: { enum: ['target', 'accepted', 'small_gain', 'passes', null] },
    text: { type: 'string' },
    paragraphs: { type: 'array', items: paragraphSchema },
    passes: { type: 'array', items: { type: 'object' } },
  },
};

export interface Weighing {
  readonly text: string;
  readonly origin?: Json;
  readonly scores: Scores;
  readonly target: number;
  readonly choice: string;
  readonly before: Weighed | null;
}

export const weighHandler: Handler = defineHandler({
  name: 'story/weigh',
  version: '1.0.0',
  doc: 'The score of a chapter, what to mend first, and what ends the loop.',
  input: {
    type: 'object',
    required: ['text', 'scores', 'target', 'choice', 'before'],
    properties: {
      text: { type: 'string' },
      origin: { type: ['object', 'null'] },
      scores: { type: 'object', required: Object.keys(weights), additionalProperties: { type: 'number' } },
      target: { type: 'number' },
      choice: { type: 'string' },
      before: { oneOf: [weighedSchema, { type: 'null' }] },
    },
  },
  output: weighedSchema,
  effects: 'none',
  run: (given: Weighing) => weigh(given) as unknown as JsonObject,
});

export function weigh({ text, origin, scores, target, choice, before }: Weighing): Weighed {
  const pass = (before?.pass ?? 0) + 1;
  const score = scoreOf(scores);
  const gain = before === null ? null : round(score - before.score);
  const paragraphs = paragraphsOf(text, origin, pass, before?.paragraphs ?? []);
  const best = before !== null && before.score > score ? before : { score, paragraphs };
  return {
    pass,
    score: best.score,
    gain,
    focus: weakestOf(scores),
    ended: endOf(score, target, choice, gain, pass),
    text: textOf(best.paragraphs),
    paragraphs: best.paragraphs,
    passes: [...(before?.passes ?? []), { pass, score, choice }],
  };
}

function endOf(score: number, target: number, choice: string, gain: number | null, pass: number): Weighed['ended'] {
  if (score >= target) return 'target';
  if (choice === 'keep') return 'accepted';
  if (gain !== null && gain < LEAST_GAIN) return 'small_gain';
  return pass >= MAX_PASSES ? 'passes' : null;
}

function scoreOf(scores: Scores): number {
  const names = Object.keys(weights) as Dimension[];
  const all = names.reduce((sum, name) => sum + weights[name], 0);
  return round(names.reduce((sum, name) => sum + scores[name] * weights[name], 0) / all);
}

/** Of those below seven, the one that costs the chapter most. */
function weakestOf(scores: Scores): string | null {
  const weak = (Object.keys(weights) as Dimension[]).filter((name) => scores[name] < WEAK);
  const cost = (name: Dimension): number => (10 - scores[name]) * weights[name];
  return weak.toSorted((a, b) => cost(b) - cost(a))[0] ?? null;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
