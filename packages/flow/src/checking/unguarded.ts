/** Which flows every run calls that gets that far, whatever it is given. */

import type { ScopeShape, StepShape, Word } from '../reading/shape.ts';

/** A call that every run makes which gets that far. */
export interface UnguardedCall {
  readonly uses: Word;
  readonly path: string;
}

export function unguardedCalls(body: ScopeShape): readonly UnguardedCall[] {
  const steps = body.k === 'steps' ? body.steps : alwaysReached(body.states);
  return steps.flatMap((step): readonly UnguardedCall[] => {
    if (step.if !== undefined || step.each !== undefined) {
      return [];
    }
    if (step.body.k === 'uses') {
      return [{ uses: step.body.uses, path: step.path }];
    }
    return step.body.k === 'steps' || step.body.k === 'states' ? unguardedCalls(step.body) : [];
  });
}

/** The states from the initial one on, as far as each goes on with the next one whatever happens. */
function alwaysReached(states: readonly StepShape[]): readonly StepShape[] {
  const reached = new Set<StepShape>();
  for (let state = states[0]; state !== undefined && !reached.has(state);) {
    reached.add(state);
    const [only, ...more] = state.next?.entries ?? [];
    const target = only?.if === undefined && more.length === 0 ? only?.to?.value : undefined;
    state = states.find(({ name }) => name === target);
  }
  return [...reached];
}
