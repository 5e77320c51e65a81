/** The stage of a step: the name below which its files lie and its progress is counted. */

import { parseUndoId, placeOf, planOf } from '@scriptorium/core';
import type { Flow } from '@scriptorium/core';

/** The step directly inside the outermost `each` around it; outside of one, the step of the flow's own body. */
export function stageOf(flow: Flow, node: string): string {
  const plan = planOf(flow);
  const segments = (parseUndoId(node)?.node ?? node).split('/').filter((segment) => !segment.startsWith('catch.'));
  const outer = segments.findIndex((_, index) => placeOf(plan, segments.slice(0, index + 1).join('/')).node.each !== undefined);
  return (outer === -1 ? segments[0] : (segments[outer + 1] ?? segments[outer])) ?? node;
}
