/** One command from its words to its exit code, whoever calls it: a process, or a test in its own. */

import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { commandFrom, contextOf } from './context-of.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { explainError } from './explanation.ts';
import { createProgram } from './program/program.ts';

const VERSION = '0.1.0';

export async function callCommand(words: readonly string[], at: Pick<Context, 'terminal' | 'env' | 'cwd'>): Promise<ExitCode> {
  const { terminal, env, cwd } = at;
  let exitCode: ExitCode = exitCodes.ok;
  const program = createProgram(async (flags, work) => {
    try {
      exitCode = await work(contextOf(flags, at));
    } catch (error) {
      const explained = await explainError(error, { verbose: flags.verbose === true, command: commandFrom(cwd, env), terminal });
      terminal.err(explained.text);
      exitCode = explained.exitCode;
    }
  }, VERSION);
  for (const command of withChildren(program)) command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  return exitCode;
}

function withChildren(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withChildren)];
}
