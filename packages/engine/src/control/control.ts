/**
 * Serves a host to other processes of the same user over the store's local socket.
 *
 * 1. Nothing but the host's methods can be called; what a client sends is data.
 * 2. A client that goes away ends its streams; what it started goes on.
 * 3. A start for which there is no room is refused by its head: its definition is not even parsed.
 */

import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { HostError } from '@scriptorium/core';
import type { Host, Json } from '@scriptorium/core';
import {
  claimAddress,
  crowding,
  methods,
  parseHead,
  parseLine,
  PROTOCOL,
  readLines,
  releaseAddress,
  STREAM_CREDIT,
  writeLine,
} from './control-protocol.ts';
import type { Head, Request, Response } from './control-protocol.ts';
import type { StartGate } from '../runs/start-gate.ts';

export interface ControlServer {
  /** Ends all streams with `unavailable`, answers what is still being answered, and removes the socket. */
  readonly close: () => Promise<void>;
}

/** Clients that may be connected at once. */
const MAX_CLIENTS = 256;
/** How long a client may take to read its last answers when the server closes. */
const LINGER_MS = 500;

/** What is served; one that may have no room says so of a start before it has come as a whole. */
export type Served = Host & Partial<Pick<StartGate, 'refusalOf'>>;

/** Only the owner of the store in `dir` may call this. */
export async function serveControl(host: Served, dir: string): Promise<ControlServer> {
  const clients = new Set<Client>();
  const server = createServer((socket) => {
    const client = serveClient(host, socket);
    clients.add(client);
    socket.once('close', () => clients.delete(client));
  });
  server.maxConnections = MAX_CLIENTS;
  const address = claimAddress(dir);
  await listening(server, address);
  if (process.platform !== 'win32') chmodSync(address, 0o600);
  return {
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const client of clients) client.end();
      await closed;
      releaseAddress(dir);
    },
  };
}

function listening(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => resolve());
  });
}

interface Client {
  readonly end: () => void;
}

/** An answer that is being given. */
interface Open {
  readonly controller: AbortController;
  credit: number;
  /** Called when there is credit again, or the request was cancelled. */
  wake: () => void;
}

function serveClient(host: Served, socket: Socket): Client {
  const open = new Map<number, Open>();
  let ending = false;
  const finish = (): void => {
    if (ending && open.size === 0) socket.end();
  };
  const reply = (response: Response): void => {
    writeLine(socket, response);
  };
  // Each stream that is open may wait until it has drained.
  socket.setMaxListeners(0);
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const { controller, wake } of open.values()) {
      controller.abort();
      wake();
    }
  });
  const refusalOf = ({ id, method, asked }: Head): HostError | null => {
    if (ending) return closing();
    if (open.has(id)) return twice(id);
    return crowding(method, open.size) ?? (asked instanceof Object ? (host.refusalOf?.(asked) ?? null) : null);
  };
  readLines(socket, (line) => {
    const head = headOf(parseHead(line));
    if (head === null) return void socket.destroy();
    if (!('method' in head)) return steer(open.get(head.id), head);
    const refused = refusalOf(head);
    if (refused !== null) return reply({ id: head.id, error: errorOf(refused) });
    const params = paramsOf(parseLine(line));
    if (params === null) return void socket.destroy();
    const answering: Open = { controller: new AbortController(), credit: STREAM_CREDIT, wake: () => undefined };
    open.set(head.id, answering);
    void answer(host, { ...head, params }, answering, socket)
      .catch((error: unknown) => reply({ id: head.id, error: errorOf(error) }))
      .finally(() => {
        open.delete(head.id);
        finish();
      });
  });
  writeLine(socket, { scriptorium: PROTOCOL });
  return {
    end: () => {
      ending = true;
      for (const { controller, wake } of open.values()) {
        controller.abort(closing());
        wake();
      }
      finish();
      setTimeout(() => socket.destroy(), LINGER_MS).unref();
    },
  };
}

function closing(): HostError {
  return new HostError('unavailable', 'the engine is closing');
}

function twice(id: number): HostError {
  return new HostError('invalid', `the request ${id} is open already`);
}

type Steering = Exclude<Request, Head>;

function steer(answering: Open | undefined, request: Steering): void {
  if (answering === undefined) return;
  if ('more' in request) answering.credit += request.more;
  else answering.controller.abort();
  answering.wake();
}

async function answer(host: Host, { id, method, params }: Extract<Request, Head>, answering: Open, socket: Socket): Promise<void> {
  const { signal } = answering.controller;
  const given = params.map((param) => param ?? undefined);
  if (method === 'watch' || method === 'listen') given[1] = { ...(given[1] as object | undefined), signal } as never;
  const result = (host[method] as (...given: readonly unknown[]) => unknown)(...given);
  if (methods[method] === 'call') {
    writeLine(socket, { id, end: true, value: await result });
    return;
  }
  for await (const item of result as AsyncIterable<unknown>) {
    if (signal.aborted) break;
    if (!writeLine(socket, { id, item })) await drained(socket);
    answering.credit -= 1;
    while (answering.credit <= 0 && !signal.aborted) await new Promise<void>((resolve) => (answering.wake = resolve));
  }
  if (signal.aborted && signal.reason instanceof HostError) throw signal.reason;
  writeLine(socket, { id, end: true });
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      socket.off('drain', go);
      socket.off('close', go);
      resolve();
    };
    socket.once('drain', go);
    socket.once('close', go);
  });
}

function headOf(message: unknown): Head | Steering | null {
  const { id, method, more, cancel } = Object(message) as Record<string, unknown>;
  if (!Number.isSafeInteger(id)) return null;
  if (cancel === true || (Number.isSafeInteger(more) && (more as number) > 0)) return message as Steering;
  return typeof method === 'string' && Object.hasOwn(methods, method) ? (message as Head) : null;
}

function paramsOf(message: unknown): readonly Json[] | null {
  const { params } = Object(message) as Record<string, unknown>;
  return Array.isArray(params) ? params : null;
}

function errorOf(error: unknown): Extract<Response, { error: unknown }>['error'] {
  if (error instanceof HostError) {
    const { code, message, fix, retryAfterMs } = error;
    return { code, message, ...(fix === undefined ? {} : { fix }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  return { code: 'fatal', message: error instanceof Error ? error.message : String(error) };
}
