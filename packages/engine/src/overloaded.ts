import { HostError } from '@scriptorium/core';
import type { Ms } from '@scriptorium/core';

/**
 * A refusal for want of room. It has no stack, which costs more than all else of it: there may be tens of thousands a
 * second, and where in the engine it was made helps nobody.
 */
export function overloaded(message: string, fix?: string, retryAfterMs?: Ms): HostError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new HostError('overloaded', message, fix, retryAfterMs);
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}
