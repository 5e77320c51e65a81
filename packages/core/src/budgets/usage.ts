/** What calls use up. Sums of dollars are kept to a billionth, so that they do not drift from what their parts say. */

import type { Budget } from '../ir.ts';

export interface Usage {
  readonly usd: number;
  readonly tokens: number;
  /** Attempts of handlers that declare what a call costs. */
  readonly calls: number;
}

/** A budget, where it stands. */
export interface BudgetScope {
  /** `root/0:` is the flow, `root/0:books:3/5:books.judge@2` the second visit of a step of item 5 in chunk 3 of `books`. */
  readonly id: string;
  /** The step that has the budget; empty for the flow. */
  readonly node: string;
  readonly budget: Budget;
}

/** What one call may use at most, or has used; what is left out is none. */
export type Cost = Partial<Pick<Usage, 'usd' | 'tokens'>>;

export const noUsage: Usage = { usd: 0, tokens: 0, calls: 0 };

const NANO = 1e9;

export function addUsage(a: Usage, b: Usage): Usage {
  return { usd: Math.round((a.usd + b.usd) * NANO) / NANO, tokens: a.tokens + b.tokens, calls: a.calls + b.calls };
}

export function subtractUsage(a: Usage, b: Usage): Usage {
  return addUsage(a, { usd: -b.usd, tokens: -b.tokens, calls: -b.calls });
}

/** The first unit of the budget that the usage goes beyond; null while it fits. */
export function exceededUnit(budget: Budget, usage: Usage): keyof Usage | null {
  const units: readonly (keyof Usage)[] = ['usd', 'tokens', 'calls'];
  return units.find((unit) => usage[unit] > (budget[unit] ?? Number.POSITIVE_INFINITY)) ?? null;
}

/** The cost with its units rounded up to what is counted: billionths of a dollar, whole tokens. Throws a RangeError for what is no cost. */
export function checkedCost(cost: unknown): Cost {
  if (typeof cost !== 'object' || cost === null) throw new RangeError(`a cost is { usd, tokens }, not ${String(cost)}`);
  const { usd, tokens } = cost as { readonly usd?: unknown; readonly tokens?: unknown };
  return {
    ...(usd === undefined ? {} : { usd: Math.ceil(amountOf('usd', usd) * NANO - SLACK) / NANO }),
    ...(tokens === undefined ? {} : { tokens: Math.ceil(amountOf('tokens', tokens)) }),
  };
}

/** 0.07 dollars are 70000000.00000001 billionths in floating point: that is no reason to round up. */
const SLACK = 1e-3;

/** Most dollars whose billionths are still counted exactly; far beyond any call. */
const MOST_USD = 1e6;

function amountOf(unit: 'usd' | 'tokens', amount: unknown): number {
  if (typeof amount === 'number' && amount >= 0 && amount <= (unit === 'usd' ? MOST_USD : Number.MAX_SAFE_INTEGER)) return amount;
  throw new RangeError(`\`${unit}\` of a cost must be a number of at least 0, not ${String(amount)}`);
}
