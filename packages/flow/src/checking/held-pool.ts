/** A step that keeps a place in a pool while a flow waits for one in the same pool would wait for itself. */

import { partsOf } from '@scriptorium/core';
import type { FlowCall, Node } from '@scriptorium/core';
import type { Checking } from './checking.ts';
import type { Library } from './library.ts';
import type { StepShape } from '../reading/shape.ts';
import { calledBy } from './uses.ts';

export function checkHeldPool(step: StepShape, pool: string | undefined, flow: FlowCall | undefined, checking: Checking): void {
  const { pools, calls, library, findings } = checking;
  if (step.limit === undefined || pool === undefined || step.body.k !== 'uses' || flow === undefined || flow.detached === true) {
    return;
  }
  const target = calls.get(calledBy(step.body.uses.text));
  if (target !== undefined && pools.get(pool)?.concurrent !== undefined && takes(pool, target, library, new Set())) {
    findings.add({
      code: 'held_limit',
      message: `this step would keep its place in the pool '${pool}' while the flow that it calls waits for one there`,
      span: step.limit.k === 'named' ? step.limit.name.span : step.limit.span,
      path: step.path,
      fix: 'leave `limit` out here: the steps of the flow take it by themselves',
    });
  }
}

/** Whether a step of the flow, or of those that it calls, goes through the pool. One that is called in a circle does. */
function takes(pool: string, file: string, library: Library, seen: Set<string>): boolean {
  if (seen.has(file)) {
    return false;
  }
  seen.add(file);
  const finished = library.finished(file);
  if (finished === undefined) {
    return true;
  }
  const { flow, calls } = finished;
  return (flow !== null && names(flow.root, pool)) || [...calls.values()].some((target) => takes(pool, target, library, seen));
}

function names(node: Node, pool: string): boolean {
  return node.limit === pool || partsOf(node).some((part) => names(part, pool));
}
