/** The stage of a step: the name below which its files lie and its progress is counted. */

import { placeOf, planOf } from '@scriptorium/core';
import type { Flow, Place } from '@scriptorium/core';

const known = new WeakMap<Place, string>();

/** The step directly inside the outermost `each` around it; outside of one, the step of the flow's own body. */
export function stageOf(flow: Flow, node: string): string {
  const place = placeOf(planOf(flow), node);
  const stage = known.get(place) ?? findStage(flow, (place.undoes ?? place).node.id);
  known.set(place, stage);
  return stage;
}

function findStage(flow: Flow, node: string): string {
  const plan = planOf(flow);
  const segments = node.split('/').filter((segment) => !segment.startsWith('catch.'));
  const outer = segments.findIndex((_, index) => placeOf(plan, segments.slice(0, index + 1).join('/')).node.each !== undefined);
  return (outer === -1 ? segments[0] : (segments[outer + 1] ?? segments[outer])) ?? node;
}
