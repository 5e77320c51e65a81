/**
 * Handlers bound by the processor, in worker threads.
 *
 * 1. A worker that ends in the middle of a call loses that call only; the pool goes on with a new worker.
 * 2. A call that does not obey its abort in time is ended together with its worker.
 * 3. A thread is no memory boundary: what can exhaust memory belongs into a program of its own (`core/exec`).
 */

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Handler, Json } from '@scriptorium/core';
import type { ResolvedInput } from './collections.ts';
import { AttemptError, failure, failureOf } from './failures.ts';
import type { CallFacts, CallResult, Hearing } from './handler-call.ts';
import type { FromWorker, ToWorker, WorkerAnswer, WorkerTask } from './worker.ts';

export interface ThreadCall extends Hearing {
  readonly url: string;
  readonly handler: Handler;
  readonly resolved: ResolvedInput;
  readonly facts: CallFacts;
  readonly env: WorkerTask['env'];
  /** Called when a worker begins with it: until then it waits for a free one. */
  readonly onStart: () => void;
  /** Asks the handler to end. */
  readonly signal: AbortSignal;
  /** Ends the worker. */
  readonly kill: AbortSignal;
}

export interface Threads {
  /** Throws {@link AttemptError}. */
  readonly run: (call: ThreadCall) => Promise<CallResult>;
  /** Ends all workers, whatever they do. */
  readonly close: () => Promise<void>;
}

/** How long an idle worker is kept. */
const IDLE_MS = 30_000;

export function createThreads(size: number = availableParallelism()): Threads {
  let pool: Piscina<WorkerTask, WorkerAnswer> | null = null;
  const open = (): Piscina<WorkerTask, WorkerAnswer> => {
    const opened: Piscina<WorkerTask, WorkerAnswer> = new Piscina({
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
  const seats = createSeats(size);
  return {
    run: async (call) => {
      await seats.take(call.kill, call.handler.name);
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

interface Seats {
  /** Resolves when a worker is free; rejects when `kill` is aborted before that. */
  readonly take: (kill: AbortSignal, handler: string) => Promise<void>;
  readonly leave: () => void;
}

/**
 * Calls wait here and not in the library's queue, which starts no worker for what is queued when one is ended
 * (piscina 5.3.2 with `minThreads: 0`).
 */
function createSeats(size: number): Seats {
  let free = size;
  const waiting = new Set<() => void>();
  return {
    take: (kill, handler) =>
      new Promise((sit, reject) => {
        if (free > 0) {
          free -= 1;
          return sit();
        }
        const turn = (): void => {
          kill.removeEventListener('abort', giveUp);
          sit();
        };
        const giveUp = (): void => {
          waiting.delete(turn);
          reject(new AttemptError(failure('lost', `${handler} was ended while it waited for a worker`)));
        };
        waiting.add(turn);
        kill.addEventListener('abort', giveUp, { once: true });
      }),
    leave: () => {
      const [next] = waiting;
      if (next === undefined) {
        free += 1;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
}

async function runCall(pool: Piscina<WorkerTask, WorkerAnswer>, call: ThreadCall): Promise<CallResult> {
  const { port1: own, port2: port } = new MessageChannel();
  const receive = receiver(own, call);
  own.on('message', receive);
  const abort = (): void => own.postMessage(abortMessage(call.signal.reason));
  if (call.signal.aborted) abort();
  else call.signal.addEventListener('abort', abort, { once: true });
  const { url, handler, resolved, facts, env } = call;
  const collections = resolved.collections.map(({ path, size }) => ({ path, size }));
  const task: WorkerTask = { url, handler: handler.name, input: resolved.input, collections, facts, env: { ...env }, port };
  try {
    const answer = await pool.run(task, { transferList: [port], signal: call.kill });
    for (let late = receiveMessageOnPort(own); late !== undefined; late = receiveMessageOnPort(own)) receive(late.message as FromWorker);
    if (answer.ok) return answer.result;
    if (answer.stack !== null && answer.failure.code === 'unexpected') call.onLog({ level: 'error', message: answer.stack });
    throw new AttemptError(answer.failure);
  } catch (error) {
    if (error instanceof AttemptError) throw error;
    throw new AttemptError(
      failure('lost', `the worker of ${handler.name} ended: ${error instanceof Error ? error.message : String(error)}`),
    );
  } finally {
    call.signal.removeEventListener('abort', abort);
    own.close();
  }
}

function abortMessage(reason: unknown): ToWorker {
  const { code, message } = failureOf(reason, { name: 'the engine', errors: { '*': '' } });
  return { type: 'abort', code, message };
}

function receiver(port: MessagePort, call: ThreadCall): (message: FromWorker) => void {
  const streams = new Map<number, AsyncIterator<readonly Json[]> | Iterator<readonly Json[]>>();
  const send = (message: ToWorker): void => port.postMessage(message);
  const next = async (stream: number, collection: number): Promise<void> => {
    try {
      const known = streams.get(stream);
      const pages = known ?? iteratorOf(call.resolved.collections[collection]?.pages() ?? []);
      streams.set(stream, pages);
      const { done, value } = await pages.next();
      send({ type: 'page', stream, page: done === true ? null : value });
    } catch (error) {
      send({ type: 'page.failed', stream, failure: failureOf(error, call.handler) });
    }
  };
  return (message) => {
    switch (message.type) {
      case 'started':
        call.onStart();
        break;
      case 'log':
        call.onLog(message.line);
        break;
      case 'spend':
        call.onSpend(message.used);
        break;
      case 'next':
        void next(message.stream, message.collection);
        break;
      case 'done':
        void streams.get(message.stream)?.return?.();
        streams.delete(message.stream);
        break;
    }
  };
}

function iteratorOf(
  pages: Iterable<readonly Json[]> | AsyncIterable<readonly Json[]>,
): AsyncIterator<readonly Json[]> | Iterator<readonly Json[]> {
  return Symbol.asyncIterator in pages ? pages[Symbol.asyncIterator]() : pages[Symbol.iterator]();
}
