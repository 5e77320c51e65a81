/** What a tool gave, as the model is told it: bounded in size, without keys, and never more than data. */

import type { Json } from '@scriptorium/core';
import { redactJson } from './redacting.ts';
import type { Redact } from './redacting.ts';

/** Characters of JSON that one result may have; about 10,000 tokens. */
export const MAX_RESULT = 40_000;

/** As it is where it is small enough; else its beginning, and how much there was. */
export function boundedResult(output: Json, redact: Redact): Json {
  const clean = redactJson(output, redact);
  const text = typeof clean === 'string' ? clean : JSON.stringify(clean);
  if (text.length <= MAX_RESULT) return clean;
  return { cut: true, characters: text.length, beginning: text.slice(0, MAX_RESULT).toWellFormed() };
}
