/** From what a person names to a checked flow: a registered name, or the path of a flow file. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { agentModule, offlineModel } from '@scriptorium/agents';
import { coreHandlers } from '@scriptorium/engine';
import { compileFlow, formatDiagnostic } from '@scriptorium/flow';
import type { Callable, Compiled, Definition, DefinitionFile, Diagnostic } from '@scriptorium/flow';
import type { CalledFlows, Flow, Handler, HandlerModule } from '@scriptorium/core';
import { definitionFiles, neighbourFiles } from './definition-files.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
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
  /** The flows that it calls, and those that they call. */
  readonly called: CalledFlows;
  /** Absolute, of every file that the definition or a flow that it calls is or should be in. */
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
  stories: async () => {
    const { storiesFlow } = await import('@scriptorium/stories');
    const { file: path, module } = storiesFlow;
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
  const files = definitionFiles();
  files.name(found.file, found.path);
  let around: readonly FlowSource[] = [];
  const compileWith = (chosen: string | undefined): Compiled =>
    compileFlow(found.definition, {
      file: found.file,
      callables: callablesOf(found),
      read: files.read,
      flows: around.map((other) => ({ file: other.file, source: other.definition, callables: callablesOf(other) })),
      ...(chosen === undefined ? {} : { profile: chosen }),
    });
  const compilePreferred = (): Compiled => {
    const tried = compileWith(profile ?? preferred);
    const absent = profile === undefined && tried.diagnostics.some(({ code }) => code === 'no_such_profile');
    return absent ? compileWith(undefined) : tried;
  };
  let compiled = compilePreferred();
  // Only a step that calls what is no handler, or sends messages, makes other files worth a look.
  if (compiled.diagnostics.some(({ code }) => code === 'no_such_handler' || code === 'no_such_flow') || sends(found)) {
    around = await sourcesAround(found);
    for (const { file, path } of around) files.name(file, path);
    compiled = compilePreferred();
  }
  const { flow, diagnostics, bases, called, calledFiles } = compiled;
  const shown = diagnostics.map((diagnostic) => ({ ...diagnostic, file: nameOf(diagnostic.file, found, cwd) }));
  const modules = [found, ...around.filter(({ file }) => calledFiles.includes(file))].flatMap((source) => source.modules);
  const paths = [...new Set([...calledFiles.flatMap((file) => files.pathOf(file) ?? []), ...files.extended()])];
  return { ...found, flow, called, modules, diagnostics: shown, paths, texts: await textsOf(diagnostics, shown, found, bases) };
}

function sends({ definition }: FlowSource): boolean {
  return /\bcore\/(send|request)\b/.test(typeof definition === 'string' ? definition : JSON.stringify(definition));
}

/** Their contracts: what stands behind the names of models is for the engine to know. */
const agentHandlers = agentModule({ env: {}, models: {}, own: [offlineModel] }).handlers;

function callablesOf({ modules }: FlowSource): ReadonlyMap<string, Callable> {
  const handlers = [...coreHandlers, ...agentHandlers, ...modules.flatMap((module) => module.handlers)];
  return new Map(handlers.map((handler) => [handler.name, handler]));
}

/** The flows that a step may call: those that go by a name, and those in the files around. */
async function sourcesAround(found: FlowSource): Promise<readonly FlowSource[]> {
  const known = await Promise.all(
    Object.entries(registered).map(async ([name, load]): Promise<FlowSource> => ({ ...(await load()), file: name })),
  );
  const directory = dirname(found.path);
  const files = await Promise.all(
    neighbourFiles(found.path).map((path) => readFlow(path, join(dirname(found.file), relative(directory, path))).catch(() => null)),
  );
  return [...known.filter(({ path }) => path !== found.path), ...files.filter((file) => file !== null)];
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
  return readFlow(path, name);
}

/** The flow in a file, which goes by `name` in messages, with the handlers beside it. */
async function readFlow(path: string, name: string): Promise<FlowSource> {
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
