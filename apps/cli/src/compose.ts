/** The composition root: the one place where a host, its contracts and the process meet. */

import type { PlannedStep, StartRequest } from '@scriptorium/core';
import { connect, dryRun } from '@scriptorium/engine';
import type { Connection } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import type { Context } from './context.ts';

/** Flows bring the modules of their handlers along, so none are named here. */
export function openConnection({ home, env }: Context): Promise<Connection> {
  return connect({ home, modules: [], contracts: createContracts(), env });
}

/** What a request would do; leaves nothing behind, not even a store. */
export function planWithoutTrace({ home, env }: Context, request: StartRequest): AsyncIterable<PlannedStep> {
  return dryRun({ home, modules: [], contracts: createContracts(), env }, request);
}
