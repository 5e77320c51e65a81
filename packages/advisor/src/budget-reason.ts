/** What the budgets around a step have to do with its waiting: calls that do not fit yet wait for those at work. */

import { planOf } from '@scriptorium/core';
import type { Budget, Place, Usage } from '@scriptorium/core';
import type { Reason } from './explanation.ts';
import { reason } from './scene.ts';
import type { Scene } from './scene.ts';

const units: readonly (keyof Usage)[] = ['usd', 'tokens', 'calls'];

/** The innermost first; how much is left is known of the flow's budget alone. */
export function budgetReasons({ flow, summary }: Scene, step: string): readonly Reason[] {
  const reasons: Reason[] = [];
  for (let at: Place | null = planOf(flow).get(step) ?? null; at !== null; at = at.scope) {
    const { budget, id } = at.node;
    if (at.scope !== null && budget !== undefined)
      reasons.push(reason(`If it costs something, that must fit into the budget of ${id}: ${limits(budget)}.`));
  }
  const { used, reserved } = summary.progress.usage;
  if (flow.budget !== undefined)
    reasons.push(reason(`If it costs something, that must fit into the budget of the flow: ${balance(flow.budget, used, reserved)}.`));
  return reasons;
}

function limits(budget: Budget): string {
  return bounded(budget)
    .map((unit) => `${budget[unit]} ${unit}`)
    .join(', ');
}

function balance(budget: Budget, used: Usage, reserved: Usage): string {
  return bounded(budget)
    .map((unit) => `of ${budget[unit]} ${unit}, ${used[unit]} are used and ${reserved[unit]} reserved for calls at work`)
    .join('; ');
}

function bounded(budget: Budget): readonly (keyof Usage)[] {
  return units.filter((unit) => budget[unit] !== undefined);
}
