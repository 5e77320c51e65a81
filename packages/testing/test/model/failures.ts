/** Which failures are caught or tolerated, and where undoing may fail. */

import type { EachPlan, Plan, StepPlan } from './plan.ts';

/** What undoing may come to where one of these has a compensation that fails. */
export function brokenIn(steps: readonly StepPlan[]): readonly { readonly failed: string }[] {
  return steps.some(breaks) ? [{ failed: 'compensation_failed' }] : [];
}

export function isBroken(result: object): boolean {
  return 'failed' in result && result.failed === 'compensation_failed';
}

export function breaks({ body }: StepPlan): boolean {
  if (body.k === 'and' || body.k === 'or') return (body.k === 'and' ? body.steps : body.states).some(breaks);
  return body.k === 'call' && body.undo === 'fails';
}

/** What could not be undone is caught only by its name. */
export function catches(errors: readonly string[], code: string): boolean {
  if (code === 'compensation_failed') return errors.includes(code);
  return errors.length === 0 || covers(errors, code);
}

export function covers(errors: readonly string[], code: string): boolean {
  return errors.some((name) => name === '*' || name === code || (name === 'contract.*' && code.startsWith('contract.')));
}

/** Strict tolerates nothing, best effort everything. */
export function tolerated(mode: Plan['mode'], { tolerate }: EachPlan, total: number): number {
  if (mode !== 'flexible') return mode === 'strict' ? 0 : total;
  return tolerate === '50%' ? total / 2 : tolerate;
}
