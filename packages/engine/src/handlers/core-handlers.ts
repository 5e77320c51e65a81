/** The handlers that every engine has. */

import { HostError } from '@scriptorium/core';
import type { Handler, HandlerModule } from '@scriptorium/core';
import { createSignalHandlers } from './core-signals.ts';
import type { Send } from './core-signals.ts';
import { execHandlers } from './exec.ts';
import { createHttpHandler } from './http.ts';

/** For an engine whose runs are reached by `send`. */
export function coreModuleOf(send: Send): HandlerModule {
  return { url: import.meta.url, handlers: [...execHandlers, createHttpHandler(), ...createSignalHandlers(send)] };
}

/** Where no engine is at work there is no run to send a signal to. */
export const coreModule: HandlerModule = coreModuleOf(() => {
  throw new HostError('unavailable', 'no engine is at work here');
});

export const coreHandlers: readonly Handler[] = coreModule.handlers;

/** Under the name by which worker threads and other loaders look for a module's handlers. */
export const handlers: readonly Handler[] = coreHandlers;
