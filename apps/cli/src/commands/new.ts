/** `new`: a project from a template, which can be checked, run and tested at once. */

import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { putResult } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { filesOf, parametersOf, templateNamed, templates } from '../flow-files/template.ts';
import type { Template } from '../flow-files/template.ts';
import { table } from '../terminal.ts';

export interface NewFlags {
  readonly set: readonly string[];
  readonly list?: boolean;
}

const packages = fileURLToPath(new URL('../../../../node_modules/', import.meta.url));

export function create(context: Context, name: string | undefined, dir: string | undefined, { set, list }: NewFlags): ExitCode {
  if (name === undefined || list === true) return listTemplates(context);
  const template = templateNamed(name);
  const parameters = parametersOf(template, set);
  const target = resolve(context.cwd, dir ?? name);
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new CommandError(exitCodes.conflict, `${target} is not empty`, `Name another directory: \`scriptorium new ${name} <dir>\`.`);
  const files = filesOf(template, parameters);
  for (const [path, bytes] of files) put(join(target, path), bytes);
  put(
    join(target, 'package.json'),
    `${JSON.stringify({ name: basename(target), private: true, type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  );
  put(join(target, '.gitignore'), 'node_modules/\n.scriptorium/\nout/\nout_test/\n');
  linkPackages(target);
  const typed = commandsOf(context, template, target, [...files.keys()]);
  putResult(context, { version: 1, template: name, directory: target, parameters, files: [...files.keys()], ...typed }, () =>
    madeText(relative(context.cwd, target) || '.', template, typed),
  );
  return exitCodes.ok;
}

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** So that `npm test` and editors find what handlers import; the command line itself needs no links. */
function linkPackages(target: string): void {
  const [scope, node] = [join(packages, '@scriptorium'), join(packages, '.bin/node')];
  mkdirSync(join(target, 'node_modules/.bin'), { recursive: true });
  if (existsSync(scope)) symlinkSync(scope, join(target, 'node_modules/@scriptorium'), 'junction');
  if (existsSync(node) && process.platform !== 'win32') symlinkSync(node, join(target, 'node_modules/.bin/node'));
}

interface Typed {
  readonly commands: readonly string[];
  /** While the last of them runs. */
  readonly meanwhile: readonly string[];
}

function commandsOf({ command, cwd }: Context, { run, meanwhile = [] }: Template, target: string, files: readonly string[]): Typed {
  const from = relative(cwd, target);
  const here = command.startsWith('.') ? relative(target, resolve(cwd, command)) : command;
  const tests = files.some((path) => path.endsWith('.test.ts')) ? ['npm test'] : [];
  const enter = from === '' ? [] : [`cd ${quoted(from)}`];
  return {
    commands: [...enter, `${here} check ${run[0]}`, ...tests, `${here} run ${run.map(quoted).join(' ')}`],
    meanwhile: meanwhile.length === 0 ? [] : [...enter, ...meanwhile.map((each) => `${here} ${each}`)],
  };
}

function madeText(where: string, { name, doc }: Template, { commands, meanwhile }: Typed): string {
  const lines = (all: readonly string[]): readonly string[] => all.map((each) => `  ${each}`);
  const rest = meanwhile.length === 0 ? [] : ['', 'and while it waits, from another terminal:', '', ...lines(meanwhile)];
  return [`Made ${where} from the template ${name}: ${doc}`, '', ...lines(commands), ...rest, ''].join('\n');
}

/** For a shell. */
function quoted(word: string): string {
  return /^[\w./:=,@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function listTemplates(context: Context): ExitCode {
  const all = templates();
  putResult(context, { version: 1, templates: all }, () => all.map(templateText).join('\n'));
  return exitCodes.ok;
}

function templateText({ name, doc, parameters }: Template): string {
  const rows = Object.entries(parameters).map(([key, { sets: _, description, default: fallback, ...schema }]) => [
    key,
    typeText(schema),
    JSON.stringify(fallback),
    description,
  ]);
  return `${name}: ${doc}\n${rows.length === 0 ? '' : table(rows, '  ')}`;
}

function typeText(schema: { readonly [key: string]: unknown }): string {
  const { type, ...bounds } = schema;
  const more = Object.entries(bounds).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  return [String(type ?? 'any'), ...more].join(', ');
}
