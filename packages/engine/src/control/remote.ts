/**
 * A host that is another process: the engine of a store, reached over its local socket.
 *
 * 1. When the other process ends, every open and every later call fails at once with `unavailable`.
 * 2. An idle connection does not keep this process alive.
 */

import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { HostError } from '@scriptorium/core';
import type { Host, HostMethod, Json, RunSummary, StartRequest, Streamed } from '@scriptorium/core';
import { unsendable } from '../door.ts';
import { overloaded } from '../overloaded.ts';
import { askedBy } from '../runs/start-line.ts';
import { crowding, findAddress, parseLine, PROTOCOL, readLines, STREAM_CREDIT, writeLine } from './control-protocol.ts';
import type { Greeting, Request, Response } from './control-protocol.ts';

/** How long the engine may take to greet. */
const GREETING_MS = 5_000;

/** The host that works on the store in `dir`; null when nobody answers. Raises `invalid` when it speaks another version. */
export async function remoteHost(dir: string): Promise<Host | null> {
  const socket = createConnection(findAddress(dir));
  const line = await openLine(socket);
  return line === null ? null : hostOf(line);
}

/** What a request is told. After `end` or `error` there is nothing more. */
interface Listener {
  readonly item: (item: unknown) => void;
  readonly end: (value: unknown) => void;
  readonly error: (error: HostError) => void;
}

interface Line {
  /** Returns the request's id. */
  readonly request: (method: HostMethod, params: readonly unknown[], listener: Listener) => number;
  readonly more: (id: number, items: number) => void;
  readonly cancel: (id: number) => void;
  /** Leaves; the engine goes on. */
  readonly leave: () => void;
}

function openLine(socket: Socket): Promise<Line | null> {
  const listeners = new Map<number, Listener>();
  let ids = 0;
  let gone = false;
  const settle = (id: number): Listener | undefined => {
    const listener = listeners.get(id);
    listeners.delete(id);
    if (listeners.size === 0) socket.unref();
    return listener;
  };
  const lose = (): void => {
    gone = true;
    for (const id of [...listeners.keys()]) settle(id)?.error(unavailable());
  };
  const line: Line = {
    request: (method, params, listener) => {
      ids += 1;
      if (gone) {
        listener.error(unavailable());
        return ids;
      }
      const refused = crowding(method, listeners.size) ?? unsendable(method, params);
      if (refused !== null) {
        listener.error(refused);
        return ids;
      }
      listeners.set(ids, listener);
      socket.ref();
      writeLine(socket, requestOf(ids, method, params));
      return ids;
    },
    more: (id, items) => {
      if (listeners.has(id)) writeLine(socket, { id, more: items });
    },
    cancel: (id) => {
      if (settle(id) !== undefined) writeLine(socket, { id, cancel: true });
    },
    leave: () => void socket.end(),
  };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(), GREETING_MS);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      lose();
      resolve(null);
    });
    let greeted = false;
    readLines(socket, (text) => {
      const message = parseLine(text);
      if (message === null) return void socket.destroy();
      if (greeted) return hear(listeners, settle, message as Response);
      greeted = true;
      clearTimeout(timer);
      const { scriptorium } = message as Greeting;
      if (scriptorium === PROTOCOL) {
        socket.unref();
        return resolve(line);
      }
      reject(
        new HostError(
          'invalid',
          `the engine of the store speaks version ${scriptorium} of the protocol, not ${PROTOCOL}`,
          'Use the same version of the project for both, or end the other process.',
        ),
      );
      socket.destroy();
    });
  });
}

function hear(listeners: ReadonlyMap<number, Listener>, settle: (id: number) => Listener | undefined, response: Response): void {
  if ('item' in response) listeners.get(response.id)?.item(response.item);
  else if ('end' in response) settle(response.id)?.end(response.value);
  else settle(response.id)?.error(errorOf(response.error));
}

function errorOf({ code, message, fix, retryAfterMs }: Extract<Response, { error: unknown }>['error']): HostError {
  return code === 'overloaded' ? overloaded(message, fix, retryAfterMs) : new HostError(code, message, fix, retryAfterMs);
}

function unavailable(): HostError {
  return new HostError('unavailable', 'the engine of the store has ended', 'Call again: the next command starts an engine of its own.');
}

/** The parameters come last, so that they can be left unread. */
function requestOf(id: number, method: HostMethod, params: readonly unknown[]): Request {
  const asked = method === 'start' ? { asked: askedBy(params[0] as StartRequest) } : {};
  return { id, method, ...asked, params: trimmed(params) };
}

/** Parameters as JSON; left out where the method's own default is to apply. */
function trimmed(params: readonly unknown[]): readonly Json[] {
  const last = params.findLastIndex((param) => param !== undefined);
  return params.slice(0, last + 1).map((param) => (param ?? null) as Json);
}

function hostOf(line: Line): Host {
  const call =
    <M extends HostMethod>(method: M) =>
    (...params: readonly unknown[]): Promise<never> =>
      new Promise((resolve, reject) =>
        line.request(method, params, { item: () => undefined, end: (value) => resolve(value as never), error: reject }),
      );
  return {
    start: call('start'),
    plan: (request) => stream(line, 'plan', [request]),
    list: call('list'),
    describe: call('describe'),
    events: call('events'),
    definition: call('definition'),
    called: call('called'),
    watch: (run, { signal, ...options } = {}) => watch(line, run, options, signal),
    listen: (run, { signal } = {}) => stream<Streamed>(line, 'listen', [run], signal),
    configure: call('configure'),
    pause: call('pause'),
    resume: call('resume'),
    cancel: call('cancel'),
    resumeAll: call('resumeAll'),
    migrate: call('migrate'),
    fork: call('fork'),
    rollback: call('rollback'),
    report: call('report'),
    checkpoints: call('checkpoints'),
    waits: call('waits'),
    answer: call('answer'),
    signal: call('signal'),
    value: call('value'),
    mailboxes: call('mailboxes'),
    messages: call('messages'),
    message: call('message'),
    send: call('send'),
    redeliver: call('redeliver'),
    limits: call('limits'),
    setLimit: call('setLimit'),
    closeBreaker: call('closeBreaker'),
    artifact: call('artifact'),
    artifacts: (run) => stream(line, 'artifacts', [run]),
    deadLetters: (filter = {}) => stream(line, 'deadLetters', [filter]),
    results: (run, step) => stream(line, 'results', [run, step]),
    drain: async () => line.leave(),
    stop: async () => line.leave(),
  };
}

async function* watch(line: Line, run: string, options: object, signal: AbortSignal | undefined): AsyncGenerator<RunSummary> {
  yield* stream<RunSummary>(line, 'watch', [run, options], signal);
}

/** One stream of items; it begins with the first item asked for, and leaving it early cancels it. */
async function* stream<T>(line: Line, method: HostMethod, params: readonly unknown[], signal?: AbortSignal): AsyncGenerator<T> {
  if (signal?.aborted === true) return;
  const items: T[] = [];
  let ended: { readonly error: HostError | null } | null = null;
  let wake: () => void = () => undefined;
  const end = (error: HostError | null): void => {
    ended ??= { error };
    wake();
  };
  const id = line.request(method, params, {
    item: (item) => {
      items.push(item as T);
      wake();
    },
    end: () => end(null),
    error: end,
  });
  const onAbort = (): void => {
    items.length = 0;
    end(null);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for (let taken = 0; ;) {
      const item = items.shift();
      if (item !== undefined) {
        yield item;
        taken += 1;
        if (taken % (STREAM_CREDIT / 2) === 0) line.more(id, STREAM_CREDIT / 2);
      } else if (ended !== null) {
        const { error } = ended as { readonly error: HostError | null };
        if (error !== null) throw error;
        return;
      } else {
        await new Promise<void>((resolve) => (wake = resolve));
      }
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    line.cancel(id);
  }
}
