/** The handlers that every engine has. */

import type { Handler, HandlerModule } from '@scriptorium/core';
import { execHandlers } from './exec.ts';
import { createHttpHandler } from './http.ts';

export const coreHandlers: readonly Handler[] = [...execHandlers, createHttpHandler()];

/** Under the name by which worker threads and other loaders look for a module's handlers. */
export const handlers: readonly Handler[] = coreHandlers;

export const coreModule: HandlerModule = { url: import.meta.url, handlers };
