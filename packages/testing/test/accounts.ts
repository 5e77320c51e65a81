/** What a run's journal says of its budgets, added up without the engine's own ledger. */

import { addUsage, exceededUnit, noUsage, planOf, subtractUsage } from '@scriptorium/core';
import type { Budget, Flow, Recorded, Usage } from '@scriptorium/core';

export interface Accounts {
  /** Used in the end, by the budget's id. */
  readonly used: ReadonlyMap<string, Usage>;
  /** The most that was used and held at any moment, by the budget's id. */
  readonly peak: ReadonlyMap<string, Usage>;
  /** Budgets that were gone beyond at some moment. */
  readonly overdrawn: readonly string[];
}

export function accountsOf(flow: Flow, events: readonly Recorded[]): Accounts {
  const used = new Map<string, Usage>();
  const held = new Map<string, Usage>();
  const peak = new Map<string, Usage>();
  const overdrawn = new Set<string>();
  const open = new Map<string, { readonly budgets: readonly string[]; readonly reserved: Usage }>();
  const of = (accounts: ReadonlyMap<string, Usage>, id: string): Usage => accounts.get(id) ?? noUsage;
  for (const { actor, event } of events) {
    if (event.type === 'attempt.started' && event.budgets !== undefined && event.reserved !== undefined) {
      open.set(`${actor} ${event.item} ${event.node}`, { budgets: event.budgets, reserved: event.reserved });
      for (const id of event.budgets) held.set(id, addUsage(of(held, id), event.reserved));
    }
    if (event.type === 'attempt.succeeded' || event.type === 'attempt.failed' || event.type === 'attempt.lost') {
      const started = open.get(`${actor} ${event.item} ${event.node}`);
      open.delete(`${actor} ${event.item} ${event.node}`);
      for (const id of started?.budgets ?? []) {
        held.set(id, subtractUsage(of(held, id), started?.reserved ?? noUsage));
        used.set(id, addUsage(of(used, id), event.used ?? started?.reserved ?? noUsage));
      }
    }
    for (const id of held.keys()) {
      const sum = addUsage(of(used, id), of(held, id));
      const before = of(peak, id);
      peak.set(id, {
        usd: Math.max(sum.usd, before.usd),
        tokens: Math.max(sum.tokens, before.tokens),
        calls: Math.max(sum.calls, before.calls),
      });
      if (exceededUnit(budgetOf(flow, id), sum) !== null) overdrawn.add(id);
    }
  }
  return { used, peak, overdrawn: [...overdrawn] };
}

/** `root/0:books:3/5:books.judge@2` is of `books/judge`, `root/0:` of the flow. */
function budgetOf(flow: Flow, id: string): Budget {
  const dotted = id
    .slice(id.lastIndexOf('/') + 1)
    .replace(/^\d+:/, '')
    .replace(/@.*$/, '');
  if (dotted === '') return flow.budget ?? {};
  const node = [...planOf(flow).values()].map((place) => place.node).find((one) => one.id.replaceAll('/', '.') === dotted);
  if (node?.budget === undefined) throw new Error(`${id} names no budget`);
  return node.budget;
}
