/**
 * What the engine and whoever runs a handler elsewhere say to each other while a call lasts: the same to a thread and to
 * a process, whatever carries the messages.
 */

import type { Context, Cost, Failure, Handler, Json } from '@scriptorium/core';
import type { ResolvedInput } from './collections.ts';
import { AttemptError, failureOf } from './failures.ts';
import type { CallFacts, CallResult, Hearing, LogLine } from './handler-call.ts';

/** One call, as it is sent. */
export interface Task {
  readonly url: string;
  readonly handler: string;
  readonly input: Json;
  readonly collections: readonly { readonly path: readonly (string | number)[]; readonly size: number }[];
  readonly facts: CallFacts;
}

export type Env = Context['env'];

export type Answer =
  | { readonly ok: true; readonly result: CallResult }
  | { readonly ok: false; readonly failure: Failure; readonly stack: string | null };

export type ToHandler =
  | { readonly type: 'abort'; readonly code: string; readonly message: string }
  /** The next page of a stream; null at its end. */
  | { readonly type: 'page'; readonly stream: number; readonly page: readonly Json[] | null }
  | { readonly type: 'page.failed'; readonly stream: number; readonly failure: Failure };

export type FromHandler =
  | { readonly type: 'started' }
  | { readonly type: 'log'; readonly line: LogLine }
  | { readonly type: 'spend'; readonly used: Cost }
  /** Asks for the next page of a stream over collection number `collection`; the first request opens the stream. */
  | { readonly type: 'next'; readonly stream: number; readonly collection: number }
  | { readonly type: 'done'; readonly stream: number };

/** A call that is made elsewhere. */
export interface RemoteCall extends Hearing {
  readonly url: string;
  readonly handler: Handler;
  readonly resolved: ResolvedInput;
  readonly facts: CallFacts;
  /** Of its run, from 1 to 10. */
  readonly priority: number;
  readonly env: Env;
  /** Called when the handler begins: until then the call waits. */
  readonly onStart: () => void;
  /** Asks the handler to end. */
  readonly signal: AbortSignal;
  /** Ends whoever runs it. */
  readonly kill: AbortSignal;
}

/** The engine's end of it. */
export interface Channel {
  readonly receive: (message: FromHandler) => void;
  readonly close: () => void;
}

export function taskOf({ url, handler, resolved, facts }: RemoteCall): Task {
  const collections = resolved.collections.map(({ path, size }) => ({ path, size }));
  return { url, handler: handler.name, input: resolved.input, collections, facts };
}

/** Hands on what the handler says, reads pages for it, and tells it when it is to end. */
export function openChannel(call: RemoteCall, send: (message: ToHandler) => void): Channel {
  let isOpen = true;
  // A page that comes when the call is over would reach the next one.
  const sendWhileOpen: typeof send = (message) => (isOpen ? send(message) : undefined);
  const abort = (): void => sendWhileOpen(abortMessage(call.signal.reason));
  if (call.signal.aborted) abort();
  else call.signal.addEventListener('abort', abort, { once: true });
  return {
    receive: receiver(call, sendWhileOpen),
    close: () => {
      isOpen = false;
      call.signal.removeEventListener('abort', abort);
    },
  };
}

/** Throws {@link AttemptError} for a call that failed; the stack of what is unexpected goes to the log. */
export function resultOf(answer: Answer, { onLog }: Pick<Hearing, 'onLog'>): CallResult {
  if (answer.ok) return answer.result;
  if (answer.stack !== null && answer.failure.code === 'unexpected') onLog({ level: 'error', message: answer.stack });
  throw new AttemptError(answer.failure);
}

function abortMessage(reason: unknown): ToHandler {
  const { code, message } = failureOf(reason, { name: 'the engine', errors: { '*': '' } });
  return { type: 'abort', code, message };
}

function receiver(call: RemoteCall, send: (message: ToHandler) => void): Channel['receive'] {
  const streams = new Map<number, AsyncIterator<readonly Json[]> | Iterator<readonly Json[]>>();
  const next = async (stream: number, collection: number): Promise<void> => {
    try {
      const known = streams.get(stream);
      const pages = known ?? iteratorOf(call.resolved.collections[collection]?.pages() ?? []);
      streams.set(stream, pages);
      const { done, value } = await pages.next();
      send({ type: 'page', stream, page: done === true ? null : value });
    } catch (error) {
      send({ type: 'page.failed', stream, failure: failureOf(error, call.handler) });
    }
  };
  return (message) => {
    switch (message.type) {
      case 'started':
        call.onStart();
        break;
      case 'log':
        call.onLog(message.line);
        break;
      case 'spend':
        call.onSpend(message.used);
        break;
      case 'next':
        void next(message.stream, message.collection);
        break;
      case 'done':
        void streams.get(message.stream)?.return?.();
        streams.delete(message.stream);
        break;
    }
  };
}

function iteratorOf(
  pages: Iterable<readonly Json[]> | AsyncIterable<readonly Json[]>,
): AsyncIterator<readonly Json[]> | Iterator<readonly Json[]> {
  return Symbol.asyncIterator in pages ? pages[Symbol.asyncIterator]() : pages[Symbol.iterator]();
}
