/**
 * How a process reaches the engine of a store: by being it, or by talking to the one that is. A process that joined
 * takes the store over when its owner ends, and then goes on with the runs that it asked for itself.
 */

import { randomUUID } from 'node:crypto';
import { HostError } from '@scriptorium/core';
import type { Host, RunSummary } from '@scriptorium/core';
import { serveControl } from './control.ts';
import type { ControlServer } from './control.ts';
import { openEngine } from '../embedded.ts';
import type { EngineOptions } from '../parts.ts';
import { remoteHost } from './remote.ts';

export interface Connection {
  readonly host: Host;
  /** Whether the engine works in this process. */
  readonly own: () => boolean;
  /** The engine in this process drains and ends; one in another process goes on. */
  readonly close: () => Promise<void>;
  /** Resolves with the error when the store of the engine in this process failed. */
  readonly halted: Promise<unknown>;
}

/** Owners hand over within the time that their last attempts take; until then, look again this often. */
const RETRY_MS = 50;

/** How long to look for somebody who answers for the store. */
const PATIENCE_MS = 15_000;

interface Seat {
  readonly host: Host;
  /** Set when this process is the owner. */
  readonly server: ControlServer | null;
}

export async function connect(options: EngineOptions): Promise<Connection> {
  const failed = Promise.withResolvers<unknown>();
  const onHalt = (error: unknown): void => {
    options.onHalt?.(error);
    failed.resolve(error);
  };
  const chair = new Chair({ ...options, onHalt });
  await chair.take();
  return { host: hostThrough(chair), own: () => chair.isOwner, close: () => chair.close('drain'), halted: failed.promise };
}

/** The seat that this process has at the store, taken anew whenever whoever owned the store has gone. */
class Chair {
  readonly #options: EngineOptions;
  #seat: Seat | null = null;
  #taking: Promise<Seat> | null = null;
  #closing: Promise<void> | null = null;
  /** Runs that this process asked for and is to see through. */
  readonly mine: Set<string> = new Set();

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  get host(): Host {
    if (this.#seat === null) throw new HostError('unavailable', 'not connected');
    return this.#seat.host;
  }

  get isOwner(): boolean {
    return this.#seat?.server !== null && this.#seat !== null;
  }

  get isClosing(): boolean {
    return this.#closing !== null;
  }

  async take(): Promise<void> {
    this.#taking ??= takeSeat(this.#options).finally(() => (this.#taking = null));
    this.#seat = await this.#taking;
  }

  /** Asks, and after a change of owners asks again; only for what may be asked twice. */
  async ask<T>(work: (host: Host) => Promise<T>): Promise<T> {
    try {
      return await work(this.host);
    } catch (error) {
      if (this.isClosing || !isGone(error)) throw error;
      await this.take();
      return work(this.host);
    }
  }

  async close(how: 'drain' | 'stop'): Promise<void> {
    const stopped = how === 'stop' ? this.host.stop() : null;
    await (this.#closing ??= this.#close());
    await stopped;
  }

  async #close(): Promise<void> {
    try {
      await this.host.drain();
    } finally {
      await this.#seat?.server?.close();
    }
  }
}

function hostThrough(chair: Chair): Host {
  return {
    start: async (request) => {
      const run = await chair.host.start(request);
      chair.mine.add(run);
      return run;
    },
    resume: async (run, by) => {
      await chair.ask((host) => host.resume(run, by));
      chair.mine.add((await chair.ask((host) => host.describe(run))).run);
    },
    resumeAll: async (request) => {
      const report = await chair.ask((host) => host.resumeAll(request));
      for (const run of report.resumed) chair.mine.add(run);
      return report;
    },
    plan: (request) => chair.host.plan(request),
    list: (filter) => chair.ask((host) => host.list(filter)),
    describe: (run) => chair.ask((host) => host.describe(run)),
    events: (run, after, limit, actor) => chair.ask((host) => host.events(run, after, limit, actor)),
    definition: (run) => chair.ask((host) => host.definition(run)),
    called: (run) => chair.ask((host) => host.called(run)),
    watch: (run, options) => watchThrough(chair, run, options),
    listen: (run, options) => chair.host.listen(run, options),
    configure: (run, settings, by) => chair.ask((host) => host.configure(run, settings, by)),
    pause: (run, by) => chair.ask((host) => host.pause(run, by)),
    cancel: (run, by, reason) => chair.ask((host) => host.cancel(run, by, reason)),
    migrate: (request) => chair.ask((host) => host.migrate(request)),
    fork: async (request) => {
      const run = await chair.ask((host) => host.fork(request));
      chair.mine.add(run);
      return run;
    },
    rollback: (request) => chair.ask((host) => host.rollback(request)),
    report: (run) => chair.ask((host) => host.report(run)),
    checkpoints: (run) => chair.ask((host) => host.checkpoints(run)),
    waits: (run, limit) => chair.ask((host) => host.waits(run, limit)),
    answer: (run, request) => chair.ask((host) => host.answer(run, request)),
    signal: (run, request) => {
      // Asked twice, it is still one signal.
      const known = { ...request, id: request.id ?? randomUUID() };
      return chair.ask((host) => host.signal(run, known));
    },
    value: (ref) => chair.ask((host) => host.value(ref)),
    mailboxes: () => chair.ask((host) => host.mailboxes()),
    messages: (filter) => chair.ask((host) => host.messages(filter)),
    message: (id, mailbox) => chair.ask((host) => host.message(id, mailbox)),
    send: (request) => {
      // Asked twice, it is still one message.
      const known = { ...request, id: request.id ?? randomUUID() };
      return chair.ask((host) => host.send(known));
    },
    redeliver: (request) => chair.ask((host) => host.redeliver(request)),
    limits: () => chair.ask((host) => host.limits()),
    setLimit: (pool, change, by) => chair.ask((host) => host.setLimit(pool, change, by)),
    closeBreaker: (pool, by) => chair.ask((host) => host.closeBreaker(pool, by)),
    artifact: (path) => chair.ask((host) => host.artifact(path)),
    artifacts: (run) => chair.host.artifacts(run),
    deadLetters: (filter) => chair.host.deadLetters(filter),
    results: (run, step) => chair.host.results(run, step),
    drain: () => chair.close('drain'),
    stop: () => chair.close('stop'),
  };
}

/** Goes on watching after a change of owners; a run of ours that the last owner left is resumed. */
async function* watchThrough(chair: Chair, run: string, options: Parameters<Host['watch']>[1]): AsyncGenerator<RunSummary> {
  for (;;) {
    try {
      for await (const summary of chair.host.watch(run, options)) {
        const left = summary.status === 'interrupted' && !chair.isOwner && !chair.isClosing && chair.mine.has(summary.run);
        if (left) break;
        yield summary;
        if (summary.endedAt !== null || summary.status === 'interrupted' || summary.status === 'parked') return;
      }
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    if (chair.isClosing || options?.signal?.aborted === true) return;
    await chair.take();
    const { run: id, status } = await chair.host.describe(run);
    if (status === 'interrupted' && chair.mine.has(id)) await chair.host.resume(id, 'handover');
  }
}

function isGone(error: unknown): boolean {
  return error instanceof HostError && error.code === 'unavailable';
}

/** Owns the store if nobody does, else joins whoever does. */
async function takeSeat(options: EngineOptions): Promise<Seat> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      const host = await openEngine(options);
      return { host, server: await serveControl(host, options.home) };
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    const host = await remoteHost(options.home);
    if (host !== null) return { host, server: null };
    if (performance.now() > deadline) {
      throw new HostError(
        'unavailable',
        `another process holds ${options.home} but does not answer`,
        'End that process, or name another store with `--home`.',
      );
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
