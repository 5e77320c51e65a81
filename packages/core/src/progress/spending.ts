/** What the attempts of a run have used, and what is reserved for those at work. */

import type { StepEvent } from '../events.ts';
import { addUsage, noUsage, subtractUsage } from '../budgets/usage.ts';
import type { Usage } from '../budgets/usage.ts';

export interface Spending {
  used: Usage;
  reserved: Usage;
  /** In a fork, of what was used: by attempts that it has copied from the run beside it. */
  inherited: Usage | null;
  /** What is reserved for the attempts at work, by actor, item and step. */
  readonly open: Map<string, Usage>;
}

export function noSpending(): Spending {
  return { used: noUsage, reserved: noUsage, inherited: null, open: new Map() };
}

/** Folds an event of the step `id`; returns what the attempt that it ended has used, if anything was reserved or told. */
export function foldSpending(spending: Spending, id: string, event: StepEvent): Usage | null {
  switch (event.type) {
    case 'attempt.started':
      if (event.reserved !== undefined) {
        spending.open.set(id, event.reserved);
        spending.reserved = addUsage(spending.reserved, event.reserved);
      }
      return null;
    case 'attempt.succeeded':
    case 'attempt.failed':
    case 'attempt.lost':
    case 'attempt.continued':
      return settle(spending, id, event.used);
    default:
      return null;
  }
}

function settle(spending: Spending, id: string, told: Usage | undefined): Usage | null {
  const reserved = spending.open.get(id);
  const used = told ?? reserved;
  if (reserved !== undefined) {
    spending.open.delete(id);
    spending.reserved = subtractUsage(spending.reserved, reserved);
  }
  if (used === undefined) return null;
  spending.used = addUsage(spending.used, used);
  return used;
}
