/**
 * The `pattern`s of schemas under RE2, which takes time linear in the text: definitions come from users, and a
 * backtracking pattern could stop the engine. Look-around and back references do not exist there.
 */

import { RE2JS } from 're2js';
import type { Schema } from '@scriptorium/core';
import { rebuildSchema } from '../reading/keyword.ts';

/** What typebox asks of a keyword of one's own. */
interface Refinement {
  readonly check: (value: unknown) => boolean;
  readonly error: () => string;
}

/** The schema with a refinement for each `pattern`. Throws a SyntaxError for one that RE2 does not know. */
export function withRe2Patterns(schema: Schema): unknown {
  return rebuildSchema(schema, (key, value) =>
    key === 'pattern' && typeof value === 'string' ? ['~refine', [refinement(value)]] : undefined,
  );
}

function refinement(pattern: string): Refinement {
  const compiled = compilePattern(pattern);
  return { check: (value) => typeof value !== 'string' || compiled.matcher(value).find(), error: () => `must match ${pattern}` };
}

function compilePattern(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
