/** What is kept of a text that nobody reads further: its beginning, without keys. */

import type { Schema } from '@scriptorium/core';

const MAX_EXCERPT = 1_000_000;
/** So many times an excerpt is looked through for keys, so that none is cut in two at its end. */
const LOOKED_THROUGH = 4;

export const excerptSchema: Schema = {
  type: 'integer',
  minimum: 1,
  maximum: MAX_EXCERPT,
  description:
    'Keep only so many characters, without keys of the environment: for what nobody reads further. What was longer comes as `text`, and `characters` says how long it was.',
};

export interface Excerpt {
  readonly text: string;
  /** How long it was; only where it was longer. */
  readonly characters?: number;
}

/** The first characters of what is left without keys. Of a long text only as much is looked through as can be needed. */
export function excerptOf(text: string, most: number, redact: (text: string) => string): Excerpt {
  const first = redact(text.slice(0, LOOKED_THROUGH * most));
  // A key that was cut in two stands at the end of it.
  const clean = first.length < 2 * most && text.length > LOOKED_THROUGH * most ? redact(text) : first;
  return text.length <= most ? { text: clean } : { text: clean.slice(0, most).toWellFormed(), characters: text.length };
}
