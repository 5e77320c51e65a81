/** One child process that makes calls, one after the other, until it has made enough or one of them has harmed it. */

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { errorKinds } from '@scriptorium/core';
import { readLines } from '../programs/output-lines.ts';
import type { OutputLines } from '../programs/output-lines.ts';
import { watchProcess } from '../programs/process-watch.ts';
import { startProgram } from '../programs/program.ts';
import type { Program } from '../programs/program.ts';
import { openChannel, resultOf, taskOf } from './channel.ts';
import type { Answer, RemoteCall } from './channel.ts';
import type { FromChild, ToChild } from './child.ts';
import { compiledCode } from './compiled-code.ts';
import { AttemptError, failure } from './failures.ts';
import type { CallResult, LogLine } from './handler-call.ts';

export interface KeptProcessRequest {
  readonly memoryMb: number;
  readonly env: RemoteCall['env'];
}

const MEGABYTE = 1024 * 1024;
/** What Node.js 24 reserves for itself of writable memory and hardly uses: measured, 573 MB. */
const RESERVED_MB = 640;
/** Calls that a child makes before it is replaced: what leaks, leaks no further. */
const MAX_CALLS = 200;
/** So much of its memory a child may keep between calls. */
const KEPT_MEMORY = 0.5;
/** The end of what was printed is waited for until nothing has come for so long: the handler may have closed the stream, or put another in its place. */
const MARK_MS = 1_000;
/** How long an idle child is kept. */
const IDLE_MS = 30_000;

export class KeptProcess {
  /** Resolves when it is gone, and its directory with it. */
  readonly ended: Promise<void>;
  readonly #program: Program;
  readonly #directory = mkdtempSync(join(tmpdir(), 'scriptorium-call-'));
  readonly #memoryMb: number;
  readonly #printed: readonly OutputLines[];
  #how = '';
  #calls = 0;
  #isUsable = true;
  #isOutOfMemory = false;
  #resting: NodeJS.Timeout | null = null;
  #atWork: { readonly call: RemoteCall; readonly receive: (message: FromChild) => void } | null = null;

  constructor({ memoryMb, env }: KeptProcessRequest) {
    this.#memoryMb = memoryMb;
    this.#program = startProgram({
      file: process.execPath,
      args: [
        `--max-old-space-size=${memoryMb}`,
        '--disable-warning=ExperimentalWarning',
        fileURLToPath(new URL('./child.ts', import.meta.url)),
      ],
      cwd: this.#directory,
      env: { ...env, TMPDIR: this.#directory, ...compiledCode() },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      dataBytes: (memoryMb + RESERVED_MB) * MEGABYTE,
    });
    const { child, ended } = this.#program;
    this.#printed = [
      readLines(child.stdout, (line) => this.#hear('info', line)),
      readLines(child.stderr, (line) => this.#hear('warn', line)),
    ];
    child.on('message', (message: FromChild) => this.#atWork?.receive(message));
    // It ends by itself when its channel does.
    child.on('error', () => undefined);
    const unwatch = this.#watch();
    this.ended = ended
      .then(
        ({ code, signal }) => (code === null ? `was ended by ${signal}` : `ended with exit code ${code}`),
        (error: unknown) => `cannot be started: ${error instanceof Error ? error.message : String(error)}`,
      )
      .then((how) => {
        if (this.#how === '') this.#how = how;
        this.#isUsable = false;
        unwatch();
        this.#rise();
        rmSync(this.#directory, { recursive: true, force: true });
      });
  }

  /** Whether it may have another call. */
  get isUsable(): boolean {
    return this.#isUsable && this.#calls < MAX_CALLS;
  }

  /** Ends it, with all that it has started. */
  kill(): void {
    this.#isUsable = false;
    this.#program.signal('SIGKILL');
  }

  /** Waits for another call, and ends when none comes. */
  rest(): void {
    this.#resting = setTimeout(() => this.kill(), IDLE_MS).unref();
  }

  /** Throws {@link AttemptError}. */
  async work(call: RemoteCall): Promise<CallResult> {
    this.#rise();
    this.#calls += 1;
    const answered = Promise.withResolvers<Answer>();
    const died = this.ended.then(() => {
      throw this.#death(call.handler.name);
    });
    const mark = `end of call ${this.#calls} ${randomUUID()}`;
    const printed = Promise.all(this.#printed.map(({ reached }) => reached(mark)));
    this.#send({ type: 'task', task: taskOf(call), env: { ...call.env }, mark });
    const channel = openChannel(call, (message) => this.#send(message));
    const receive = (message: FromChild): void => {
      if (message.type !== 'answer') return channel.receive(message);
      if (message.rss > this.#memoryMb * MEGABYTE * KEPT_MEMORY) this.#isUsable = false;
      answered.resolve(message.answer);
    };
    const onKill = (): void => this.kill();
    if (call.kill.aborted) onKill();
    else call.kill.addEventListener('abort', onKill, { once: true });
    this.#atWork = { call, receive };
    try {
      const answer = await Promise.race([answered.promise, died]);
      await Promise.race([this.#silence(printed.then(() => true)), died]);
      return resultOf(answer, call);
    } finally {
      // One that was told to end may not have left everything as it was.
      if (call.signal.aborted) this.#isUsable = false;
      for (const { flush } of this.#printed) flush();
      this.#atWork = null;
      channel.close();
      call.kill.removeEventListener('abort', onKill);
    }
  }

  async #silence(isPrinted: Promise<boolean>): Promise<void> {
    const pieces = (): number => this.#printed.reduce((sum, one) => sum + one.pieces(), 0);
    for (let known = -1; known !== pieces();) {
      known = pieces();
      if (await Promise.race([isPrinted, sleep(MARK_MS, false, { ref: false })])) return;
    }
  }

  #send(message: ToChild): void {
    if (this.#program.child.connected) this.#program.child.send(message, () => undefined);
  }

  #rise(): void {
    if (this.#resting !== null) clearTimeout(this.#resting);
    this.#resting = null;
  }

  #hear(level: LogLine['level'], line: string): void {
    this.#isOutOfMemory ||= /JavaScript heap out of memory|Fatal process out of memory/.test(line);
    this.#atWork?.call.onLog({ level, message: line });
  }

  #watch(): () => void {
    const { pid } = this.#program.child;
    if (pid === undefined) return () => undefined;
    return watchProcess({
      pid,
      memoryBytes: this.#memoryMb * MEGABYTE,
      onMemory: () => {
        this.#isOutOfMemory = true;
        this.kill();
      },
      onStopped: () => {
        this.#how = 'was stopped and did not go on';
        this.kill();
      },
    });
  }

  #death(name: string): AttemptError {
    if (!this.#isOutOfMemory) return new AttemptError(failure('lost', `the process of ${name} ${this.#how}`));
    const message = `the process of ${name} had more than the ${this.#memoryMb} MB that it may have`;
    return new AttemptError(
      failure('resource.memory', message, { fix: errorKinds['resource.memory'].fix, details: { memoryMb: this.#memoryMb } }),
    );
  }
}
