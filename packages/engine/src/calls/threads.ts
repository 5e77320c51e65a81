/**
 * Handlers bound by the processor, in worker threads.
 *
 * 1. A worker that ends in the middle of a call loses that call only; the pool goes on with a new worker.
 * 2. A call that does not obey its abort in time is ended together with its worker.
 * 3. A thread is no memory boundary: what can exhaust memory belongs into a process of its own.
 */

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { openChannel, resultOf, taskOf } from './channel.ts';
import type { Answer, FromHandler, RemoteCall } from './channel.ts';
import { AttemptError, failure, failureOf } from './failures.ts';
import type { CallResult } from './handler-call.ts';
import { createSeats } from './seats.ts';
import type { ThreadTask } from './worker.ts';

export interface Threads {
  /** Throws {@link AttemptError}. */
  readonly run: (call: RemoteCall) => Promise<CallResult>;
  /** Ends all workers, whatever they do. */
  readonly close: () => Promise<void>;
}

/** How long an idle worker is kept. */
const IDLE_MS = 30_000;

export function createThreads(size: number = availableParallelism()): Threads {
  let pool: Piscina<ThreadTask, Answer> | null = null;
  const open = (): Piscina<ThreadTask, Answer> => {
    const opened: Piscina<ThreadTask, Answer> = new Piscina({
      filename: fileURLToPath(new URL('./worker.ts', import.meta.url)),
      name: 'runTask',
      minThreads: 0,
      maxThreads: size,
      idleTimeout: IDLE_MS,
      maxQueue: Number.POSITIVE_INFINITY,
      // Calls leave connections and timers behind that a worker blocked between calls could not serve.
      atomics: 'disabled',
    });
    // An idle worker's death concerns no call; the pool replaces the worker.
    opened.on('error', () => undefined);
    return opened;
  };
  // Calls wait here and not in the library's queue, which starts no worker for what is queued when one is ended
  // (piscina 5.3.2 with `minThreads: 0`).
  const seats = createSeats(size);
  return {
    run: async (call) => {
      await seats.take(call);
      try {
        return await runCall((pool ??= open()), call);
      } finally {
        seats.leave();
      }
    },
    close: async () => {
      await pool?.destroy();
      pool = null;
    },
  };
}

async function runCall(pool: Piscina<ThreadTask, Answer>, call: RemoteCall): Promise<CallResult> {
  const { port1: own, port2: port } = new MessageChannel();
  const channel = openChannel(call, (message) => own.postMessage(message));
  own.on('message', channel.receive);
  try {
    const answer = await pool.run({ ...taskOf(call), port }, { transferList: [port], signal: call.kill });
    for (let late = receiveMessageOnPort(own); late !== undefined; late = receiveMessageOnPort(own))
      channel.receive(late.message as FromHandler);
    return resultOf(answer, call);
  } catch (error) {
    if (error instanceof AttemptError) throw error;
    const failed = failureOf(error, call.handler);
    if (failed.code === 'resource.memory') throw new AttemptError(failed);
    throw new AttemptError(
      failure('lost', `the worker of ${call.handler.name} ended: ${error instanceof Error ? error.message : String(error)}`),
    );
  } finally {
    channel.close();
    own.close();
  }
}
