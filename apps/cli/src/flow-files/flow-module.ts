/** Modules that people bring along: handlers, and flows that the builder made. */

import { pathToFileURL } from 'node:url';
import { resolveOwnPackages } from '@scriptorium/engine';
import type { Definition } from '@scriptorium/flow';
import { CommandError, exitCodes } from '../exit-code.ts';

interface LoadedModule {
  /** A `file:` URL. */
  readonly url: string;
  readonly exports: { readonly [name: string]: unknown };
}

export function isModule(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path);
}

/** Runs the module's code, once in this process; what it throws is told with its place. */
export async function loadModule(path: string, name: string): Promise<LoadedModule> {
  resolveOwnPackages();
  const { href: url } = pathToFileURL(path);
  try {
    return { url, exports: (await import(url)) as LoadedModule['exports'] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const place = placeOf(error, path);
    const where = place === undefined ? name : `${name}:${place}`;
    throw new CommandError(exitCodes.usage, `${where} cannot be loaded: ${message}`, 'Mend the module; --verbose shows the stack.', error);
  }
}

/** The one flow among what a module exports, whatever its name. */
export function flowOf({ exports }: LoadedModule, name: string): Definition {
  const flows = Object.entries(exports).filter(([, value]) => isDefinition(value));
  const [first] = flows;
  if (first !== undefined && flows.every(([, value]) => value === first[1])) return first[1] as Definition;
  throw new CommandError(
    exitCodes.usage,
    first === undefined ? `${name} exports no flow` : `${name} exports several flows: ${flows.map(([key]) => key).join(', ')}`,
    "Export one: `export const main = flow('team/name', { version: '1.0.0' }, (s) => { … })`.",
  );
}

function isDefinition(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && typeof (value as { flow?: unknown }).flow === 'string';
}

/** Line and column in `path` from which an error came: the builder throws where it was called. */
function placeOf(error: unknown, path: string): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const lines = stack.split('\n').filter((line) => line.includes(pathToFileURL(path).href) || line.includes(path));
  return /:(\d+(?::\d+)?)\)?$/.exec(lines[0] ?? '')?.[1];
}
