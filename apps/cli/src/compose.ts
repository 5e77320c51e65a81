/** The composition root: the one place where a host, its contracts and the process meet. */

import { connect } from '@scriptorium/engine';
import type { Connection } from '@scriptorium/engine';
import { createContracts } from '@scriptorium/flow';
import type { Context } from './context.ts';

/** Flows bring the modules of their handlers along, so none are named here. */
export function openConnection({ home, env }: Context): Promise<Connection> {
  return connect({ home, modules: [], contracts: createContracts(), env });
}
