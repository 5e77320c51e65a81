/**
 * What a handler in the engine's own thread leaves behind: promises that nobody awaits, timers, sockets. An error out of
 * one of them, which would end the process, is told to the log of the run whose handler it was; every other error ends
 * the process as it always does.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { createRedactor } from './redaction.ts';
import type { Secret } from './redaction.ts';
import { stackOf, textOf } from './thrown.ts';

/** Whose errors they are. */
interface Owner {
  readonly name: string;
  readonly onLog: (line: { readonly level: 'error'; readonly message: string }) => void;
  readonly secrets: readonly Secret[];
}

/** One for a process, however many copies of this file it has loaded: they would listen beside each other for ever. */
const strays: unique symbol = Symbol.for('scriptorium.strays');
const shared = process as NodeJS.Process & { [strays]?: AsyncLocalStorage<Owner> };

/** Calls a handler. */
export function inCall<T>(owner: Owner, work: () => T): T {
  return (shared[strays] ??= listen()).run(owner, work);
}

/** Tells the engine something out of a call: what it does then is not the handler's. */
export function outOfCall<Told extends readonly unknown[], T>(tell: (...told: Told) => T, ...told: Told): T {
  const owners = shared[strays];
  return owners === undefined ? tell(...told) : owners.exit(tell, ...told);
}

function listen(): AsyncLocalStorage<Owner> {
  const owners = new AsyncLocalStorage<Owner>();
  process.on('unhandledRejection', (error) => {
    if (!tell(error, owners.getStore())) throw error;
  });
  process.on('uncaughtException', (error) => {
    if (tell(error, owners.getStore()) || process.listenerCount('uncaughtException') > 1) return;
    process.stderr.write(`${stackOf(error) ?? textOf(error)}\n`);
    process.exit(1);
  });
  return owners;
}

function tell(error: unknown, owner: Owner | undefined): boolean {
  if (owner === undefined) return false;
  const redactor = createRedactor(owner.secrets);
  const what = stackOf(redactor.error(error)) ?? textOf(redactor.error(error));
  owner.onLog({ level: 'error', message: `${owner.name} left something behind that failed later: ${what}` });
  return true;
}
