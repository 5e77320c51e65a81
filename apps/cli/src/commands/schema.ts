/** `schema`: what editors check and complete flow files with, the project's own handlers among it. */

import { globSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { coreHandlers } from '@scriptorium/engine';
import { flowSchema } from '@scriptorium/flow';
import type { Handler } from '@scriptorium/core';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { modulesIn, registeredModules } from '../flow-file.ts';

export interface SchemaFlags {
  readonly project: string;
}

export async function schema(context: Context, { project }: SchemaFlags): Promise<ExitCode> {
  const directory = resolve(context.cwd, project);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new CommandError(exitCodes.notFound, `there is no directory ${directory}`, 'Name the directory that holds your flow files.');
  const own = await Promise.all(flowDirectories(directory).map(modulesIn));
  const handlers: readonly Handler[] = [
    ...coreHandlers,
    ...[...(await registeredModules()), ...own.flat()].flatMap((module) => module.handlers),
  ];
  const byName = new Map(handlers.map((handler) => [handler.name, handler]));
  const sorted = [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  context.terminal.out(`${JSON.stringify(flowSchema(sorted), null, 2)}\n`);
  return exitCodes.ok;
}

/** The directory itself and those below it that hold flow files, whose handlers are beside them. */
function flowDirectories(directory: string): readonly string[] {
  const files = globSync('**/*.flow.{yaml,yml,json,ts}', {
    cwd: directory,
    exclude: (path) => basename(path) === 'node_modules' || (basename(path).startsWith('.') && path !== '.'),
  });
  return [...new Set([directory, ...files.map((file) => dirname(resolve(directory, file)))])];
}
