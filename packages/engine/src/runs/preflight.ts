/**
 * What must hold before a run exists: steps whose handler is a preflight and that need nothing but the flow's input are
 * called once, and refuse the run when they fail.
 */

import { attemptKey, HostError } from '@scriptorium/core';
import type { Command, StartRequest } from '@scriptorium/core';
import { AttemptError } from '../calls/failures.ts';
import { createScene } from './planning.ts';
import type { PlanningPorts } from './planning.ts';

type Dispatch = Extract<Command, { k: 'dispatch' }>;

/** Raises `fatal` with the handler's own message and fix. */
export async function preflight(request: StartRequest, ports: PlanningPorts): Promise<void> {
  if (!ports.registry.calledBy(request.flow).some((uses) => ports.registry.find(uses)?.preflight === true)) return;
  const first = new Map<string, Dispatch>();
  createScene(request, ports).actors.decide(
    (key) => first.has(key),
    (actor, task) => {
      if (task.k === 'dispatch') first.set(`${actor}/${attemptKey(task)}`, task);
    },
  );
  for (const dispatch of first.values()) {
    if (ports.registry.find(dispatch.uses)?.preflight !== true) continue;
    try {
      await ports.call(dispatch, request);
    } catch (error) {
      if (!(error instanceof AttemptError)) throw error;
      throw new HostError('fatal', `${dispatch.node}: ${error.failure.message}`, error.failure.fix);
    }
  }
}
