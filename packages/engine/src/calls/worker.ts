/** What a worker thread does: load the handler's module once, run one call with a context of its own, answer. */

import type { MessagePort } from 'node:worker_threads';
import type { Cost, Failure, Handler, Json } from '@scriptorium/core';
import type { Pages } from './collections.ts';
import { failureOf } from './failures.ts';
import { callHandler } from './handler-call.ts';
import type { CallFacts, CallResult, LogLine } from './handler-call.ts';
import { resolveOwnPackages } from './own-packages.ts';

/** One call, as it is sent to a worker. */
export interface WorkerTask {
  readonly url: string;
  readonly handler: string;
  readonly input: Json;
  readonly collections: readonly { readonly path: readonly (string | number)[]; readonly size: number }[];
  readonly facts: CallFacts;
  readonly env: { readonly [name: string]: string | undefined };
  readonly port: MessagePort;
}

export type WorkerAnswer =
  | { readonly ok: true; readonly result: CallResult }
  | { readonly ok: false; readonly failure: Failure; readonly stack: string | null };

export type ToWorker =
  | { readonly type: 'abort'; readonly code: string; readonly message: string }
  /** The next page of a stream; null at its end. */
  | { readonly type: 'page'; readonly stream: number; readonly page: readonly Json[] | null }
  | { readonly type: 'page.failed'; readonly stream: number; readonly failure: Failure };

export type FromWorker =
  | { readonly type: 'started' }
  | { readonly type: 'log'; readonly line: LogLine }
  | { readonly type: 'spend'; readonly used: Cost }
  /** Asks for the next page of a stream over collection number `collection`; the first request opens the stream. */
  | { readonly type: 'next'; readonly stream: number; readonly collection: number }
  | { readonly type: 'done'; readonly stream: number };

export async function runTask(task: WorkerTask): Promise<WorkerAnswer> {
  const { port, facts, env, input } = task;
  const host = connect(port);
  let handler: Pick<Handler, 'name' | 'errors'> = { name: task.handler, errors: {} };
  try {
    const found = await loadHandler(task.url, task.handler);
    handler = found;
    host.send({ type: 'started' });
    const collections = task.collections.map(({ path, size }, index) => ({ path, size, pages: host.pages(index) }));
    const result = await callHandler(found, { input, collections }, facts, env, host.signal, {
      onLog: (line) => host.send({ type: 'log', line }),
      onSpend: (used) => host.send({ type: 'spend', used }),
    });
    return { ok: true, result };
  } catch (error) {
    return { ok: false, failure: failureOf(error, handler), stack: error instanceof Error ? (error.stack ?? null) : null };
  } finally {
    host.close();
  }
}

async function loadHandler(url: string, name: string): Promise<Handler> {
  resolveOwnPackages();
  const module = (await import(url)) as { readonly handlers?: readonly Handler[] };
  const found = module.handlers?.find((handler) => handler.name === name);
  if (found === undefined) throw new Error(`${url} exports no handler ${name}`);
  return found;
}

interface HostLink {
  readonly signal: AbortSignal;
  readonly send: (message: FromWorker) => void;
  readonly pages: (collection: number) => Pages;
  readonly close: () => void;
}

type Answer = Extract<ToWorker, { type: 'page' | 'page.failed' }>;

function connect(port: MessagePort): HostLink {
  const controller = new AbortController();
  const waiting = new Map<number, (answer: Answer) => void>();
  let streams = 0;
  const send = (message: FromWorker): void => port.postMessage(message);
  port.on('message', (message: ToWorker) => {
    if (message.type === 'abort') controller.abort(abortError(message));
    else waiting.get(message.stream)?.(message);
  });
  const ask = (stream: number, collection: number): Promise<Answer> =>
    new Promise((resolve) => {
      waiting.set(stream, resolve);
      send({ type: 'next', stream, collection });
    });
  return {
    signal: controller.signal,
    send,
    pages: (collection) =>
      async function* () {
        streams += 1;
        const stream = streams;
        try {
          for (;;) {
            const answer = await ask(stream, collection);
            if (answer.type === 'page.failed') throw abortError(answer.failure);
            if (answer.page === null) return;
            yield answer.page;
          }
        } finally {
          waiting.delete(stream);
          send({ type: 'done', stream });
        }
      },
    close: () => port.close(),
  };
}

/** An error that means the same failure on this side. */
function abortError({ code, message }: { readonly code: string; readonly message: string }): Error {
  return Object.assign(new Error(message), { name: 'StepError', code });
}
