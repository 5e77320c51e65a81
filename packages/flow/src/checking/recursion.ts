/**
 * Recursion needs a bound: a flow may call itself, directly or through others, only where something decides in each run
 * whether it does. That is an `if` or an `each` on the step or on one around it, a `catch`, or a state that not every
 * run reaches. How deep runs may then be in each other, the engine bounds.
 */

import type { Findings } from '../diagnostic.ts';
import type { Candidate, Finished, Library } from './library.ts';
import type { ScopeShape, StepShape, Word } from '../reading/shape.ts';
import { calledBy } from './uses.ts';

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

/** Tells of each call of a definition that leads back to it without anything on the way that could end it. */
export function checkRecursion(
  own: Candidate,
  finished: Pick<Finished, 'calls' | 'unguarded'>,
  library: Library,
  findings: Findings,
): void {
  const visit = (file: string, way: readonly string[], seen: Set<string>): readonly string[] | null => {
    if (file === own.file) {
      return [...way, own.name];
    }
    if (seen.has(file)) {
      return null;
    }
    seen.add(file);
    const { flow, calls, unguarded } = library.finished(file) ?? { flow: null, calls: noCalls, unguarded: [] };
    const targets = unguarded.flatMap(({ uses }) => calls.get(calledBy(uses.text)) ?? []);
    for (const target of targets) {
      const found = visit(target, [...way, flow?.name ?? file], seen);
      if (found !== null) {
        return found;
      }
    }
    return null;
  };
  for (const { uses, path } of finished.unguarded) {
    const target = finished.calls.get(calledBy(uses.text));
    const way = target === undefined ? null : visit(target, [own.name], new Set());
    if (way !== null) {
      findings.add({
        code: 'unbounded_recursion',
        message: `recursion needs a bound: every run of ${own.name} would start another one (${way.join(' → ')})`,
        span: uses.span,
        path,
        fix: 'put an `if` on the step that says when it goes on, or call the flow for each element of a list',
      });
    }
  }
}

const noCalls: ReadonlyMap<string, string> = new Map();
