/** What the data of a plan comes to: what steps give, the sums that are made of it, and the guards that look at those. */

import type { Guard, StepPlan, Sum } from './plan.ts';

/** A number; null for what was skipped; the two sides of an `each`. */
export type Value = number | null | { readonly ok: readonly Value[]; readonly failed: number };

export function total({ of, plus }: Sum, values: ReadonlyMap<string, Value>): number {
  return of.reduce((sum, { name }) => sum + amount(values.get(name) ?? null), plus);
}

export function amount(value: Value): number {
  if (value === null || typeof value === 'number') return value ?? 0;
  return value.ok.reduce<number>((sum, one) => sum + amount(one), 0) + 100 * value.failed;
}

export function holds({ sum, visits, by, is }: Guard, values: ReadonlyMap<string, Value>, visit: number): boolean {
  return (total(sum, values) + (visits ? visit : 0)) % by === is;
}

/** What must be settled before it: what it needs, and all that it or anything inside it reads. */
export function dependsOn(step: StepPlan): readonly string[] {
  const { body } = step;
  const sums = [
    ...(step.guard === null ? [] : [step.guard.sum]),
    ...step.catch.flatMap(({ then }) => (then.k === 'value' ? [then.value] : [])),
    ...(step.next ?? []).flatMap(({ guard }) => (guard === null ? [] : [guard.sum])),
    ...(body.k === 'call' ? [body.add] : body.k === 'value' ? [body.value] : []),
    ...(body.k === 'and' && body.until !== null ? [body.until.sum] : []),
    ...(body.k === 'and' || body.k === 'or' ? (body.out === null ? [] : [body.out]) : []),
  ];
  const inner = body.k === 'and' ? body.steps : body.k === 'or' ? body.states : [];
  return [...step.needs, ...sums.flatMap(({ of }) => of.map(({ name }) => name)), ...inner.flatMap(dependsOn)];
}

/** Whether nothing but the end of its own work can settle it, which is a moment of its own. */
export function takesWork({ body, guard, each }: StepPlan): boolean {
  return guard === null && each === null && (body.k === 'call' || body.k === 'pause');
}

export function groupsOf(items: readonly number[], size: number): readonly (readonly number[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
