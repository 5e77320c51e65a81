/** How what comes from outside enters a run: into the kernel's next step where the run is live, else by itself. */

import { HostError } from '@scriptorium/core';
import type { Flow, Json } from '@scriptorium/core';
import { createRedactor } from '../calls/redaction.ts';
import { knownSecrets } from '../calls/secrets.ts';
import type { RunRow } from '../journal/journal-reads.ts';
import { liveStates, storedStates } from './states.ts';
import type { States } from './states.ts';
import type { Parts } from '../parts.ts';
import { definitionOf } from '../reports/run-views.ts';
import { commitFacts } from '../runs/setting-apart.ts';
import type { Addressed } from '../runs/setting-apart.ts';

/** The definition that the run has; that of a live run is in memory, and laid out already. */
export function flowOf({ kernel, journal }: Parts, row: RunRow): Flow {
  const live = kernel.run(row.run)?.flow;
  return live?.hash === row.flow.hash ? live : definitionOf(journal, row);
}

/** What comes in is written down as it is given, so that nothing with a secret of the run in it may. */
export function refuseSecrets({ options: { env } }: Parts, flow: Flow, { options }: RunRow, what: string, given: Json): void {
  const found = createRedactor(knownSecrets(flow, options, env)).find(JSON.stringify(given));
  if (found !== null)
    throw new HostError(
      'invalid',
      `${what} contains the secret ${found}`,
      `Leave it out: a step that needs it is given \`secret:${found}\` in its \`with\`.`,
    );
}

/**
 * Resolves when what `door` lets in is durable. It sees the states as they are at that moment, must not await, and
 * refuses by raising a {@link HostError}.
 */
export async function enterRun(parts: Parts, { run }: RunRow, flow: Flow, door: (states: States) => readonly Addressed[]): Promise<void> {
  if (parts.kernel.run(run)?.flow.hash === flow.hash) {
    await parts.kernel.admit(run, ({ actors }) => door(liveStates(actors)));
    return;
  }
  if (parts.kernel.run(run) !== undefined) throw new HostError('conflict', `run ${run} is being moved to another definition`, 'Try again.');
  const facts = door(storedStates(parts, run));
  if (facts.length > 0) commitFacts(parts, run, facts);
}
