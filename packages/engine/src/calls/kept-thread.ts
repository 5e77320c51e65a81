/**
 * One worker thread that makes calls, one after the other, until one of them has ended it. While it makes one it may be
 * given the next, so that it need not wait for the engine between the two.
 *
 * 1. A call begins where the worker takes it, in a word of memory that the engine shares: one that the engine took back
 *    there before will never begin.
 * 2. A worker that ends loses the call that has begun, and no other.
 */

import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { openChannel, taskOf } from './channel.ts';
import type { Answer, Channel, Env, RemoteCall } from './channel.ts';
import { AttemptError, failure, failureOf } from './failures.ts';
import { compiledCode } from './compiled-code.ts';
import type { FromThread, ThreadData, ToThread } from './worker.ts';

/** How long an idle worker is kept. */
const IDLE_MS = 30_000;
/** One at work, and the next. */
const MOST_CALLS = 2;

/** A call that a thread makes for somebody. */
export interface Job {
  readonly call: RemoteCall;
}

export interface ThreadPorts<J extends Job> {
  readonly env: Env;
  /** It has made the call. */
  readonly answered: (job: J, answer: Answer) => void;
  /** It is gone, and with it the call that had begun; another one may be made elsewhere. */
  readonly ended: (lost: { readonly job: J; readonly error: AttemptError } | null, unbegun: readonly J[]) => void;
}

interface Given<J> {
  readonly number: number;
  readonly place: number;
  readonly job: J;
  readonly channel: Channel;
  readonly at: number;
}

export class KeptThread<J extends Job> {
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
  readonly #ports: ThreadPorts<J>;
  readonly #worker: Worker;
  /** Handlers may use the worker's own port for what they like. */
  readonly #port: MessagePort;
  /** In two places the numbers of calls that may be taken; 0 where there is none. */
  readonly #open = new Int32Array(new SharedArrayBuffer(MOST_CALLS * Int32Array.BYTES_PER_ELEMENT));
  /** The call at work, and the one after it. */
  readonly #given: Given<J>[] = [];
  #numbers = 0;
  #isUsable = true;
  #restedAt = 0;
  #lastMs = Number.POSITIVE_INFINITY;
  /** What ended it, where it was an error. */
  #error: unknown = null;
  #resting: NodeJS.Timeout | null = null;

  constructor(ports: ThreadPorts<J>) {
    const { port1, port2: port } = new MessageChannel();
    const workerData: ThreadData = { port, env: { ...ports.env }, open: this.#open };
    this.#ports = ports;
    this.#port = port1;
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData,
      transferList: [port],
      env: { ...process.env, ...compiledCode() },
    });
    this.#worker.on('error', (error: unknown) => (this.#error = error));
    this.#port.on('message', (message: FromThread) => this.#hear(message));
    // The worker itself keeps the process while it has a call.
    this.#port.unref();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.ended = ended;
    this.#worker.once('exit', (code) => {
      this.#error ??= new Error(`it ended with exit code ${code}`);
      this.#bury();
      resolve();
    });
  }

  /** Whether it may have another call. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** How many calls it has: one at work, and one after it. */
  get load(): number {
    return this.#given.length;
  }

  /** What its last call took, in milliseconds. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** How long the call after the one at work has waited; null when there is none. */
  get aheadMs(): number | null {
    const ahead = this.#given[1];
    return ahead === undefined ? null : performance.now() - ahead.at;
  }

  /** Ends it, whatever it does. */
  kill(): void {
    this.#isUsable = false;
    void this.#worker.terminate();
  }

  /** Waits for another call, and ends when none comes; the process does not wait for it. */
  rest(): void {
    this.#worker.unref();
    this.#resting = setTimeout(() => this.kill(), IDLE_MS).unref();
  }

  /** Makes the call, after the one that it has; it must not have two. */
  give(job: J): void {
    if (this.#given.length === 0) this.#rise();
    this.#numbers += 1;
    const number = this.#numbers;
    const place = this.#given[0]?.place === 0 ? 1 : 0;
    const channel = openChannel(job.call, (message) => this.#send({ type: 'tell', number, message }));
    this.#given.push({ number, place, job, channel, at: performance.now() });
    Atomics.store(this.#open, place, number);
    this.#send({ type: 'task', number, place, task: taskOf(job.call) });
  }

  /** The call after the one at work, for somebody else to make; null when there is none, or it has begun. */
  takeAhead(): J | null {
    const ahead = this.#given[1];
    return ahead !== undefined && this.takeBack(ahead.job) ? ahead.job : null;
  }

  /** Whether the call had not begun, and now never will. */
  takeBack(job: J): boolean {
    const given = this.#given.find((one) => one.job === job);
    if (given === undefined || !this.#isUnbegun(given)) return false;
    given.channel.close();
    this.#given.splice(this.#given.indexOf(given), 1);
    return true;
  }

  #hear({ number, message }: FromThread): void {
    const [given] = this.#given;
    if (given?.number !== number) return;
    if (message.type !== 'answer') return given.channel.receive(message);
    const now = performance.now();
    this.#lastMs = now - Math.max(given.at, this.#restedAt);
    this.#restedAt = now;
    this.#given.shift();
    given.channel.close();
    this.#ports.answered(given.job, message.answer);
  }

  /** It will not begin any more, then. */
  #isUnbegun({ number, place }: Given<J>): boolean {
    return Atomics.compareExchange(this.#open, place, number, 0) === number;
  }

  /** What it said before its end comes first. A worker that has not made a single call would not make it the next time. */
  #bury(): void {
    this.#isUsable = false;
    for (let said = receiveMessageOnPort(this.#port); said !== undefined; said = receiveMessageOnPort(this.#port))
      this.#hear(said.message as FromThread);
    this.#rise();
    this.#port.close();
    const given = this.#given.splice(0);
    for (const { channel } of given) channel.close();
    const [first] = given;
    const lost = first !== undefined && (this.#restedAt === 0 || !this.#isUnbegun(first)) ? first : null;
    const unbegun = given.filter((one) => one !== lost).map(({ job }) => job);
    this.#ports.ended(lost === null ? null : { job: lost.job, error: this.#death(lost.job.call) }, unbegun);
  }

  #send(message: ToThread): void {
    this.#port.postMessage(message);
  }

  #rise(): void {
    this.#worker.ref();
    if (this.#resting !== null) clearTimeout(this.#resting);
    this.#resting = null;
  }

  #death({ handler }: RemoteCall): AttemptError {
    const failed = failureOf(this.#error, handler);
    if (failed.code === 'resource.memory') return new AttemptError(failed);
    const why = this.#error instanceof Error ? this.#error.message : String(this.#error);
    return new AttemptError(failure('lost', `the worker of ${handler.name} ended: ${why}`));
  }
}
