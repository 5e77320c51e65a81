/** One worker thread that makes calls, one after the other, until one of them has ended it. */

import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { openChannel, resultOf, taskOf } from './channel.ts';
import type { Answer, Env, RemoteCall } from './channel.ts';
import { AttemptError, failure, failureOf } from './failures.ts';
import { compiledCode } from './compiled-code.ts';
import type { CallResult } from './handler-call.ts';
import type { FromThread, ThreadData, ToThread } from './worker.ts';

/** How long an idle worker is kept. */
const IDLE_MS = 30_000;

export class KeptThread {
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  /** Handlers may use the worker's own port for what they like. */
  readonly #port: MessagePort;
  #isUsable = true;
  /** What ended it, where it was an error. */
  #error: unknown = null;
  #resting: NodeJS.Timeout | null = null;
  #atWork: ((message: FromThread) => void) | null = null;

  constructor(env: Env) {
    const { port1, port2: port } = new MessageChannel();
    const workerData: ThreadData = { port, env: { ...env } };
    this.#port = port1;
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData,
      transferList: [port],
      env: { ...process.env, ...compiledCode() },
    });
    this.#worker.on('error', (error: unknown) => (this.#error = error));
    this.#port.on('message', (message: FromThread) => this.#atWork?.(message));
    // The worker itself keeps the process while it has a call.
    this.#port.unref();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.ended = ended;
    this.#worker.once('exit', (code) => {
      this.#error ??= new Error(`it ended with exit code ${code}`);
      this.#isUsable = false;
      this.#rise();
      this.#port.close();
      resolve();
    });
  }

  /** Whether it may have another call. */
  get isUsable(): boolean {
    return this.#isUsable;
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

  /** Throws {@link AttemptError}. */
  async work(call: RemoteCall): Promise<CallResult> {
    this.#rise();
    const channel = openChannel(call, (message) => this.#send(message));
    const answered = Promise.withResolvers<Answer>();
    this.#atWork = (message) => {
      if (message.type === 'answer') answered.resolve(message.answer);
      else channel.receive(message);
    };
    const onKill = (): void => this.kill();
    call.kill.addEventListener('abort', onKill, { once: true });
    if (call.kill.aborted) onKill();
    this.#send({ type: 'task', task: taskOf(call) });
    try {
      const answer = await Promise.race([answered.promise, this.ended]);
      if (answer === undefined) throw this.#death(call);
      return resultOf(answer, call);
    } finally {
      this.#atWork = null;
      channel.close();
      call.kill.removeEventListener('abort', onKill);
    }
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
