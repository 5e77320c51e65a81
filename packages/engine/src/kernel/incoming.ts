/** What comes to the kernel between its steps. */

import { HostError } from '@scriptorium/core';
import type { LiveRun } from './live-run.ts';

export interface Incoming {
  readonly run: string;
  /** Appends to the run's actors, or raises a {@link HostError} that goes to whoever sent it. */
  readonly take: (live: LiveRun | undefined) => void;
  readonly ack: PromiseWithResolvers<void>;
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
