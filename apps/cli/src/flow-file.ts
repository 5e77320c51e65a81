/** From what a person names to a checked flow: a registered name, or the path of a flow file. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { coreHandlers } from '@scriptorium/engine';
import { compileFlow, formatDiagnostic } from '@scriptorium/flow';
import type { Callable, Compiled, DefinitionFile, Diagnostic } from '@scriptorium/flow';
import type { Flow, Handler, HandlerModule } from '@scriptorium/core';
import { definitionFiles } from './definition-files.ts';
import { CommandError, exitCodes } from './exit-code.ts';

interface FlowSource {
  /** As it is shown in messages. */
  readonly file: string;
  readonly path: string;
  readonly modules: readonly HandlerModule[];
}

export interface CompiledFlow extends FlowSource {
  readonly source: string;
  /** Null when the definition has errors. */
  readonly flow: Flow | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The files that it extends. */
  readonly bases: readonly DefinitionFile[];
  /** Absolute, of every file that the definition is or should be in. */
  readonly paths: readonly string[];
}

/** Flows that go by a name. */
const registered: { readonly [name: string]: () => Promise<FlowSource> } = {
  books: async () => {
    const { booksFlow } = await import('@scriptorium/books');
    return { file: basename(booksFlow.file), path: booksFlow.file, modules: [booksFlow.module] };
  },
};

/** Whether the name is a flow's: registered, an existing file, or plainly meant as the path of one. */
export function isFlowName(name: string, cwd: string): boolean {
  return name in registered || /[/\\]|\.(ya?ml|json)$/.test(name) || existsSync(resolve(cwd, name));
}

/** `profile` must exist; `preferred` is taken where the flow has it. */
export async function compileNamed(
  name: string,
  cwd: string,
  { profile, preferred }: { readonly profile?: string | undefined; readonly preferred?: string | undefined } = {},
): Promise<CompiledFlow> {
  const found = await findFlow(name, cwd);
  const source = await readFile(found.path, 'utf8').catch((error: unknown) => {
    throw new CommandError(
      exitCodes.notFound,
      `cannot read ${name}: ${error instanceof Error ? error.message : String(error)}`,
      'Check the path and its permissions.',
      error,
    );
  });
  const handlers = [...coreHandlers, ...found.modules.flatMap((module) => module.handlers)];
  const callables = new Map<string, Callable>(handlers.map((handler) => [handler.name, handler]));
  const files = definitionFiles(found.file, found.path);
  const compileWith = (chosen: string | undefined): Compiled =>
    compileFlow(source, { file: found.file, callables, read: files.read, ...(chosen === undefined ? {} : { profile: chosen }) });
  const tried = compileWith(profile ?? preferred);
  const absent = profile === undefined && tried.diagnostics.some(({ code }) => code === 'no_such_profile');
  const { flow, diagnostics, bases } = absent ? compileWith(undefined) : tried;
  return { ...found, source, flow, diagnostics, bases, paths: files.paths() };
}

/** Each with the line that it is about, whichever file that is in. */
export function diagnosticTexts({ diagnostics, source, bases }: Pick<CompiledFlow, 'diagnostics' | 'source' | 'bases'>): readonly string[] {
  return diagnostics.map((diagnostic) =>
    formatDiagnostic(diagnostic, bases.find(({ file }) => file === diagnostic.file)?.source ?? source),
  );
}

/** The flow, or an error that lists everything wrong with its definition. Warnings go to `warn`. */
export function requireFlow(compiled: CompiledFlow, warn: (text: string) => void): Flow {
  const { flow, diagnostics, file } = compiled;
  const texts = diagnosticTexts(compiled);
  if (flow === null) {
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
    throw new CommandError(
      exitCodes.usage,
      `${texts.join('\n\n')}\n\n${file} has ${errors} ${errors === 1 ? 'error' : 'errors'}; nothing was started`,
      'Mend the places above, then check again with `scriptorium check`.',
    );
  }
  for (const text of texts) warn(`${text}\n`);
  return flow;
}

async function findFlow(name: string, cwd: string): Promise<FlowSource> {
  const path = resolve(cwd, name);
  const known = registered[name];
  if (known !== undefined && !name.includes('/')) return known();
  if (!existsSync(path)) {
    throw new CommandError(
      exitCodes.notFound,
      `there is no flow '${name}'`,
      `Name a registered flow (${Object.keys(registered).join(', ')}) or the path of a .flow.yaml or .flow.json file.`,
    );
  }
  return { file: name, path, modules: await modulesIn(dirname(path)) };
}

/** The modules of the flows that go by a name. */
export async function registeredModules(): Promise<readonly HandlerModule[]> {
  const flows = await Promise.all(Object.values(registered).map((load) => load()));
  return flows.flatMap(({ modules }) => modules);
}

export const handlerFiles: readonly string[] = ['handlers.ts', 'handlers.js', 'handlers.mjs'];

/** What the `handlers.ts` (or `.js`, `.mjs`) of a directory exports; nothing where there is none. */
export async function modulesIn(directory: string): Promise<readonly HandlerModule[]> {
  const file = handlerFiles.map((name) => join(directory, name)).find((candidate) => existsSync(candidate));
  if (file === undefined) return [];
  const url = pathToFileURL(file).href;
  const loaded = (await import(url)) as { readonly handlers?: unknown };
  if (!Array.isArray(loaded.handlers))
    throw new CommandError(
      exitCodes.usage,
      `${file} exports no list \`handlers\``,
      'Export `const handlers = [defineHandler({ … })]` from it.',
    );
  return [{ url, handlers: loaded.handlers as readonly Handler[] }];
}
