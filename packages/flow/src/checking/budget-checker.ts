/** Checks budgets: that something inside costs anything, and that one inside another can be reached. */

import type { Budget } from '@scriptorium/core';
import type { BudgetAround, Checking, Where } from './checking.ts';
import { childrenOf } from '../reading/shape.ts';
import type { BodyShape, BudgetShape, FlowShape, StepShape } from '../reading/shape.ts';

const units: readonly (keyof Budget)[] = ['usd', 'tokens', 'calls'];

/** What the flow's own budget leaves to its steps. */
export function checkFlowBudget({ budget, body }: FlowShape, checking: Checking): BudgetAround {
  if (budget !== undefined && !costs(body, checking)) {
    reportIdle(budget, '', checking);
  }
  return tightest({}, budget, 'the flow');
}

export function checkBudget(step: StepShape, where: Where, checking: Checking): void {
  const { budget, body, path } = step;
  if (budget === undefined) {
    return;
  }
  if (!costs(body, checking)) {
    reportIdle(budget, path, checking);
  }
  for (const unit of units) {
    const own = budget.budget[unit];
    const around = where.budget[unit];
    if (own !== undefined && around !== undefined && own > around.amount) {
      checking.findings.add({
        code: 'budget_order',
        severity: 'warning',
        message: `this budget of ${own} ${unit} can never be reached: ${around.path} around it has ${around.amount}`,
        span: budget.span,
        path,
      });
    }
  }
}

export function withBudget(around: BudgetAround, { budget, path }: StepShape): BudgetAround {
  return tightest(around, budget, `'${path}'`);
}

function tightest(around: BudgetAround, shape: BudgetShape | undefined, path: string): BudgetAround {
  const own = units.flatMap((unit): [keyof Budget, { path: string; amount: number }][] => {
    const amount = shape?.budget[unit];
    return amount === undefined || amount > (around[unit]?.amount ?? amount) ? [] : [[unit, { path, amount }]];
  });
  return { ...around, ...Object.fromEntries(own) };
}

/** Whether some call in it costs something; of a handler that is not known it is believed. */
function costs(body: BodyShape, checking: Checking): boolean {
  if (body.k === 'uses') {
    const callable = checking.callables.get(body.uses.text.split('@')[0] ?? '');
    return callable === undefined || callable.cost !== undefined;
  }
  return (
    body.k === 'unknown' ||
    childrenOf(body).some(
      (child) => costs(child.body, checking) || child.catch.some((entry) => entry.do !== undefined && costs(entry.do.body, checking)),
    )
  );
}

function reportIdle({ span }: BudgetShape, path: string, { findings }: Checking): void {
  findings.add({
    code: 'idle_budget',
    severity: 'warning',
    message: 'nothing inside declares what a call costs, so this budget bounds nothing',
    span,
    path,
    fix: 'declare the `cost` of the handler, or remove the budget',
  });
}
