/**
 * Lets handlers and flows that lie anywhere import the packages of this project: where a module's own folder has no
 * `@scriptorium/core`, the one that the engine itself uses is taken. One in the module's own `node_modules` comes first.
 */

import { registerHooks } from 'node:module';

const scope = '@scriptorium/';

let isRegistered = false;

/** For this thread, once; call it before a module of somebody else's is loaded. */
export function resolveOwnPackages(): void {
  if (isRegistered) return;
  isRegistered = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      if (!specifier.startsWith(scope)) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}
