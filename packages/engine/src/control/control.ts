/**
 * Serves a host to other processes of the same user over the store's local socket.
 *
 * 1. Nothing but the host's methods can be called; what a client sends is data.
 * 2. A client that goes away ends its streams; what it started goes on.
 */

import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { HostError } from '@scriptorium/core';
import type { Host } from '@scriptorium/core';
import { claimAddress, crowding, methods, PROTOCOL, readLines, releaseAddress, STREAM_CREDIT, writeLine } from './control-protocol.ts';
import type { Request, Response } from './control-protocol.ts';

export interface ControlServer {
  /** Ends all streams with `unavailable`, answers what is still being answered, and removes the socket. */
  readonly close: () => Promise<void>;
}

/** Clients that may be connected at once. */
const MAX_CLIENTS = 256;
/** How long a client may take to read its last answers when the server closes. */
const LINGER_MS = 500;

/** Only the owner of the store in `dir` may call this. */
export async function serveControl(host: Host, dir: string): Promise<ControlServer> {
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

function serveClient(host: Host, socket: Socket): Client {
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
  readLines(socket, (message) => {
    const request = requestOf(message);
    if (request === null) return void socket.destroy();
    if (!('method' in request)) return steer(open.get(request.id), request);
    const refused = ending ? closing() : open.has(request.id) ? twice(request.id) : crowding(request.method, open.size);
    if (refused !== null) return reply({ id: request.id, error: errorOf(refused) });
    const answering: Open = { controller: new AbortController(), credit: STREAM_CREDIT, wake: () => undefined };
    open.set(request.id, answering);
    void answer(host, request, answering, socket)
      .catch((error: unknown) => reply({ id: request.id, error: errorOf(error) }))
      .finally(() => {
        open.delete(request.id);
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

function steer(answering: Open | undefined, request: Exclude<Request, { method: unknown }>): void {
  if (answering === undefined) return;
  if ('more' in request) answering.credit += request.more;
  else answering.controller.abort();
  answering.wake();
}

async function answer(
  host: Host,
  { id, method, params }: Extract<Request, { method: unknown }>,
  answering: Open,
  socket: Socket,
): Promise<void> {
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

function requestOf(message: unknown): Request | null {
  if (typeof message !== 'object' || message === null) return null;
  const { id, method, params, more, cancel } = message as Record<string, unknown>;
  if (!Number.isSafeInteger(id)) return null;
  if (cancel === true || (Number.isSafeInteger(more) && (more as number) > 0)) return message as Request;
  return typeof method === 'string' && Object.hasOwn(methods, method) && Array.isArray(params) ? (message as Request) : null;
}

function errorOf(error: unknown): Extract<Response, { error: unknown }>['error'] {
  if (error instanceof HostError) {
    const { code, message, fix, retryAfterMs } = error;
    return { code, message, ...(fix === undefined ? {} : { fix }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  return { code: 'fatal', message: error instanceof Error ? error.message : String(error) };
}
