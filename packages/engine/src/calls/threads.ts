/**
 * Handlers bound by the processor, in worker threads.
 *
 * 1. A worker that ends in the middle of a call loses that call only; the next call has a new worker.
 * 2. A call that does not obey its abort in time is ended together with its worker.
 * 3. A thread is no memory boundary: what can exhaust memory belongs into a process of its own.
 * 4. A worker whose calls are short has its next one already, so that it does not wait while the engine writes. A call
 *    stays with a worker that has not begun it only until another one has nothing to do.
 */

import { availableParallelism } from 'node:os';
import { Turns } from '../pools/turns.ts';
import type { Claim } from '../pools/turns.ts';
import { resultOf } from './channel.ts';
import type { Answer, RemoteCall } from './channel.ts';
import { AttemptError, failure } from './failures.ts';
import type { CallResult } from './handler-call.ts';
import { KeptThread } from './kept-thread.ts';

export interface Threads {
  /** Throws {@link AttemptError}. */
  readonly run: (call: RemoteCall) => Promise<CallResult>;
  /** Ends all workers, whatever they do. */
  readonly close: () => Promise<void>;
}

/** Of a longer call it matters little when the next one comes, and much who is next: that is decided at its end. */
const SHORT_MS = 50;

interface Waiting extends Claim {
  readonly call: RemoteCall;
  readonly resolve: (result: CallResult) => void;
  readonly reject: (error: unknown) => void;
  /** Null until a worker has it. */
  thread: KeptThread<Waiting> | null;
  readonly onKill: () => void;
}

export function createThreads(size: number = availableParallelism()): Threads {
  let free = size;
  let isClosed = false;
  const waiting = new Turns<Waiting>();
  const all = new Set<KeptThread<Waiting>>();
  /** Those that have a seat. */
  const busy = new Set<KeptThread<Waiting>>();
  /** Those that worked last come first, so that what is not needed ends. */
  const idle: KeptThread<Waiting>[] = [];

  function threadFor(call: RemoteCall): KeptThread<Waiting> {
    for (let thread = idle.pop(); thread !== undefined; thread = idle.pop()) if (thread.isUsable) return thread;
    const thread: KeptThread<Waiting> = new KeptThread({
      env: call.env,
      answered: (job, answer) => {
        settle(job, answer);
        if (thread.load === 0 && thread.isUsable) leave(thread);
        giveAhead();
      },
      ended: (lost, unbegun) => {
        all.delete(thread);
        if (busy.delete(thread)) free += 1;
        if (lost !== null) fail(lost.job, lost.error);
        for (const job of unbegun) enter(job);
        serve();
      },
    });
    all.add(thread);
    return thread;
  }

  /** To the worker that is free, or into the queue. */
  function enter(job: Waiting): void {
    job.thread = null;
    if (isClosed) return fail(job, unmade(job));
    if (free > 0) return start(job);
    waiting.enter(job);
    giveAhead();
  }

  function start(job: Waiting): void {
    free -= 1;
    const thread = threadFor(job.call);
    busy.add(thread);
    job.thread = thread;
    thread.give(job);
  }

  function leave(thread: KeptThread<Waiting>): void {
    thread.rest();
    idle.push(thread);
    busy.delete(thread);
    free += 1;
    serve();
  }

  /** Those whose turn has come before, and who have waited longer than they should have, come first. */
  function serve(): void {
    while (free > 0 && !isClosed) {
      const job = taken((thread) => (thread.aheadMs ?? 0) > SHORT_MS) ?? waiting.take() ?? taken(() => true);
      if (job === null) return;
      start(job);
    }
  }

  function taken(from: (thread: KeptThread<Waiting>) => boolean): Waiting | null {
    for (const thread of all) {
      const job = from(thread) ? thread.takeAhead() : null;
      if (job !== null) return job;
    }
    return null;
  }

  function giveAhead(): void {
    for (const thread of all) {
      if (!thread.isUsable || thread.load !== 1 || thread.lastMs > SHORT_MS) continue;
      const job = waiting.take();
      if (job === null) return;
      job.thread = thread;
      thread.give(job);
    }
  }

  function end(job: Waiting): void {
    const { thread } = job;
    const hasNotBegun = thread === null ? waiting.leave(job) : thread.takeBack(job);
    if (!hasNotBegun) return thread?.kill();
    fail(job, unmade(job));
    if (thread !== null && thread.load === 0 && thread.isUsable) leave(thread);
    giveAhead();
  }

  return {
    run: (call) =>
      new Promise((resolve, reject) => {
        const { facts, priority, kill } = call;
        const job: Waiting = { run: facts.run.id, priority, call, resolve, reject, thread: null, onKill: () => end(job) };
        kill.addEventListener('abort', job.onKill, { once: true });
        enter(job);
        if (kill.aborted) end(job);
      }),
    close: async () => {
      isClosed = true;
      for (let job = waiting.take(); job !== null; job = waiting.take()) fail(job, unmade(job));
      for (const thread of all) thread.kill();
      await Promise.all([...all].map(({ ended }) => ended));
    },
  };
}

function settle(job: Waiting, answer: Answer): void {
  job.call.kill.removeEventListener('abort', job.onKill);
  try {
    job.resolve(resultOf(answer, job.call));
  } catch (error) {
    job.reject(error);
  }
}

function fail(job: Waiting, error: AttemptError): void {
  job.call.kill.removeEventListener('abort', job.onKill);
  job.reject(error);
}

function unmade({ call }: Waiting): AttemptError {
  return new AttemptError(failure('lost', `${call.handler.name} was ended while it waited for a worker`));
}
