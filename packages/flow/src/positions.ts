/** Where the steps of a flow were written; kept beside the IR, never in it. */

import type { Lines, Place } from './reading/lines.ts';
import { childrenOf } from './reading/shape.ts';
import type { StepShape } from './reading/shape.ts';

/** By node id: the place of the step's name, or of the catch entry. */
export type Positions = { readonly [id: string]: Place };

export function positionsOf(steps: readonly StepShape[], lines: Lines): Positions {
  const places: Record<string, Place> = {};
  const visit = (step: StepShape): void => {
    places[step.path] = lines.at(step.span.from);
    for (const inner of childrenOf(step.body)) {
      visit(inner);
    }
    if (step.compensate !== undefined) {
      visit(step.compensate);
    }
    for (const entry of step.catch) {
      if (entry.do !== undefined) {
        visit(entry.do);
      }
    }
  };
  for (const step of steps) {
    visit(step);
  }
  return places;
}
