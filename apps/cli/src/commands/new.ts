/** `new`: a project from a template, which can be checked, run and tested at once. */

import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { putResult } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { filesOf, parametersOf, templateNamed, templates } from '../template.ts';
import type { Template } from '../template.ts';
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
  const commands = commandsOf(context, template, target);
  putResult(context, { version: 1, template: name, directory: target, parameters, files: [...files.keys()], commands }, () =>
    [
      `Made ${relative(context.cwd, target) || '.'} from the template ${name}: ${template.doc}`,
      '',
      ...commands.map((each) => `  ${each}`),
      '',
    ].join('\n'),
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

function commandsOf({ command, cwd }: Context, { run, then = [] }: Template, target: string): readonly string[] {
  const from = relative(cwd, target);
  const here = command.startsWith('.') ? relative(target, resolve(cwd, command)) : command;
  return [
    ...(from === '' ? [] : [`cd ${quoted(from)}`]),
    `${here} check ${run[0]}`,
    `${here} run ${run.map(quoted).join(' ')}`,
    ...then.map((each) => `${here} ${each}`),
    'npm test',
  ];
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
