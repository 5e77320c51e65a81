/** What scripted handlers do when they are called. */

import { parseDuration } from '@scriptorium/core';
import type { Context, GoOn, Json, JsonObject, Ms } from '@scriptorium/core';

const mark: unique symbol = Symbol('answer');

/** Something other than a value: a failure, time that passes, or a fault of the machine. */
export type Special =
  | { readonly [mark]: 'fails'; readonly code: string; readonly message: string; readonly retryAfterMs: Ms | null }
  | { readonly [mark]: 'takes'; readonly ms: Ms; readonly then: Answer }
  | { readonly [mark]: 'loses' }
  | { readonly [mark]: 'kills' };

export type Answer = Json | GoOn | Special;

/** One call of a scripted handler: the context that every handler is given, and how often this one was called, from 1. */
export interface Call extends Context {
  readonly number: number;
}

/** Given the input of a call, its answer. What it throws is what the handler throws. */
export type Answering = (input: JsonObject, call: Call) => Answer | Promise<Answer>;

/**
 * By the name of the handler: a function; a list of answers, one for each call in the order of the calls, of which the
 * last is not repeated; or one special answer for all calls.
 */
export interface Script {
  readonly [uses: string]: Answering | readonly (Answer | Answering)[] | Special;
}

/** The call fails with this code, which may be one that its contract does not declare. */
export function fails(code: string, message = `scripted to fail with ${code}`, options: { readonly retryAfter?: string } = {}): Special {
  return { [mark]: 'fails', code, message, retryAfterMs: options.retryAfter === undefined ? null : durationOf(options.retryAfter) };
}

/** So much virtual time passes, then comes the answer. */
export function takes(duration: string, then: Answer = null): Special {
  return { [mark]: 'takes', ms: durationOf(duration), then };
}

/** The worker that has the call ends, and the call with it. */
export function loses(): Special {
  return { [mark]: 'loses' };
}

/** The engine ends in the midst of the call, as by `kill -9`, and a new one goes on with the run. */
export function kills(): Special {
  return { [mark]: 'kills' };
}

export function kindOf(answer: Special): Special[typeof mark] {
  return answer[mark];
}

export function isSpecial(answer: unknown): answer is Special {
  return typeof answer === 'object' && answer !== null && mark in answer;
}

/** Milliseconds of `90s` or `3d`; raises a RangeError for anything else. */
export function durationOf(text: string): Ms {
  const ms = parseDuration(text);
  if (ms === undefined) throw new RangeError(`'${text}' is not a duration such as 90s, 1h30m or 3d`);
  return ms;
}
