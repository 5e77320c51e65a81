/** What a call may use at most, as its handler declares it, and what it has used in the end. */

import { accountScope, addUsage, checkedCost, Collection, noUsage, StepError } from '@scriptorium/core';
import type { About, BudgetScope, Cost, Failure, Handler, Json, Usage, Value } from '@scriptorium/core';
import type { Contracts } from '../calls/contracts.ts';
import { failure, failureOf } from '../calls/failures.ts';

/** Null for a call that costs nothing, and for one that is in no account of its handler's; a failure where that cannot say. */
export type CostOf = { readonly reserved: Usage | null; readonly account: BudgetScope | null } | { readonly failure: Failure };

/** `aboutOf` is asked by handlers whose calls cost something. */
export function reserveFor(handler: Handler, input: Value, aboutOf: () => About, contracts: Contracts): CostOf {
  if (handler.cost === undefined) return { reserved: null, account: null };
  const about = aboutOf();
  const given = withoutPages(input);
  try {
    const account = handler.account?.(given as never, about) ?? null;
    return { reserved: mostOf(handler.cost, given, about), account: account === null ? null : accountScope(account) };
  } catch (error) {
    // An input that breaks the contract is told of by the call itself, which then uses nothing.
    if (contracts.compile(handler.input)(given as Json).length > 0) return { reserved: null, account: null };
    if (error instanceof StepError) return { failure: failureOf(error, handler) };
    return { failure: failure('unexpected', `the cost of ${handler.name}: ${error instanceof Error ? error.message : String(error)}`) };
  }
}

/** For a call that has not been made: null, too, where the handler cannot say. */
export function foreseenCost({ cost }: Handler, input: Value, about: Omit<About, 'notes' | 'returns'>): Usage | null {
  try {
    return cost === undefined ? null : mostOf(cost, withoutPages(input), { ...about, notes: {}, returns: true });
  } catch {
    return null;
  }
}

/** How an attempt ended: `unknown` where it was cut off, so that it may have used all that it could. */
export type Ending = 'known' | 'unknown';

/** Undefined where nothing was reserved and nothing told. What was reserved and never told counts as used. */
export function usedBy(reserved: Usage | null, told: Cost, ending: Ending): Usage | undefined {
  if (reserved === null && Object.keys(told).length === 0) return undefined;
  const amount = (unit: 'usd' | 'tokens'): number => {
    const most = reserved?.[unit] ?? 0;
    return ending === 'known' ? (told[unit] ?? most) : Math.max(told[unit] ?? 0, most);
  };
  return { usd: amount('usd'), tokens: amount('tokens'), calls: reserved?.calls ?? 0 };
}

export function addCost(a: Cost, b: Cost): Cost {
  const { usd, tokens } = addUsage({ ...noUsage, ...a }, { ...noUsage, ...b });
  return {
    ...(a.usd === undefined && b.usd === undefined ? {} : { usd }),
    ...(a.tokens === undefined && b.tokens === undefined ? {} : { tokens }),
  };
}

function mostOf(declared: NonNullable<Handler['cost']>, given: unknown, about: About): Usage | null {
  const cost = declared(given as never, about);
  return cost === null ? null : { usd: 0, tokens: 0, ...checkedCost(cost), calls: 1 };
}

/** A copy; a collection is `{ size }`. */
function withoutPages(value: Value): unknown {
  if (value instanceof Collection) return { size: value.size };
  if (Array.isArray(value)) return value.map(withoutPages);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, withoutPages(element)]));
}
