/** `schema`: what editors check and complete flow files with, the project's own handlers among it. */

import { globSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { coreHandlers } from '@scriptorium/engine';
import { flowSchema } from '@scriptorium/flow';
import { compareVersions } from '@scriptorium/core';
import type { Handler, Schema } from '@scriptorium/core';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { compileNamed, modulesIn, registeredModules } from '../flow-files/flow-file.ts';

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
  const byName = new Map<string, DescribedCall>([...(await flowsIn(directory)), ...handlers].map((one) => [one.name, one]));
  const sorted = [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  context.terminal.out(`${JSON.stringify(flowSchema(sorted), null, 2)}\n`);
  return exitCodes.ok;
}

interface DescribedCall {
  readonly name: string;
  readonly version: string;
  readonly doc: string;
  readonly input: Schema;
}

/** The flows of the project, which steps may call; those with errors are left out. Of versions the highest counts. */
async function flowsIn(directory: string): Promise<readonly DescribedCall[]> {
  const compiled = await Promise.all(flowFiles(directory).map((file) => compileNamed(file, directory).catch(() => null)));
  const flows = compiled.flatMap((one) => one?.flow ?? []);
  return flows.toSorted((a, b) => compareVersions(a.version, b.version)).map((flow) => ({ ...flow, doc: flow.doc ?? 'A flow' }));
}

/** The directory itself and those below it that hold flow files, whose handlers are beside them. */
function flowDirectories(directory: string): readonly string[] {
  return [...new Set([directory, ...flowFiles(directory).map((file) => dirname(resolve(directory, file)))])];
}

function flowFiles(directory: string): readonly string[] {
  return globSync('**/*.flow.{yaml,yml,json,ts}', {
    cwd: directory,
    exclude: (path) => basename(path) === 'node_modules' || (basename(path).startsWith('.') && path !== '.'),
  });
}
