/** From what a person names to a checked flow: a registered name, or the path of a flow file. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { coreHandlers } from '@scriptorium/engine';
import { compileFlow, formatDiagnostic } from '@scriptorium/flow';
import type { Callable, Compiled, Definition, DefinitionFile, Diagnostic } from '@scriptorium/flow';
import type { Flow, Handler, HandlerModule } from '@scriptorium/core';
import { definitionFiles } from './definition-files.ts';
import { CommandError, exitCodes } from './exit-code.ts';
import { flowOf, isModule, loadModule } from './flow-module.ts';

interface FlowSource {
  /** As it is shown in messages. */
  readonly file: string;
  readonly path: string;
  readonly modules: readonly HandlerModule[];
  /** The text of the file, or what its module made. */
  readonly definition: string | Definition;
}

export interface CompiledFlow extends FlowSource {
  /** Null when the definition has errors. */
  readonly flow: Flow | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Absolute, of every file that the definition is or should be in. */
  readonly paths: readonly string[];
  /** The diagnostics as people read them. */
  readonly texts: readonly string[];
}

/** Flows that go by a name. */
const registered: { readonly [name: string]: () => Promise<FlowSource> } = {
  books: async () => {
    const { booksFlow } = await import('@scriptorium/books');
    const { file: path, module } = booksFlow;
    return { file: basename(path), path, modules: [module], definition: await readText(path, path) };
  },
};

/** Whether the name is a flow's: registered, an existing file, or plainly meant as the path of one. */
export function isFlowName(name: string, cwd: string): boolean {
  return name in registered || /[/\\]|\.(ya?ml|json|[cm]?[jt]s)$/.test(name) || existsSync(resolve(cwd, name));
}

/** `profile` must exist; `preferred` is taken where the flow has it. */
export async function compileNamed(
  name: string,
  cwd: string,
  { profile, preferred }: { readonly profile?: string | undefined; readonly preferred?: string | undefined } = {},
): Promise<CompiledFlow> {
  const found = await findFlow(name, cwd);
  const handlers = [...coreHandlers, ...found.modules.flatMap((module) => module.handlers)];
  const callables = new Map<string, Callable>(handlers.map((handler) => [handler.name, handler]));
  const files = definitionFiles(found.file, found.path);
  const compileWith = (chosen: string | undefined): Compiled =>
    compileFlow(found.definition, { file: found.file, callables, read: files.read, ...(chosen === undefined ? {} : { profile: chosen }) });
  const tried = compileWith(profile ?? preferred);
  const absent = profile === undefined && tried.diagnostics.some(({ code }) => code === 'no_such_profile');
  const { flow, diagnostics, bases } = absent ? compileWith(undefined) : tried;
  const shown = diagnostics.map((diagnostic) => ({ ...diagnostic, file: nameOf(diagnostic.file, found, cwd) }));
  return { ...found, flow, diagnostics: shown, paths: files.paths(), texts: await textsOf(diagnostics, shown, found, bases) };
}

/** What a builder was called from goes by its path; people read it as they named it, or from here. */
function nameOf(file: string, { file: named, path }: FlowSource, cwd: string): string {
  if (file === path) return named;
  return isAbsolute(file) && file !== named ? relative(cwd, file) : file;
}

/** Each with the line that it is about, whichever file that is in. */
async function textsOf(
  diagnostics: readonly Diagnostic[],
  shown: readonly Diagnostic[],
  { file: named, definition }: FlowSource,
  bases: readonly DefinitionFile[],
): Promise<readonly string[]> {
  const sources = new Map(bases.map(({ file, source }) => [file, source]));
  sources.set(named, typeof definition === 'string' ? definition : JSON.stringify(definition, null, 2));
  for (const { file } of diagnostics) if (!sources.has(file)) sources.set(file, await readFile(file, 'utf8').catch(() => ''));
  return shown.map((diagnostic, index) => formatDiagnostic(diagnostic, sources.get(diagnostics[index]?.file ?? named) ?? ''));
}

/** The flow, or an error that lists everything wrong with its definition. Warnings go to `warn`. */
export function requireFlow({ flow, diagnostics, texts, file }: CompiledFlow, warn: (text: string) => void): Flow {
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
      `Name a registered flow (${Object.keys(registered).join(', ')}) or the path of a .flow.yaml, .flow.json or .flow.ts file.`,
    );
  }
  const beside = await modulesIn(dirname(path));
  if (!isModule(path)) return { file: name, path, modules: beside, definition: await readText(path, name) };
  const loaded = await loadModule(path, name);
  const own = Array.isArray(loaded.exports['handlers']) ? [{ url: loaded.url, handlers: loaded.exports['handlers'] as Handler[] }] : [];
  return { file: name, path, modules: [...beside, ...own], definition: flowOf(loaded, name) };
}

async function readText(path: string, name: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new CommandError(
      exitCodes.notFound,
      `cannot read ${name}: ${error instanceof Error ? error.message : String(error)}`,
      'Check the path and its permissions.',
      error,
    );
  });
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
  const { url, exports } = await loadModule(file, file);
  const { handlers } = exports;
  if (!Array.isArray(handlers))
    throw new CommandError(
      exitCodes.usage,
      `${file} exports no list \`handlers\``,
      'Export `const handlers = [defineHandler({ … })]` from it.',
    );
  return [{ url, handlers: handlers as readonly Handler[] }];
}
