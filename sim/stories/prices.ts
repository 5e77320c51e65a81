/** What a call of the service costs, and what a story may: in dollars. */

/** Of a million tokens. */
export const PRICE = { input: 1, output: 10 };
export const USAGE = { input: 400, output: 100 };

export const CHARGE: number = (USAGE.input * PRICE.input + USAGE.output * PRICE.output) / 1_000_000;

/** Enough for a story that nobody disturbs, and for what kills cut off, which counts in full. */
export const BUDGET = 3;
