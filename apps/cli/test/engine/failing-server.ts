/** An HTTP server in a thread of its own that can be out of service: it answers 503 then, and 200 otherwise. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

export interface Call {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly isUp: boolean;
  /** Calls under way with it, itself included. */
  readonly open: number;
}

export interface FailingServer {
  readonly url: string;
  /** Resolves when it holds. */
  readonly turn: (to: 'up' | 'down') => Promise<void>;
  readonly calls: () => Promise<readonly Call[]>;
  readonly close: () => Promise<unknown>;
}

const ANSWER_MS = 15;

export async function startFailingServer(): Promise<FailingServer> {
  const worker = new Worker(new URL(import.meta.url));
  const next = <T>(): Promise<T> => new Promise((resolve) => worker.once('message', resolve));
  const ask = <T>(message: string): Promise<T> => {
    worker.postMessage(message);
    return next<T>();
  };
  const port = await next<number>();
  return {
    url: `http://127.0.0.1:${port}/`,
    turn: async (to) => void (await ask<readonly Call[]>(to)),
    calls: () => ask<readonly Call[]>('calls'),
    close: () => worker.terminate(),
  };
}

function serve(): void {
  const calls: Call[] = [];
  let isUp = true;
  let open = 0;
  const server = createServer((_request, response) => {
    open += 1;
    calls.push({ at: Date.now(), isUp, open });
    const status = isUp ? 200 : 503;
    void sleep(ANSWER_MS).then(() => {
      open -= 1;
      response.writeHead(status).end('{}');
    });
  });
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
  parentPort?.on('message', (message: string) => {
    if (message !== 'calls') isUp = message === 'up';
    parentPort?.postMessage(calls);
  });
}

if (!isMainThread) serve();
