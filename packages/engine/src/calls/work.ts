/** The handler's end of a call that is made elsewhere: loads the module once, runs one call with its context, answers. */

import { flushCompileCache } from 'node:module';
import type { Handler } from '@scriptorium/core';
import type { Answer, Env, FromHandler, Task, ToHandler } from './channel.ts';
import type { Pages } from './collections.ts';
import { failureOf } from './failures.ts';
import { callHandler } from './handler-call.ts';
import { resolveOwnPackages } from './own-packages.ts';
import { Stop } from './stop.ts';
import { stackOf } from './thrown.ts';

/** One call at work. */
export interface Work {
  readonly receive: (message: ToHandler) => void;
  /** Never rejects. */
  readonly answer: Promise<Answer>;
}

export function beginWork(task: Task, env: Env, send: (message: FromHandler) => void): Work {
  const link = connect(send);
  return { receive: link.receive, answer: work(task, env, link).finally(link.close) };
}

async function work({ url, handler: name, input, collections: sent, facts }: Task, env: Env, link: Link): Promise<Answer> {
  let handler: Pick<Handler, 'name' | 'errors'> = { name, errors: {} };
  try {
    const found = await loadHandler(url, name);
    handler = found;
    link.send({ type: 'started' });
    const collections = sent.map(({ path, size }, index) => ({ path, size, pages: link.pages(index) }));
    const result = await callHandler(found, { input, collections }, facts, env, link.stop, {
      onLog: (line) => link.send({ type: 'log', line }),
      onSpend: (used) => link.send({ type: 'spend', used }),
    });
    return { ok: true, result };
  } catch (error) {
    return { ok: false, failure: failureOf(error, handler), stack: stackOf(error) };
  }
}

/** By module. */
const loaded = new Map<string, readonly Handler[]>();

async function loadHandler(url: string, name: string): Promise<Handler> {
  const handlers = loaded.get(url) ?? (await loadModule(url));
  const found = handlers.find((handler) => handler.name === name);
  if (found === undefined) throw new Error(`${url} exports no handler ${name}`);
  return found;
}

async function loadModule(url: string): Promise<readonly Handler[]> {
  resolveOwnPackages();
  const { handlers = [] } = (await import(url)) as { readonly handlers?: readonly Handler[] };
  loaded.set(url, handlers);
  // Whoever runs this may be killed, and keeps nothing then of what it has compiled.
  flushCompileCache();
  return handlers;
}

interface Link {
  readonly stop: Stop;
  readonly send: (message: FromHandler) => void;
  readonly receive: (message: ToHandler) => void;
  /** What the handler has left behind says nothing any more: it would be taken for the next call's. */
  readonly close: () => void;
  readonly pages: (collection: number) => Pages;
}

type PageAnswer = Extract<ToHandler, { type: 'page' | 'page.failed' }>;

function connect(deliver: Link['send']): Link {
  let isOpen = true;
  const send: Link['send'] = (message) => (isOpen ? deliver(message) : undefined);
  const stop = new Stop();
  const waiting = new Map<number, (answer: PageAnswer) => void>();
  let streams = 0;
  const ask = (stream: number, collection: number): Promise<PageAnswer> =>
    new Promise((resolve) => {
      waiting.set(stream, resolve);
      send({ type: 'next', stream, collection });
    });
  return {
    stop,
    send,
    close: () => {
      isOpen = false;
    },
    receive: (message) => {
      if (message.type === 'abort') stop.ask(abortError(message));
      else waiting.get(message.stream)?.(message);
    },
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
  };
}

/** An error that means the same failure on this side. */
function abortError({ code, message }: { readonly code: string; readonly message: string }): Error {
  return Object.assign(new Error(message), { name: 'StepError', code });
}
