/**
 * How a process reaches the engine of a store: by being it, or by talking to the one that is. A process that joined
 * takes the store over when its owner ends, and then goes on with the runs that it asked for itself.
 */

import { HostError } from '@scriptorium/core';
import type { Host, RunSummary } from '@scriptorium/core';
import { serveControl } from './control.ts';
import type { ControlServer } from './control.ts';
import { openEngine } from './embedded.ts';
import type { EngineOptions } from './embedded.ts';
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
  let halt: (error: unknown) => void = () => undefined;
  const halted = new Promise<unknown>((resolve) => (halt = resolve));
  const engineOptions: EngineOptions = {
    ...options,
    onHalt: (error) => {
      options.onHalt?.(error);
      halt(error);
    },
  };
  let seat = await takeSeat(engineOptions);
  let reseating: Promise<Seat> | null = null;
  let closing: Promise<void> | null = null;
  /** Runs that this process asked for and is to see through. */
  const mine = new Set<string>();

  async function reseat(): Promise<void> {
    reseating ??= takeSeat(engineOptions).finally(() => (reseating = null));
    seat = await reseating;
  }

  /** Tries again after a change of owners what can be tried again without harm. */
  async function ask<T>(work: (host: Host) => Promise<T>): Promise<T> {
    try {
      return await work(seat.host);
    } catch (error) {
      if (closing !== null || !isGone(error)) throw error;
      await reseat();
      return work(seat.host);
    }
  }

  async function* watch(run: string, watching: Parameters<Host['watch']>[1]): AsyncGenerator<RunSummary> {
    for (;;) {
      try {
        for await (const summary of seat.host.watch(run, watching)) {
          if (summary.status === 'interrupted' && mine.has(summary.run) && closing === null && seat.server === null) break;
          yield summary;
          if (summary.endedAt !== null || summary.status === 'interrupted') return;
        }
      } catch (error) {
        if (!isGone(error)) throw error;
      }
      if (closing !== null || watching?.signal?.aborted === true) return;
      await reseat();
      if (!mine.has(run)) continue;
      const { status } = await seat.host.describe(run);
      if (status === 'interrupted') await seat.host.resume(run, 'handover');
    }
  }

  async function close(how: 'drain' | 'stop'): Promise<void> {
    const { host, server } = seat;
    await host[how]();
    await server?.close();
  }

  const host: Host = {
    start: async (request) => {
      const run = await seat.host.start(request);
      mine.add(run);
      return run;
    },
    resume: async (run, by) => {
      await ask((at) => at.resume(run, by));
      mine.add((await ask((at) => at.describe(run))).run);
    },
    plan: (request) => seat.host.plan(request),
    list: (filter) => ask((at) => at.list(filter)),
    describe: (run) => ask((at) => at.describe(run)),
    events: (run, after, limit) => ask((at) => at.events(run, after, limit)),
    definition: (run) => ask((at) => at.definition(run)),
    watch,
    pause: (run, by) => ask((at) => at.pause(run, by)),
    cancel: (run, by, reason) => ask((at) => at.cancel(run, by, reason)),
    limits: () => ask((at) => at.limits()),
    setLimit: (pool, change, by) => ask((at) => at.setLimit(pool, change, by)),
    artifact: (path) => ask((at) => at.artifact(path)),
    artifacts: (run) => seat.host.artifacts(run),
    results: (run, step) => seat.host.results(run, step),
    drain: () => (closing ??= close('drain')),
    stop: async () => {
      const stopped = seat.host.stop();
      await (closing ??= close('stop'));
      await stopped;
    },
  };
  const leave = async (): Promise<void> => {
    if (seat.server !== null) await host.drain();
    else await (closing ??= Promise.resolve());
  };
  return { host, own: () => seat.server !== null, close: leave, halted };
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
      throw new HostError('unavailable', `another process holds ${options.home} but does not answer`, 'End that process, or name another store with `--home`.');
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
