/**
 * An HTTP server in a thread of its own that refuses whatever comes faster than its rate, in any window of a second. The
 * clock is the caller's: each request says in `at`, in milliseconds, when it was sent.
 */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

export interface Seen {
  readonly refused: number;
  /** Milliseconds. */
  readonly arrivals: readonly number[];
}

export interface StrictServer {
  readonly url: string;
  readonly seen: () => Promise<Seen>;
  readonly close: () => Promise<unknown>;
}

export async function startStrictServer(perSecond: number): Promise<StrictServer> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { perSecond } });
  const next = <T>(): Promise<T> => new Promise((resolve) => worker.once('message', resolve));
  const port = await next<number>();
  return {
    url: `http://127.0.0.1:${port}/`,
    seen: () => {
      worker.postMessage('seen');
      return next<Seen>();
    },
    close: () => worker.terminate(),
  };
}

function serve(perSecond: number): void {
  const arrivals: number[] = [];
  let refused = 0;
  const server = createServer(({ url = '' }, response) => {
    const now = Number(new URL(url, 'http://localhost').searchParams.get('at'));
    arrivals.push(now);
    const strict = arrivals.filter((at) => Math.abs(at - now) < 1000).length > perSecond;
    if (strict) refused += 1;
    response.writeHead(strict ? 429 : 200).end('{}');
  });
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
  parentPort?.on('message', () => parentPort?.postMessage({ refused, arrivals }));
}

if (!isMainThread) serve((workerData as { readonly perSecond: number }).perSecond);
