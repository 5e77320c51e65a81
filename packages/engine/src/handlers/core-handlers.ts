/** The handlers that every engine has. */

import { HostError } from '@scriptorium/core';
import type { Handler, HandlerModule, Instant } from '@scriptorium/core';
import { createSignalHandlers } from './core-signals.ts';
import type { Send } from './core-signals.ts';
import { execHandlers } from './exec.ts';
import { fileHandlers } from './files.ts';
import { createHttpHandler } from './http.ts';
import { makeHandler } from './make.ts';
import type { Post } from '../post/post.ts';
import { createPostHandlers } from '../post/post-handlers.ts';

/** For an engine whose runs are reached by `send`, and that has a post. */
export function coreModuleOf(send: Send, post: () => Post, now: () => Instant): HandlerModule {
  const own = [
    ...execHandlers,
    makeHandler,
    ...fileHandlers,
    createHttpHandler(),
    ...createSignalHandlers(send),
    ...createPostHandlers(post, now),
  ];
  return { url: import.meta.url, handlers: own };
}

/** Where no engine is at work there is no run to send a signal to. */
export const coreModule: HandlerModule = coreModuleOf(nobody, nobody, nobody);

function nobody(): never {
  throw new HostError('unavailable', 'no engine is at work here');
}

export const coreHandlers: readonly Handler[] = coreModule.handlers;

/** Under the name by which worker threads and other loaders look for a module's handlers. */
export const handlers: readonly Handler[] = coreHandlers;
