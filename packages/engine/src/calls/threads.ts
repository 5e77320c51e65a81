/**
 * Handlers bound by the processor, in worker threads.
 *
 * 1. A worker that ends in the middle of a call loses that call only; the next call has a new worker.
 * 2. A call that does not obey its abort in time is ended together with its worker.
 * 3. A thread is no memory boundary: what can exhaust memory belongs into a process of its own.
 */

import { availableParallelism } from 'node:os';
import type { RemoteCall } from './channel.ts';
import type { CallResult } from './handler-call.ts';
import { KeptThread } from './kept-thread.ts';
import { createSeats } from './seats.ts';

export interface Threads {
  /** Throws {@link AttemptError}. */
  readonly run: (call: RemoteCall) => Promise<CallResult>;
  /** Ends all workers, whatever they do. */
  readonly close: () => Promise<void>;
}

export function createThreads(size: number = availableParallelism()): Threads {
  const seats = createSeats(size);
  const all = new Set<KeptThread>();
  /** Those that worked last come first, so that what is not needed ends. */
  const idle: KeptThread[] = [];
  const take = (call: RemoteCall): KeptThread => {
    for (let thread = idle.pop(); thread !== undefined; thread = idle.pop()) if (thread.isUsable) return thread;
    const thread = new KeptThread(call.env);
    all.add(thread);
    void thread.ended.then(() => all.delete(thread));
    return thread;
  };
  return {
    run: async (call) => {
      await seats.take(call);
      const thread = take(call);
      try {
        return await thread.work(call);
      } finally {
        if (thread.isUsable) {
          thread.rest();
          idle.push(thread);
        }
        seats.leave();
      }
    },
    close: async () => {
      for (const thread of all) thread.kill();
      await Promise.all([...all].map(({ ended }) => ended));
    },
  };
}
