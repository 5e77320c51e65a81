/** What clients see of an engine, and by which code they are told what went wrong. */

import { HostError } from '@scriptorium/core';
import type { Host } from '@scriptorium/core';
import { JournalError } from '@scriptorium/engine';
import type { ViewObservation } from '../history.ts';

/** Messages of one history. */
const MAX_MESSAGES = 10_000;

/** All that there is to see. */
export async function viewsOf(host: Host, runs: Iterable<string>): Promise<readonly ViewObservation[]> {
  const seen: ViewObservation[] = [];
  for (const run of runs) seen.push(await viewOf(host, run));
  return [
    ...seen,
    { type: 'view.waits', waits: await host.waits() },
    { type: 'view.limits', pools: await host.limits() },
    { type: 'view.messages', messages: await host.messages({ limit: MAX_MESSAGES }) },
  ];
}

async function viewOf(host: Host, run: string): Promise<Extract<ViewObservation, { type: 'view.run' | 'view.gone' }>> {
  try {
    return { type: 'view.run', summary: await host.describe(run) };
  } catch (error) {
    if (codeOf(error) !== 'not_found') throw error;
    return { type: 'view.gone', run };
  }
}

export function codeOf(error: unknown): string {
  return error instanceof JournalError ? error.fault : error instanceof HostError ? error.code : 'fatal';
}

/** Somebody who looks at runs, and goes on with their events where they were, whichever engine is there. */
export function createReader(): (host: Host, run: string) => Promise<readonly ViewObservation[]> {
  const seen = new Map<string, number>();
  return async (host, run) => {
    const view = await viewOf(host, run);
    if (view.type === 'view.gone' || view.summary.pruned !== undefined) return [view];
    const after = seen.get(run) ?? 0;
    const gseqs = (await host.events(run, after)).map(({ gseq }) => gseq);
    // Who looked at the same moment was faster, and it is from there that somebody goes on.
    if ((seen.get(run) ?? 0) !== after) return [view];
    seen.set(run, gseqs.at(-1) ?? after);
    return [view, { type: 'view.events', reader: run, run, after, gseqs }];
  };
}

/** Whether no engine can open the store any more. */
export function isUnreadable(error: unknown): boolean {
  return ['damaged', 'altered', 'lost'].includes(codeOf(error));
}
