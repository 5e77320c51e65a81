/** How a step goes on whose work is done in parts. */

import type { Command, Values } from '../commands.ts';
import { readCarried } from '../names.ts';
import type { StepState } from '../state.ts';

/** What a dispatch says of the attempts before it. */
type Told = Pick<Extract<Command, { k: 'dispatch' }>, 'notes' | 'failure' | 'part'>;

/** What an attempt is told of those before it; and, where a flow does the next part, what to call in place of the handler. */
export function goingOn(step: StepState | undefined, values: Values): Told & Partial<Extract<Command, { k: 'dispatch' }>> {
  if (step?.type !== 'again') return { notes: [], failure: null, part: null };
  const { notes = [], error: failure, call } = step;
  if (call === undefined) return { notes, failure, part: null };
  const { uses, flow, as: part } = call;
  const input = readCarried(call.input, values);
  return { notes, failure, part, uses, flow, input, pool: null, timeoutMs: null, refusable: false, cache: null };
}
