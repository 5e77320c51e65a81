/**
 * Handlers bound by the processor, in worker threads.
 *
 * 1. A worker that ends in the middle of a call loses that call only; the next call has a new worker.
 * 2. A call that does not obey its abort in time is ended together with its worker.
 * 3. A thread is no memory boundary: what can exhaust memory belongs into a process of its own.
 * 4. A worker whose calls are short has its next one already, so that it does not wait while the engine writes. A call
 *    stays with a worker that has not begun it only until another one has nothing to do.
 * 5. There is one worker more than the machine runs at once, so that no processor rests while a worker waits for the disk.
 */

import { availableParallelism } from 'node:os';
import { Turns } from '../pools/turns.ts';
import type { Claim } from '../pools/turns.ts';
import { resultOf } from './channel.ts';
import type { Answer, RemoteCall } from './channel.ts';
import { AttemptError, failure } from './failures.ts';
import type { CallResult } from './handler-call.ts';
import { KeptThread } from './kept-thread.ts';

/** Of a longer call it matters little when the next one comes, and much who is next: that is decided at its end. */
const SHORT_MS = 50;
/** For calls that wait for the disk: each file that one writes is synced before its call goes on. */
const SPARE = 1;

interface Waiting extends Claim {
  readonly call: RemoteCall;
  readonly resolve: (result: CallResult) => void;
  readonly reject: (error: unknown) => void;
  /** Null until a worker has it. */
  thread: KeptThread<Waiting> | null;
  readonly onKill: () => void;
}

export class Threads {
  readonly #waiting = new Turns<Waiting>();
  readonly #all = new Set<KeptThread<Waiting>>();
  /** Those that have a seat. */
  readonly #busy = new Set<KeptThread<Waiting>>();
  /** Those that worked last come first, so that what is not needed ends. */
  readonly #idle: KeptThread<Waiting>[] = [];
  #free: number;
  #isClosed = false;

  constructor(size: number = availableParallelism() + SPARE) {
    this.#free = size;
  }

  /** Throws {@link AttemptError}. */
  run(call: RemoteCall): Promise<CallResult> {
    return new Promise((resolve, reject) => {
      const { facts, priority, kill } = call;
      const job: Waiting = { run: facts.run.id, priority, call, resolve, reject, thread: null, onKill: () => this.#end(job) };
      kill.addEventListener('abort', job.onKill, { once: true });
      this.#enter(job);
      if (kill.aborted) this.#end(job);
    });
  }

  /** Ends all workers, whatever they do. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (let job = this.#waiting.take(); job !== null; job = this.#waiting.take()) fail(job, unmade(job));
    for (const thread of this.#all) thread.kill();
    await Promise.all([...this.#all].map(({ ended }) => ended));
  }

  /** To a worker, if a seat is free, or into the queue. */
  #enter(job: Waiting): void {
    job.thread = null;
    if (this.#isClosed) return fail(job, unmade(job));
    if (this.#free > 0) return this.#start(job);
    this.#waiting.enter(job);
    this.#giveAhead();
  }

  #start(job: Waiting): void {
    this.#free -= 1;
    const thread = this.#threadFor(job.call);
    this.#busy.add(thread);
    job.thread = thread;
    thread.give(job);
  }

  #threadFor(call: RemoteCall): KeptThread<Waiting> {
    for (let thread = this.#idle.pop(); thread !== undefined; thread = this.#idle.pop()) if (thread.isUsable) return thread;
    const thread: KeptThread<Waiting> = new KeptThread({
      env: call.env,
      answered: (job, answer) => {
        settle(job, answer);
        this.#rest(thread);
      },
      ended: (lost, unbegun) => {
        this.#all.delete(thread);
        if (this.#busy.delete(thread)) this.#free += 1;
        if (lost !== null) fail(lost.job, lost.error);
        for (const job of unbegun) this.#enter(job);
        this.#serve();
      },
    });
    this.#all.add(thread);
    return thread;
  }

  /** It has one call less. */
  #rest(thread: KeptThread<Waiting>): void {
    if (thread.load === 0 && thread.isUsable) {
      thread.rest();
      this.#idle.push(thread);
      this.#busy.delete(thread);
      this.#free += 1;
      this.#serve();
    }
    this.#giveAhead();
  }

  /** Those whose turn has come before, and who have waited longer than they should have, come first. */
  #serve(): void {
    while (this.#free > 0 && !this.#isClosed) {
      const job = this.#taken((thread) => (thread.aheadMs ?? 0) > SHORT_MS) ?? this.#waiting.take() ?? this.#taken(() => true);
      if (job === null) return;
      this.#start(job);
    }
  }

  #taken(from: (thread: KeptThread<Waiting>) => boolean): Waiting | null {
    for (const thread of this.#all) {
      const job = from(thread) ? thread.takeAhead() : null;
      if (job !== null) return job;
    }
    return null;
  }

  #giveAhead(): void {
    for (const thread of this.#busy) {
      if (!thread.isUsable || thread.load !== 1 || thread.lastMs > SHORT_MS) continue;
      const job = this.#waiting.take();
      if (job === null) return;
      job.thread = thread;
      thread.give(job);
    }
  }

  /** By force: with its worker, if it has begun. */
  #end(job: Waiting): void {
    const { thread } = job;
    const hasNotBegun = thread === null ? this.#waiting.leave(job) : thread.takeBack(job);
    if (!hasNotBegun) return thread?.kill();
    fail(job, unmade(job));
    if (thread !== null) this.#rest(thread);
  }
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
