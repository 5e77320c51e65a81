/** What comes to the kernel between its steps. */

import { HostError } from '@scriptorium/core';
import type { LiveRun } from './live-run.ts';

export interface Incoming {
  readonly run: string;
  /** Appends to the run's actors, or raises a {@link HostError} that goes to whoever sent it. */
  readonly take: (live: LiveRun | undefined) => void;
  readonly ack: PromiseWithResolvers<void>;
}

/** What has come for each run together, so that what is decided of a run follows it; but never past what is about no run. */
export function byRun(arrived: readonly Incoming[]): readonly (readonly Incoming[])[] {
  const groups: Incoming[][] = [];
  let known = new Map<string, Incoming[]>();
  for (const incoming of arrived) {
    if (incoming.run === '') known = new Map();
    const own = known.get(incoming.run);
    if (own !== undefined) own.push(incoming);
    else groups.push([incoming]);
    if (own === undefined && incoming.run !== '') known.set(incoming.run, groups.at(-1) ?? []);
  }
  return groups;
}

/** Takes it in; what is returned tells its sender, and is called once the commit has returned. */
export function takeIn({ take, ack }: Incoming, live: LiveRun | undefined): () => void {
  try {
    take(live);
    return ack.resolve;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return () => ack.reject(error);
  }
}
