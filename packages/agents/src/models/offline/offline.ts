/**
 * The model `offline`: a small writer by a grammar, with a seed. It needs no network and no key, costs nothing, and
 * gives the same answer to the same request. It is no language model: it lets every agent, loop and handoff of a flow be
 * seen at work, and says what it is wherever it writes freely.
 */

import { StepError } from '@scriptorium/core';
import type { Model } from '../model.ts';
import { answerOf } from './answer.ts';
import { chanceOf } from './chance.ts';
import { materialOf } from './material.ts';
import { proseOf } from './prose.ts';

export const OFFLINE_LABEL = 'Written by the offline model of Scriptorium: a grammar with a seed, no language model.';

/** Characters that are streamed at once. */
const PIECE = 64;

export const offlineModel: Model = {
  name: 'offline',
  most: () => ({ usd: 0, tokens: 0 }),
  call: async (request, { signal, onText }) => {
    const startedAt = performance.now();
    if (signal.aborted) throw new StepError('cancelled', 'the call of offline was ended');
    const chance = chanceOf(JSON.stringify([request.system, request.messages, request.returns, request.settings.seed ?? 0]));
    const material = materialOf(request);
    const value = request.returns === null ? undefined : answerOf(request.returns, chance, material);
    const text = value === undefined ? `${OFFLINE_LABEL}\n\n${proseOf(chance, material)}` : JSON.stringify(value);
    for (let at = 0; at < text.length; at += PIECE) onText(text.slice(at, at + PIECE));
    const ms = Math.round(performance.now() - startedAt);
    return {
      text,
      ...(value === undefined ? {} : { value }),
      calls: [],
      usage: { input: 0, cachedInput: 0, output: 0, reasoning: 0 },
      usd: 0,
      by: 'offline',
      ms,
      firstMs: ms,
    };
  },
};
