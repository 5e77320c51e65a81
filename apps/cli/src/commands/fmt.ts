/** `fmt`: a definition as it is read best, or as YAML. */

import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatFlow, printFlow } from '@scriptorium/flow';
import { putResult } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { compileNamed, requireFlow } from '../flow-files/flow-file.ts';
import { flowOf, isModule, loadModule } from '../flow-files/flow-module.ts';

export interface FmtFlags {
  readonly yaml?: boolean;
  readonly check?: boolean;
  readonly write?: boolean;
}

export async function fmt(context: Context, name: string, flags: FmtFlags): Promise<ExitCode> {
  const path = resolve(context.cwd, name);
  if (!existsSync(path))
    throw new CommandError(exitCodes.notFound, `there is no file ${name}`, 'Name a .flow.yaml, .flow.json or .flow.ts file.');
  const source = await readFile(path, 'utf8');
  const inPlace = flags.check === true || flags.write === true;
  const becomesYaml = isModule(path) || (flags.yaml === true && source.trimStart().startsWith('{'));
  if (becomesYaml && (inPlace || flags.yaml !== true)) throw refusal(name, path);
  const text = isModule(path) ? printFlow(flowOf(await loadModule(path, name), name)) : await formatted(context, name, source, becomesYaml);
  if (!inPlace) {
    context.terminal.out(text);
    return exitCodes.ok;
  }
  const changed = text !== source;
  if (changed && flags.write === true) await writeFile(path, text);
  putResult(context, { version: 1, file: name, changed, written: changed && flags.write === true }, () => {
    if (!changed) return `${name} is formatted\n`;
    return flags.write === true
      ? `${name} was formatted\n`
      : `${name} is not formatted; \`${context.command} fmt ${name} --write\` mends it\n`;
  });
  return changed && flags.write !== true ? exitCodes.failed : exitCodes.ok;
}

/** Text that is no YAML is told like any mistake in a definition, with its place. */
async function formatted({ cwd, terminal }: Context, name: string, source: string, asYaml: boolean): Promise<string> {
  try {
    return asYaml ? printFlow(source) : formatFlow(source);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    requireFlow(await compileNamed(name, cwd), terminal.err);
    throw error;
  }
}

function refusal(name: string, path: string): CommandError {
  return isModule(path)
    ? new CommandError(exitCodes.usage, `${name} is a module, which your code formatter formats`, 'Print its flow with --yaml alone.')
    : new CommandError(
        exitCodes.usage,
        `${name} is JSON, and --yaml prints another form of it`,
        'Write it to a file of its own: fmt … --yaml > <name>.flow.yaml',
      );
}
