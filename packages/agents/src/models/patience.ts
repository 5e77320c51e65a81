/** How long an answer of a model is waited for: until it begins, between its pieces, and in all. */

import { StepError } from '@scriptorium/core';

export interface CallTimeouts {
  /** Until the first piece of the answer. */
  readonly firstMs: number;
  /** Between two pieces. */
  readonly stallMs: number;
  readonly wholeMs: number;
}

export const callTimeouts: CallTimeouts = { firstMs: 60_000, stallMs: 30_000, wholeMs: 600_000 };

export interface Patience {
  /** Aborted with a `timeout` when it is over. */
  readonly signal: AbortSignal;
  /** A piece has come. */
  readonly heard: () => void;
  readonly end: () => void;
}

export function createPatience(name: string, { firstMs, stallMs, wholeMs }: CallTimeouts): Patience {
  const controller = new AbortController();
  const after = (ms: number, what: string): NodeJS.Timeout =>
    setTimeout(() => {
      const fix = 'Give the model more time in the configuration, or choose a quicker one.';
      controller.abort(new StepError('timeout', `${name} ${what} within ${ms} ms`, { fix }));
    }, ms);
  const whole = after(wholeMs, 'did not come to an end');
  let next = after(firstMs, 'did not begin to answer');
  return {
    signal: controller.signal,
    heard: () => {
      clearTimeout(next);
      next = after(stallMs, 'stopped in the midst of its answer, and said nothing more');
    },
    end: () => {
      clearTimeout(whole);
      clearTimeout(next);
    },
  };
}
